"""Extraction: a file is read by a program of its own, which is killed where it takes too long or says too much."""

import asyncio
import logging
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.extract.found import MAX_BODY, MAX_PDF, Found, Reason, Unread, load
from bot.process.child import KNOWN, running
from bot.work.attachments.death import cause
from bot.work.attachments.sound import sound_of
from providers.care.turns import Turns

log = logging.getLogger(__name__)

AT_ONCE = 2  # programs
WALL_S = 35.0  # it ends itself after 30,
ENOUGH_S = 24.0  # and is told before that what it has is enough: on a busy machine its own time lasts longer
HEAD = 4 << 10  # bytes that it may say before what it found
CHUNK = 64 << 10
PROGRAM = (sys.executable, "-m", "bot.extract")


class Extraction:
    """Reads files, two at a time, of one person one."""

    def __init__(self, program: Sequence[str] = PROGRAM, *, enough_s: float = ENOUGH_S) -> None:
        self._program = program
        self._enough_s = enough_s
        self._turns = Turns(AT_ONCE, each=1)

    async def read(self, file: Path, name: str, *, of: int = 0) -> Found:
        """Return what a model can be sent of a file; `of`: whose it is. Raises Unread."""
        async with self._turns.place(of):
            try:
                with file.open("rb") as content:
                    async with running((*self._program, name[-64:].replace("\0", "")), KNOWN, stdin=content) as child:
                        said = await self._said(child)
            except TimeoutError:
                raise Unread(Reason.TOO_SLOW) from None
            except OSError:
                raise Unread(Reason.NO_ROOM) from None  # no process, no memory, no file handle
        if child.returncode:  # what it has said may be a part of it
            log.warning("file reader ended code=%s", child.returncode)
            raise Unread(cause(child.returncode))
        return await asyncio.to_thread(load, said)

    async def _said(self, child: Process) -> bytes:
        """Return what the program says, all of it in time. Raises Unread, TimeoutError."""
        enough = asyncio.get_running_loop().call_later(self._enough_s, _say_enough, child)
        try:
            async with asyncio.timeout(WALL_S):
                said = await _read(child)
                await child.wait()
                return said
        finally:
            enough.cancel()


def recording(file: Path, *, is_film: bool) -> Found:
    """Return a recording as it is. Raises Unread, OSError."""
    data = file.read_bytes()
    return Found(sound_of(data, is_film=is_film).media_type, data)


def _say_enough(child: Process) -> None:
    with suppress(ProcessLookupError):
        child.send_signal(signal.SIGPROF)  # as its `clockwork` has it


async def _read(child: Process) -> bytes:
    """Return what the program says. Raises Unread where that is too much."""
    said = bytearray()
    while child.stdout and (piece := await child.stdout.read(CHUNK)):
        said += piece
        if len(said) > MAX_BODY + MAX_PDF + HEAD:
            raise Unread(Reason.TOO_LARGE)
    return bytes(said)
