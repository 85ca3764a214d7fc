"""Apart: work on strangers' words is done by a program of its own, which knows no secret and is killed in time."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from bot.process.child import end
from bot.tools.offer import CallFailed

AT_ONCE = 2  # programs
CHUNK = 64 << 10
MAX_SAID = 2 << 20  # bytes
NO_EXTRA = 3  # the exit code of a program that lacks its package

_ROOT = Path(__file__).parents[2]


class Apart:
    """Runs programs of this folder, two at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, program: str, given: bytes, **env: str) -> str:
        """Return what a program says to what it is given. Raises CallFailed; given up, it is killed."""
        async with self._places:
            try:
                child = await _started(program, env)
            except OSError:
                raise CallFailed("There is no room to work on it now.", is_known=True) from None
            try:
                writing = asyncio.ensure_future(_write(child, given))
                try:
                    said = await _said(child)
                finally:
                    writing.cancel()
                    await asyncio.wait({writing})
                code = await child.wait()
            finally:
                await end(child)
        if code == NO_EXTRA:
            raise CallFailed("The extra `web` is not installed: pip install 'deltagram[web]'", is_known=True)
        if code:
            raise CallFailed(said.strip()[:300] or "It could not be read.", is_known=True)
        return said


async def _started(program: str, env: dict[str, str]) -> Process:
    known = {"PYTHONPATH": os.pathsep.join([str(_ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"bot.tools.{program}"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=known | env,
        cwd="/",
    )


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
