"""Ledger: which calls were made of late, in a file beside the database, so that budgets outlive the process.

A call is written down before it is made, and nothing waits for the disk: what was written survives a kill, and after a
power failure the machine takes longer to start than a budget to fill. Without the file, or where it cannot be written,
a new process believes that nothing was called.

Where the bot is handed on to another process, its owner leaves the same beside the lease (`left`), in seconds before.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from struct import Struct

from bot.clock import Clock
from bot.delivery.budget.noted import NOTED_S, Kind, Noted

log = logging.getLogger(__name__)

RECORD = Struct("<dqB")  # Unix seconds, Telegram's chat id, kind
MOST = 50_000  # records in the file, before old ones are cleared away


class Ledger:
    """Notes calls; `recall` first."""

    def __init__(self, file: Path | None, clock: Clock, *, left: bytes | None = None, ago_s: float = 0.0) -> None:
        self._file = file
        self._left = left
        self._ago_s = ago_s
        self._clock = clock
        self._descriptor: int | None = None
        self._size = 0

    def recall(self) -> list[Noted]:
        """Return what was noted of late, also by earlier processes, and forget what is older."""
        if self._file is None:
            return []
        try:
            self.close()
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            entries = self._lately() if self._left is None else self._unpacked(self._left)
            self._left = None
            self._rewrite(entries)
        except OSError as error:
            log.warning("calls are not noted file=%s error=%s", self._file, error.strerror)
            self.close()
            return []
        return entries

    @property
    def is_recalled(self) -> bool:
        """Whether the file holds all that is known."""
        return self._descriptor is not None

    def note(self, kind: Kind, chat_id: int, in_s: float | None = None) -> None:
        """Write down a call that is made now, or what will be in so many seconds."""
        if self._descriptor is None:
            return
        record = RECORD.pack(self._clock.wall() + (in_s or 0.0), chat_id, kind)
        try:
            if os.pwrite(self._descriptor, record, self._size) == len(record):
                self._size += len(record)
        except OSError:  # a full disk: the database says so
            return
        if self._size >= MOST * RECORD.size:
            self.recall()

    def left(self) -> bytes | None:
        """Return what was noted of late, for the next owner; None where it is not known."""
        if self._descriptor is None:
            return None
        wall = self._clock.wall()
        return b"".join(RECORD.pack(each.at - wall, each.chat_id, each.kind) for each in self._lately())

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lately(self) -> list[Noted]:
        """Read the file, whatever is in it."""
        if self._descriptor is None:
            return []
        return self._read(os.pread(self._descriptor, os.fstat(self._descriptor).st_size, 0), 0.0)

    def _unpacked(self, left: bytes) -> list[Noted]:
        """Read what a former owner has left."""
        return self._read(left, self._clock.wall() - self._ago_s)

    def _read(self, content: bytes, since: float) -> list[Noted]:
        """Read records whose times count from one in Unix seconds."""
        whole = content[: len(content) - len(content) % RECORD.size]
        kinds = {kind.value: kind for kind in Kind}
        noted = [Noted(kinds[kind], chat, since + at) for at, chat, kind in RECORD.iter_unpack(whole) if kind in kinds]
        return [each for each in noted if each.at >= self._clock.wall() - NOTED_S]

    def _rewrite(self, entries: Sequence[Noted]) -> None:
        """Keep these alone. What is cut off by a kill right here is lost."""
        if self._descriptor is None:
            return
        content = b"".join(RECORD.pack(entry.at, entry.chat_id, entry.kind) for entry in entries)
        self._size = os.pwrite(self._descriptor, content, 0)
        os.ftruncate(self._descriptor, self._size)
