"""Restoring: a copy takes the place of the database, the bot at rest; what was there is kept beside it.

The copy is checked, brought up to date and written to the disk beside the database before anything is touched. Then one
rename puts it in place, so that whatever ends the process, the old database or the new one is there whole.
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.backups.apart import apart
from bot.backups.copying import (
    check_integrity,
    clear,
    complaining_of,
    copy_database,
    copy_files,
    files_of,
    names_in,
    start_file,
    sync,
)
from bot.backups.errors import BackupError, BrokenBackup, NotOurs
from bot.clock import Clock
from bot.process.lock import lock
from bot.storage.engine.database import create_engine, database_file
from bot.storage.engine.faults import DatabaseDamaged, is_damaged
from bot.storage.engine.inspection import inspect
from bot.storage.engine.making import OURS
from bot.storage.engine.migration import NewerDatabaseError, bring_up
from bot.storage.engine.reading import OF_SQLITE
from bot.storage.engine.shelf import PRIVATE_FOLDER, Shelf
from bot.storage.engine.soundness import check

UNREADABLE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PERM})
BESIDE = ("", "-wal", "-journal")  # what a database is made of at rest
WRAPPED = (  # how files begin that somebody has made of a copy, to send it away: age, GnuPG, gzip, xz, zstd, bzip2, zip
    *(b"age-encryption.org/", b"-----BEGIN AGE", b"-----BEGIN PGP"),
    *(b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh", b"PK\x03\x04"),
)
DUMPS = (b"PGDMP", b"--\n-- PostgreSQL database dump")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it; `kept` is where the former database is, None where there was none."""

    kept: Path | None
    answers: int
    files: int
    missing: int


async def restore(backup: Path, url: str, clock: Clock, *, bot_id: int | None) -> Restored:
    """Put a copy in the place of the database at a URL; with `bot_id` only a copy of that bot's.

    Raises Locked where a bot runs, BackupError, OSError, sqlite3.Error. In each case nothing was changed.
    """
    file = database_file(url)
    if file is None:
        raise BackupError("only an SQLite file is restored; a PostgreSQL is by pg_restore (docs/operating.md)")
    _require_copy(backup, file)
    with lock(file):
        real = file.resolve()  # a link stays a link
        part = real.with_name(f"{real.name}.restoring")
        try:
            with complaining_of(part):
                await apart(partial(_fetch, backup, part))
                answers = await _try_out(part, url, backup, bot_id)
                found = await apart(partial(_fetch_files, part, backup, file))
                return Restored(_put_in_place(part, real, file, clock), answers, *found)
        finally:
            clear(part)


def _require_copy(backup: Path, file: Path) -> None:
    if backup.is_dir():
        raise BackupError(f"{backup} is a folder; name one of the files in it")
    if not backup.is_file():
        raise FileNotFoundError(f"there is no backup at {backup}")
    with backup.open("rb") as start:
        head = start.read(len(max((*WRAPPED, *DUMPS), key=len)))
    if head.startswith(WRAPPED):
        raise NotOurs(f"{backup} is encrypted or packed; unpack it, and name what comes out")
    if head.startswith(DUMPS):
        raise NotOurs(f"{backup} is the dump of a PostgreSQL; pg_restore puts it into one, `copy` brings it from there")
    if file.exists() and file.samefile(backup):
        raise BackupError(f"{backup} is the database itself; name a copy of it")


def _fetch(backup: Path, part: Path, stop: Event) -> None:
    """Copy the backup beside the database. Raises BrokenBackup, NotOurs."""
    if _is_cut(backup):
        raise _broken(backup, DatabaseDamaged("it is shorter than it says"))
    start_file(part)
    try:
        copy_database(backup, part, stop)
        check_integrity(part, stop)
        with closing(sqlite3.connect(part)) as copy:
            names = copy.execute("SELECT type, name FROM sqlite_master").fetchall()
    except DatabaseDamaged as error:
        raise _broken(backup, error) from error
    except sqlite3.Error as error:
        if is_damaged(error):
            raise _broken(backup, error) from error
        if error.sqlite_errorcode & 0xFF in UNREADABLE:
            raise BackupError(f"{backup} cannot be read: {error}") from error
        raise
    if not OURS & {name for kind, name in names if kind == "table"} or any(kind == "trigger" for kind, _ in names):
        raise NotOurs(f"{backup} is no database of this bot; name a file that `backup` made")


def _is_cut(backup: Path) -> bool:
    """Tell whether the end is missing: SQLite takes half a page for a whole one (sqlite.org/fileformat2.html)."""
    with backup.open("rb") as file:
        header = file.read(100)
    size = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    is_counted = header[24:28] == header[92:96]
    return (
        is_counted
        and header.startswith(b"SQLite format 3\0")
        and backup.stat().st_size < pages * (65_536 if size == 1 else size)
        and not backup.with_name(f"{backup.name}-wal").exists()
    )


async def _try_out(part: Path, url: str, backup: Path, bot_id: int | None) -> int:
    """Bring the copy up to date, as a start does; return how many answers it holds."""
    engine = create_engine(make_url(url).set(database=str(part)).render_as_string(hide_password=False))
    try:
        if inspect(part).is_newer:
            raise NewerDatabaseError
        await bring_up(engine, apart=False)
        await check(engine)
    except NewerDatabaseError as error:
        newer = "was made by a newer version of the bot; nothing was changed, take an older copy or update the bot"
        newer += " (docs/operating.md, Upgrade)"
        raise NotOurs(f"{backup} {newer}") from error
    except DatabaseDamaged as error:
        raise _broken(backup, error) from error
    except DBAPIError as error:
        if is_damaged(error.orig) or not isinstance(error.orig, sqlite3.OperationalError):
            raise _broken(backup, error.orig or error) from error
        raise error.orig from error
    finally:
        await engine.dispose()
    found = inspect(part)
    if bot_id is not None and found.bot_id is not None and found.bot_id != bot_id:
        theirs = f"holds the conversations of the bot {found.bot_id}"
        raise NotOurs(f"{backup} {theirs}; nothing was changed, name a copy of this bot's or use that bot's BOT_TOKEN")
    return found.answers


def _broken(backup: Path, error: BaseException) -> BrokenBackup:
    reason = str(error).removeprefix("the database is damaged: ")
    return BrokenBackup(f"{backup} is damaged: {reason}; nothing was changed, take another copy")


def _fetch_files(part: Path, backup: Path, file: Path, stop: Event) -> tuple[int, int]:
    """Put the files of the backup beside those that are there; each has its name by its content."""
    names = names_in(part)
    shelf = Shelf(files_of(file))
    there = {name for name in names if shelf.get(name) is not None}
    copied = copy_files([name for name in names if name not in there], shelf, files_of(backup), stop)
    return copied.files + len(there), copied.missing


def _put_in_place(part: Path, real: Path, file: Path, clock: Clock) -> Path | None:
    """Keep what is there, and let the copy take its place; nothing ends it in between but a kill."""
    kept = _keep(real, file, clock) if real.stat().st_size else None
    with closing(sqlite3.connect(part)) as database:
        database.execute("PRAGMA journal_mode=DELETE")  # no second file that could be left behind
    for made in (part, files_of(file), file.with_name(f"{file.name}.lock")):
        _give_to_owner(made, real)
    sync(part)
    for end in OF_SQLITE:
        real.with_name(real.name + end).unlink(missing_ok=True)
    part.replace(real)
    sync(real.parent)
    return kept


def _keep(real: Path, file: Path, clock: Clock) -> Path:
    """Give the database and its files a second name, under which they can be restored; return it."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(real)) as database:  # a damaged one is kept as it is
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    stamp = datetime.fromtimestamp(clock.wall(), UTC).strftime("%Y%m%dT%H%M%SZ")
    kept, count = real.with_name(f"{real.name}.before-{stamp}"), 1
    while os.path.lexists(kept) or os.path.lexists(files_of(kept)):
        count += 1
        kept = real.with_name(f"{real.name}.before-{stamp}-{count}")
    try:
        for end in BESIDE:
            if (each := real.with_name(real.name + end)).exists():
                _second_name(each, kept.with_name(kept.name + end))
        if (files := files_of(file)).is_dir():
            files_of(kept).mkdir(PRIVATE_FOLDER)
            for name in Shelf(files).names():
                _second_name(files / name, files_of(kept) / name)
            _give_to_owner(files_of(kept), real)
    except OSError:
        clear(kept)
        shutil.rmtree(files_of(kept), ignore_errors=True)
        raise
    return kept


def _second_name(path: Path, name: Path) -> None:
    """Link a file, or copy it where the disk knows no links. Raises OSError."""
    try:
        os.link(path, name, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, name)


def _give_to_owner(made: Path, like: Path) -> None:
    """Give what root made to the user whose database it is, or whose folder where there was none."""
    if made.exists() and os.geteuid() == 0 and (owner := (like if like.stat().st_size else like.parent).stat()).st_uid:
        for each in (made, *(made.iterdir() if made.is_dir() else ())):
            os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
