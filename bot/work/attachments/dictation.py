"""Dictation: recordings are written down on this machine, by a program that is killed where it takes too long."""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

from bot.extract.found import Reason, Unread
from bot.process.child import KNOWN, running
from bot.work.attachments.death import cause
from bot.work.attachments.sound import seconds_of
from providers.care.turns import Turns

log = logging.getLogger(__name__)

ID = "this machine"
BASE_S = 60.0  # to load the model, beside what the recording takes
TIMES = 3.0  # as long as the recording lasts
SHORT_S = 120.0  # lasts what people say to each other; it is believed, since its program is ended soon after
UNKNOWN_S = 600.0  # for one of which nobody knows how long it is
MOST_S = 1_800.0
LEAST_RATE = 500  # bytes for a second of what people say; Opus begins at 750
MAX_SAID = 2 << 20  # bytes
NO_EXTRA = "no extra"
PROGRAM = (sys.executable, "-m", "bot.extract.dictation")


class Dictation:
    """Writes recordings down one after the other, by the model in a folder; short ones do not wait for long ones."""

    def __init__(
        self, folder: Path, *, program: Sequence[str] = PROGRAM, base_s: float = BASE_S, times: float = TIMES
    ) -> None:
        self._command = (*program, str(folder.expanduser().absolute()))
        self._base_s = base_s
        self._times = times
        self._turns, self._short_turns = Turns(1), Turns(1)

    async def write_down(self, data: bytes, *, of: int = 0) -> str:
        """Return what is said in a recording; `of`: whose it is. Raises Unread."""
        lasts_s = _lasts_s(data)
        turns = self._short_turns if lasts_s is not None and lasts_s <= SHORT_S else self._turns
        async with turns.place(of):
            try:
                async with running(
                    self._command, {**KNOWN, "HF_HUB_OFFLINE": "1", "PATH": os.defpath}, own_group=True
                ) as child:
                    async with asyncio.timeout(self._limit_s(data)):
                        said = await _said(child, data)
            except TimeoutError:
                raise Unread(Reason.TOO_SLOW) from None
            except OSError:
                raise Unread(Reason.NO_ROOM) from None  # no process, no memory, no file handle
        if child.returncode:
            log.warning("recording writer ended code=%s", child.returncode)
            raise Unread(cause(child.returncode))
        return _words(said)

    def _limit_s(self, data: bytes) -> float:
        """Return how long a recording may take."""
        if (lasts_s := _lasts_s(data)) is None:
            return min(UNKNOWN_S, self._base_s + self._times * len(data) / LEAST_RATE)
        return min(MOST_S, self._base_s + self._times * lasts_s)


def _lasts_s(data: bytes) -> float | None:
    """Return how long a recording lasts, where it says so; that is not believed beyond its size."""
    told_s = seconds_of(data)
    return None if told_s is None else min(told_s, len(data) / LEAST_RATE)


async def _said(child: Process, data: bytes) -> bytes:
    """Give the program the recording, return what it says of it. Raises Unread where that does not end."""
    told = asyncio.ensure_future(_tell(child, data))
    said = bytearray()
    try:
        while child.stdout and (piece := await child.stdout.read(1 << 16)):
            said += piece
            if len(said) > MAX_SAID:
                raise Unread(Reason.NOT_HEARD)
        await child.wait()
    finally:
        told.cancel()
        await asyncio.gather(told, return_exceptions=True)
    return bytes(said)


async def _tell(child: Process, data: bytes) -> None:
    if child.stdin:
        child.stdin.write(data)
        await child.stdin.drain()
        child.stdin.close()


def _words(said: bytes) -> str:
    try:
        found = json.loads(said)
    except ValueError:
        raise Unread(Reason.NOT_HEARD) from None
    text = found.get("text") if isinstance(found, dict) else None
    if isinstance(text, str):
        return text.replace("\0", "")
    log.warning("recording not written down here: %s", found.get("error") if isinstance(found, dict) else "no words")
    is_missing = isinstance(found, dict) and found.get("reason") == NO_EXTRA
    raise Unread(Reason.DEAF if is_missing else Reason.NOT_HEARD)
