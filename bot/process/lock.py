"""One running bot per database.

Two locks, which the kernel lets go of if we die. FILE.lock beside the database holds our process id. On Linux the
database itself is locked too, so that it does not matter by which path it is reached (a symbolic or hard link, a mount)
and whether FILE.lock was removed. There flock is another lock than the ones of SQLite; elsewhere the two get in each
other's way. The descriptor is closed after SQLite's own: closing it earlier would drop those.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

MINE = 0o600
LOCKS_THE_FILE = sys.platform == "linux"
LOCKS = Path("/proc/locks")


class Locked(Exception):
    """Another bot runs on this database; `pid` is its process."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"another bot runs on this database, process {pid or 'unknown'}")
        self.pid = pid


@contextmanager
def lock(database: Path) -> Iterator[None]:
    """Hold the database; make it where there is none, for our user only. Raises Locked, OSError."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        beside = _open(stack, database.parent / f"{database.name}.lock")
        try:
            fcntl.flock(beside, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(os.pread(beside, 20, 0).decode(errors="replace").strip()) from None
        itself = _open(stack, database)
        if LOCKS_THE_FILE:
            try:
                fcntl.flock(itself, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Locked(_holder(itself)) from None
        os.ftruncate(beside, 0)
        os.pwrite(beside, str(os.getpid()).encode(), 0)
        yield


def holder(database: Path) -> str:
    """Return the process whose bot runs on a database, "" where there is none or it is not known; locks nothing."""
    try:
        descriptor = os.open(database.parent / f"{database.name}.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return _holder(descriptor)
    finally:
        os.close(descriptor)


def _open(stack: ExitStack, file: Path) -> int:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MINE)
    stack.callback(os.close, descriptor)
    return descriptor


def _holder(descriptor: int) -> str:
    """Return the process that holds a file's flock, "" where that cannot be known (proc_locks(5))."""
    found = os.fstat(descriptor)
    name = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    try:
        lines = LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    fields = (line.split() for line in lines)
    return next((each[4] for each in fields if each[1:2] == ["FLOCK"] and each[5:6] == [name]), "")
