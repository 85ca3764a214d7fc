"""The counting MCP server over HTTP, for who has the key."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def serving(file: Path) -> AsyncIterator[str]:
    """Serve it in a process of its own; give its address."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("counting_http.py")), str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert child.stdout
        async with asyncio.timeout(60):
            port = int(await child.stdout.readline())
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        child.kill()
        await child.communicate()  # to the end of its pipe: one left open is told of in another test
