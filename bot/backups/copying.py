"""Copying: a database becomes a file, as it is at one moment, while a bot may be writing; all calls block.

The files that people sent lie beside it, in FILE.files, as they lie beside the database. The copy gets its name when
all of it is there, so that what has the name is whole.
"""

import errno
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from bot.backups.errors import Abandoned
from bot.storage.engine.database import PRIVATE
from bot.storage.engine.faults import DatabaseDamaged
from bot.storage.engine.reading import OF_SQLITE, read_only
from bot.storage.engine.shelf import FOLDER, PRIVATE_FOLDER, Shelf

BACKUP_PAGES = 1_000
WAIT_S = 0.1
LOOK_EACH = 100_000  # steps of SQLite's machine between two looks whether to stop
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OF_THE_DISK = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}  # of a file that is written
_OF_THE_SOURCE = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)


@dataclass(frozen=True, slots=True)
class Copied:
    """What came along: how many files of people, and how many of them were not there to be copied."""

    files: int
    missing: int


def copy(source: Path, target: Path, stop: Event) -> Copied:
    """Copy a database and its files to `target`, which must not be there; wait for others who copy into that folder.

    Raises Abandoned, DatabaseDamaged, OSError (about the target where that cannot be written), sqlite3.Error.
    """
    if not source.is_file():
        raise FileNotFoundError(f"there is no database at {source}")
    with complaining_of(target), alone(target.parent, stop):
        return copy_alone(source, target, stop)


def copy_alone(source: Path, target: Path, stop: Event, *, earlier: Path | None = None) -> Copied:
    """Do so where nobody else copies; files that an `earlier` copy has on the same disk are shared with it."""
    files, part = files_of(target), unfinished(target)
    for each in (target, files):
        if os.path.lexists(each):
            raise FileExistsError(f"{each} exists already")
    try:
        with complaining_of(target):
            start_file(part)
            copy_database(source, part, stop)
            check_integrity(part, stop)
            copied = copy_files(names_in(part), Shelf(files), files_of(source), stop, earlier=earlier)
            sync(part)
            if copied.files:
                sync(files)
            part.rename(target)
            sync(target.parent)
    except BaseException:
        shutil.rmtree(files, ignore_errors=True)
        raise
    finally:
        clear(part)
    return copied


def files_of(database: Path) -> Path:
    """Return the folder beside a database in which the files of people lie."""
    return database.with_name(f"{database.name}{FOLDER}")


def unfinished(target: Path) -> Path:
    """Return the file that a copy is made in until it is whole."""
    return target.with_name(f"{target.name}.part")


def start_file(part: Path) -> None:
    """Make an empty file for our user only, in place of what a former process left. Raises OSError."""
    clear(part)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE))


def clear(part: Path) -> None:
    """Remove a file and what SQLite put beside it: a journal of the last one would be played into the next."""
    for end in ("", *OF_SQLITE):
        with suppress(OSError):
            part.with_name(part.name + end).unlink()


def copy_database(source: Path, part: Path, stop: Event) -> None:
    """Copy the pages of a database as they are at one moment. Raises Abandoned, sqlite3.Error."""

    def look(_status: int, _remaining: int, _total: int) -> None:
        if stop.is_set():
            raise Abandoned

    with closing(read_only(source)) as reader, closing(sqlite3.connect(part)) as target:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master")  # holds a snapshot: a busy bot cannot make us start anew
        reader.backup(target, pages=BACKUP_PAGES, progress=look)
        target.execute("PRAGMA journal_mode=DELETE")


def check_integrity(file: Path, stop: Event) -> None:
    """Read all of a database that nobody writes. Raises Abandoned, DatabaseDamaged, sqlite3.Error."""
    with closing(sqlite3.connect(file)) as database:
        database.set_progress_handler(stop.is_set, LOOK_EACH)
        try:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if stop.is_set():
                raise Abandoned from None
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise DatabaseDamaged(error) from error
            raise
    if found != "ok":
        raise DatabaseDamaged(str(found).replace("\n", " "))


def names_in(file: Path) -> list[str]:
    """Return the SHA-256 of the files that a database names. Raises sqlite3.Error."""
    with closing(read_only(file)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'files'").fetchone():
            return []
        rows = database.execute("SELECT DISTINCT sha256 FROM files ORDER BY sha256").fetchall()
    return [name for (name,) in rows if isinstance(name, str) and _SHA256.fullmatch(name)]


def copy_files(names: list[str], to: Shelf, folder: Path, stop: Event, *, earlier: Path | None = None) -> Copied:
    """Put files of a folder on a shelf, as far as they are whole there. Raises Abandoned, OSError."""
    lender, source = files_of(earlier) if earlier else None, Shelf(folder)
    missing = 0
    for name in names:
        if stop.is_set():
            raise Abandoned
        if lender and to.share(name, lender):
            continue
        data = source.get(name)
        if data is None:
            missing += 1
        else:
            to.put(data)
    return Copied(len(names) - missing, missing)


def sync(path: Path) -> None:
    """Have a file or a folder safe from a loss of power, as far as its disk can. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a folder on a disk that knows no such thing
            raise
    finally:
        os.close(descriptor)


@contextmanager
def complaining_of(target: Path) -> Iterator[None]:
    """Raise what SQLite says of a disk, and what the system says of our own files, as an OSError about `target`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        number = _OF_THE_DISK.get(code & 0xFF)
        if number is None or code in _OF_THE_SOURCE:
            raise
        raise OSError(number, os.strerror(number), str(target)) from error
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(target)) from error


@contextmanager
def alone(folder: Path, stop: Event) -> Iterator[None]:
    """Wait until no other program copies into a folder. Raises Abandoned, OSError.

    The folder itself is locked, which leaves no file behind; a disk that cannot do that (NFS) goes without.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if stop.is_set():
                    raise Abandoned from None
                stop.wait(WAIT_S)
                continue
            except OSError:
                pass
            break
        yield
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder for our user only, in one that is there. Raises OSError."""
    with suppress(FileExistsError):
        folder.mkdir(PRIVATE_FOLDER)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
