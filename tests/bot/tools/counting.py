"""An MCP server that counts its calls in a file, and misbehaves where it is asked to; `python counting.py FILE`."""

import os
import sys
import time
from pathlib import Path

from mcp.server import MCPServer

FILE = Path(sys.argv[1]) if len(sys.argv) > 1 else None
server = MCPServer("counting")


@server.tool()
def count(what: str) -> str:
    """Count something."""
    if FILE:
        with FILE.open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")
    return f"counted {what}"


@server.tool()
def environment() -> str:
    """Tell the environment."""
    return " ".join(sorted(os.environ))


@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("no such thing")


@server.tool()
def hang(what: str) -> str:
    """Count, and give no answer."""
    count(what)
    time.sleep(3_600)
    return "late"


@server.tool()
def wait(seconds: float) -> str:
    """Take its time."""
    time.sleep(seconds)
    return "waited"


@server.tool()
def die(what: str) -> str:
    """Count, and end."""
    count(what)
    os._exit(1)


@server.tool()
def flood(megabytes: int) -> str:
    """Say much."""
    return "x" * (megabytes << 20)


if __name__ == "__main__":
    server.run()
