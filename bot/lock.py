"""One running bot per database."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(Exception):
    """Another bot runs on this database; `pid` is its process."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"another bot runs on this database, process {pid or 'unknown'}")
        self.pid = pid


@contextmanager
def lock(database: Path) -> Iterator[None]:
    """Hold FILE.lock beside the database, with our process id in it; the kernel lets go of it if we die.

    Raises Locked, OSError.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Locked(file.read(20).strip()) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
