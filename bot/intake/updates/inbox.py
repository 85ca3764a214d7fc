"""Inbox: updates that Telegram was told are stored, in a file beside the database until they are in it.

To put an update among the rows takes many of them, and a turn among all others who write there. Telegram is to have its
answer within some milliseconds; so what it posts is appended here, and is safe on the disk by one call for all that
came meanwhile. What is in the rows is cut off: as a rule the file is empty. What a process left there when it died its
successor takes first, by webhook or not; what is in the rows by then is known and passed over.

The file holds what people wrote: it is for our user only.
"""

import asyncio
import json
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.settings import ConfigurationError

log = logging.getLogger(__name__)

MINE = 0o600
MOST_BYTES = 64 << 20  # beyond that nothing is kept before all is in the rows, and the file begins anew


class Inbox:
    """Keeps updates, a line of JSON each; `recall` first."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None
        self._size = 0
        self._open = 0  # updates in the file that are not in the rows
        self._empty = asyncio.Event()
        self._empty.set()
        self._thread = ThreadPoolExecutor(1, "inbox")  # the others may all wait for a name server

    def recall(self) -> list[object]:
        """Return what a former process left, oldest first. Raises ConfigurationError where that cannot be read."""
        try:
            content = self._content()
        except OSError as error:
            expected = f"a place whose files can be read and written ({error.strerror})"
            raise ConfigurationError("DATABASE_URL", str(error.filename or self._file), expected) from error
        self._size = content.rfind(b"\n") + 1  # a line that was cut by a kill was never confirmed, and comes again
        left = _read(content[: self._size])
        self._open = len(left)
        if left:
            self._empty.clear()
        else:
            self._begin_anew()
        return left

    def _content(self) -> bytes:
        if not self._file.exists():
            return b""
        descriptor = self._opened()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)

    async def keep(self, updates: Sequence[object]) -> None:
        """Have some updates on the disk. Raises OSError where that cannot be; nothing of them is there then."""
        if self._size > MOST_BYTES:
            await self._empty.wait()
        lines = "".join(f"{json.dumps(update)}\n" for update in updates).encode()
        self._empty.clear()
        self._open += len(updates)
        try:
            await self._apart(lambda: self._append(lines))
        except OSError:
            self.taken(len(updates))
            raise

    def taken(self, count: int) -> None:
        """Note that so many updates are in the rows, or not in the file after all."""
        self._open -= count
        if not self._open:
            self._begin_anew()
            self._empty.set()

    def close(self) -> None:
        """Close the file, once nothing writes there any more."""
        self._thread.shutdown()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    async def _apart(self, work: Callable[[], None]) -> None:
        """Do what waits for the disk in a thread, to its end though the caller is cancelled."""
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))

    def _append(self, lines: bytes) -> None:
        descriptor, at = self._opened(), self._size
        try:
            while lines:
                written = os.pwrite(descriptor, lines, at)
                at, lines = at + written, lines[written:]
            os.fdatasync(descriptor)
        except OSError:
            os.ftruncate(descriptor, self._size)
            raise
        self._size = at

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MINE)
            _sync_name(self._file.parent)
        return self._descriptor

    def _begin_anew(self) -> None:
        """Cut off what is in the rows; that need not reach the disk: what is found again is known."""
        if self._descriptor is not None and self._size:
            os.ftruncate(self._descriptor, 0)
        self._size = 0


def _sync_name(folder: Path) -> None:
    """Have a new file's name on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(content: bytes) -> list[object]:
    """Return the updates of some lines; one that a power failure has spoilt was never confirmed, and comes again."""
    found: list[object] = []
    for line in content.splitlines():
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return found
