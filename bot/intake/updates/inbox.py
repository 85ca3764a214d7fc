"""Inbox: updates that Telegram was told are stored, in a file beside the database until they are in it.

To put an update among the rows takes many of them, and a turn among all others who write there. Telegram is to have its
answer within some milliseconds; so what it posts is appended here, and is safe on the disk by one call for all that
came meanwhile. What is in the rows is written over with zeros: as a rule the file holds nothing else. Where posts come
so fast that something is always open, that is written anew now and then, so that nobody waits for the last one. What a
process left there when it died its successor takes first, by webhook or not; what is in the rows by then is known and
passed over.

The file keeps its length, since to grow or to shrink takes a commit of the file system's own journal, behind what
SQLite writes. So a line may come to stand where an older one was, and begins with its own checksum.

The file holds what people wrote: it is for our user only. A thread of its own touches it, for each call may wait for
the disk; it ends what it does though who asked for it is gone.
"""

import asyncio
import json
import logging
import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from bot.settings import ConfigurationError

log = logging.getLogger(__name__)

MINE = 0o600
MOST_BYTES = 8 << 20  # of lines that are in the rows: beyond that, those that are not are written anew
ROOM = 64 << 10  # bytes that the file is long, or longer


class Inbox:
    """Keeps updates, a line each of a checksum and JSON; `recall` first."""

    def __init__(self, file: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._file = file
        self._next = file.with_name(f"{file.name}.new")
        self._most_bytes = most_bytes
        self._descriptor: int | None = None
        self._has_room = False  # on the disk, and its name too
        self._size = 0  # up to the end of the last line
        self._passed = 0  # bytes at its beginning that are in the rows
        self._open: deque[int] = deque()  # bytes of each update that is not, oldest first
        self._thread = ThreadPoolExecutor(1, "inbox")  # the others may all wait for a name server

    def recall(self) -> list[object]:
        """Return what a former process left, oldest first. Raises ConfigurationError where that cannot be read."""
        try:
            self._next.unlink(missing_ok=True)
            content = self._content()
            self._size = content.rfind(b"\n") + 1  # a line that was cut by a kill was never confirmed, and comes again
            left = _read(content[: self._size])
            self._open.extend(size for size, _ in left)
            if self._descriptor is not None:
                _blank(self._descriptor, self._size, len(content))
            if not left:
                self._cut(self._size)
        except OSError as error:
            expected = f"a place whose files can be read and written ({error.strerror})"
            raise ConfigurationError("DATABASE_URL", str(error.filename or self._file), expected) from error
        return [update for _, update in left]

    def _content(self) -> bytes:
        if not self._file.exists():
            return b""
        descriptor = self._opened()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)

    def keep(self, updates: Sequence[object]) -> asyncio.Future[None]:
        """Have some updates on the disk; the future raises OSError where that cannot be: nothing of them is there then.

        They go there at once, and are open from the instant at which the future is done.
        """
        lines = [_line(update) for update in updates]
        loop = asyncio.get_running_loop()
        kept = loop.create_future()

        def end(error: Exception | None) -> None:
            if error is None:
                self._open.extend(map(len, lines))
            if kept.done():  # who waited has gone
                return
            if error is None:
                kept.set_result(None)
            else:
                kept.set_exception(error)

        def append() -> None:
            try:
                self._append(b"".join(lines))
            except Exception as error:  # noqa: BLE001  # whatever it is, who waits for it is told
                loop.call_soon_threadsafe(end, error)
            else:
                loop.call_soon_threadsafe(end, None)

        self._thread.submit(append)
        return kept

    def taken(self, count: int) -> None:
        """Note that so many updates, the oldest ones, are in the rows."""
        done = sum(self._open.popleft() for _ in range(count))
        self._thread.submit(self._cut, done)

    def close(self) -> None:
        """Close the file, once nothing writes there any more."""
        self._thread.shutdown()
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)  # its room is for a process that runs
            os.close(self._descriptor)
            self._descriptor = None

    def _append(self, lines: bytes) -> None:
        descriptor = self._opened()
        try:
            if not self._has_room:
                size = os.fstat(descriptor).st_size
                _write(descriptor, bytes(max(0, ROOM - size)), size)
            _write(descriptor, lines, self._size)
            os.fdatasync(descriptor)
            if not self._has_room:
                _sync_name(self._file.parent)
                self._has_room = True
        except OSError:
            self._has_room = False
            os.ftruncate(descriptor, self._size)
            raise
        self._size += len(lines)

    def _cut(self, done: int) -> None:
        """Write over what is in the rows; that need not reach the disk: what is found again is known.

        Where something else is there, and little beside what is in the rows, it is put into a file that takes this
        one's place: in the same one, a kill could leave half of one update joined to half of another. Where the disk
        refuses that, the next call comes to it.
        """
        self._passed += done
        left = self._size - self._passed
        if self._descriptor is None or not self._size or (left and self._passed < max(self._most_bytes, left)):
            return
        if left:
            self._move(self._descriptor, left)
        else:
            _blank(self._descriptor, 0, self._size)
            self._size = self._passed = 0

    def _move(self, former: int, left: int) -> None:
        descriptor = os.open(self._next, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MINE)
        try:
            _write(descriptor, os.pread(former, left, self._passed), 0)
            os.fdatasync(descriptor)
            self._next.replace(self._file)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor, self._has_room = descriptor, False
        self._size, self._passed = left, 0
        os.close(former)

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MINE)
        return self._descriptor


def _line(update: object) -> bytes:
    text = f"{json.dumps(update)}\n".encode()
    return b"%08x %b" % (crc32(text), text)


def _write(descriptor: int, content: bytes, at: int) -> None:
    while content:
        written = os.pwrite(descriptor, content, at)
        at, content = at + written, content[written:]


def _blank(descriptor: int, begin: int, end: int) -> None:
    """Leave nothing between two places, behind which nothing is."""
    _write(descriptor, bytes(max(0, min(end, ROOM) - begin)), begin)
    if end > ROOM:
        os.ftruncate(descriptor, max(begin, ROOM))


def _sync_name(folder: Path) -> None:
    """Have a new file's name on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(content: bytes) -> list[tuple[int, object]]:
    """Return the updates of some lines, each with the bytes up to its end from that of the one before.

    One that a power failure has spoilt was never confirmed, and comes again; its bytes count for another one. Earlier
    versions wrote JSON alone.
    """
    found: list[tuple[int, object]] = []
    begun = at = 0
    for line in content.splitlines(keepends=True):
        at += len(line)
        sum_, _, text = (b"", b"", line) if line.startswith((b"{", b"[")) else line.partition(b" ")
        try:
            if sum_ and int(sum_, 16) != crc32(text):
                continue
            found.append((at - begun, json.loads(text)))
        except (ValueError, RecursionError):
            continue
        begun = at
    if found and begun < at:
        size, last = found.pop()
        found.append((size + at - begun, last))
    return found
