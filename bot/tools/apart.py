"""Apart: work on strangers' words is done by a program of its own, which knows no secret and is killed in time."""

import asyncio
import sys
from asyncio.subprocess import Process

from bot.process.child import KNOWN, running
from bot.tools.offer import CallFailed

AT_ONCE = 2  # programs
CHUNK = 64 << 10
MAX_SAID = 2 << 20  # bytes
NO_EXTRA = 3  # the exit code of a program that lacks its package


class Apart:
    """Runs programs of this folder, two at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, program: str, given: bytes, **env: str) -> str:
        """Return what a program says to what it is given. Raises CallFailed; given up, it is killed."""
        async with self._places:
            try:
                async with running(
                    [sys.executable, "-m", f"bot.tools.{program}"], {**KNOWN, "HOME": "/", **env}
                ) as child:
                    writing = asyncio.ensure_future(_write(child, given))
                    try:
                        said = await _said(child)
                    finally:
                        writing.cancel()
                        await asyncio.wait({writing})
                    code = await child.wait()
            except OSError:
                raise CallFailed("There is no room to work on it now.", is_known=True) from None
        if code == NO_EXTRA:
            raise CallFailed("The extra `web` is not installed: pip install 'deltagram[web]'", is_known=True)
        if code:
            raise CallFailed(said.strip()[:300] or "It could not be read.", is_known=True)
        return said


async def _write(child: Process, given: bytes) -> None:
    if child.stdin:
        try:
            child.stdin.write(given)
            await child.stdin.drain()
        except ConnectionError:  # it has ended, and says why
            return
        finally:
            child.stdin.close()


async def _said(child: Process) -> str:
    said = bytearray()
    while child.stdout and (piece := await child.stdout.read(CHUNK)):
        said += piece
        if len(said) > MAX_SAID:
            raise CallFailed("It is too much.", is_known=True)
    return said.decode("utf-8", "replace")
