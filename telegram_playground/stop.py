"""Stop: what SIGINT and SIGTERM do to the programs of this package."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from types import FrameType


def stopped() -> asyncio.Event:
    """Return what the first signal sets; a second one ends the process at once: nothing here outlives it.

    The event loop's own handlers would end with it, and a signal after that would be a traceback.
    """
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1 or loop.is_closed():
            end(0)
        loop.call_soon_threadsafe(event.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return event


def end(code: int) -> None:
    """End the process: what the interpreter would tidy up is not worth the traceback of a late signal."""
    with suppress(OSError, RuntimeError, ValueError):  # nobody listens, or it is being written just now
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
