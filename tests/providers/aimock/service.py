"""aimock as a service: a program that nobody here wrote (node)."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules/@copilotkit/aimock/dist/cli.js"
IS_THERE = shutil.which("node") is not None and PROGRAM.exists()
START_S = 60
MISSING = "aimock is not installed (.ci/run)"


@asynccontextmanager
async def aimock() -> AsyncIterator[str]:
    """Run it; give its address."""
    program = await asyncio.create_subprocess_exec(
        *("node", PROGRAM, "-p", "0", "-f", HERE / "fixtures.json", "--log-level", "info"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert program.stdout is not None
        async with asyncio.timeout(START_S):
            url = await _listening(program.stdout)
        yield url
    finally:
        program.kill()
        await program.wait()


async def _listening(said: asyncio.StreamReader) -> str:
    """Return the address that a program says it listens on."""
    async for line in said:
        if found := re.search(rb"listening on (http://\S+)", line):
            return found[1].decode()
    raise AssertionError("it ended before it listened")
