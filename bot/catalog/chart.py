"""Chart: how the providers fared, in a file beside the database, so that the next process knows whom to leave alone.

Written a few seconds after a change, without waiting for the disk: what a power cut takes is learned again.
"""

import asyncio
import json
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

from bot.clock import Clock
from providers.care.health import Health

WRITE_S = 5.0
MOST = 4 * 1024 * 1024  # bytes that are read

log = logging.getLogger(__name__)


class Chart:
    """Keeps a `Health` in a file, None: in none."""

    def __init__(self, file: Path | None, health: Health, clock: Clock) -> None:
        self._file = file
        self._health = health
        self._clock = clock
        self._written = health.changes
        self._writing = threading.Lock()
        self._failures = 0
        self._told_at = 1  # of the failures; ten times as many each time: the disk may be full for days

    def recall(self) -> None:
        """Take what a former process wrote; a file that cannot be read is none."""
        if said := read(self._file):
            self._health.take(said)

    async def run(self) -> None:
        """Write what has changed, for ever, and at the end."""
        try:
            while True:
                await self._clock.sleep(WRITE_S)
                if new := self._changed():
                    await asyncio.to_thread(self._put, *new)
        finally:
            self.write()

    def write(self) -> None:
        """Write if anything has changed."""
        if new := self._changed():
            self._put(*new)

    def _changed(self) -> tuple[Path, int, object] | None:
        """Return the file, the changes and all that is to stand there, None where it does; it grows meanwhile."""
        changes = self._health.changes
        if self._file is None or changes == self._written:
            return None
        return self._file, changes, self._health.to_json()

    def _put(self, path: Path, changes: int, said: object) -> None:
        """Write it, one writer after the other: a thread may be at it when the bot ends."""
        new = path.with_name(f"{path.name}.{os.getpid()}.new")  # other processes may keep theirs in the same folder
        try:
            with self._writing:
                with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                    json.dump(said, file)
                new.replace(path)
        except OSError as error:
            self._failed(error)
        else:
            self._written = changes
            self._failures, self._told_at = 0, 1

    def _failed(self, error: OSError) -> None:
        self._failures += 1
        if self._failures >= self._told_at:
            self._told_at *= 10
            log.warning("health not written error=%s", error.strerror or error)


def read(file: Path | None) -> object:
    """Return what a file of this kind says, None where there is none, or none that can be read."""
    with suppress(OSError, ValueError, RecursionError):
        if file is not None and file.stat().st_size <= MOST:
            return json.loads(file.read_text(encoding="utf-8"))
    return None
