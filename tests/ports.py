"""Ports: numbers for servers that must know theirs before they listen."""

import random
import socket
from contextlib import suppress

# Where nobody is given a port by the system (Linux gives 32768 to 60999, others more): one that is free stays so.
OURS = range(18_000, 30_000)


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    while True:
        port = random.choice(OURS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
