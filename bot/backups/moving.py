"""Moving: all rows of one database put into another, of the same kind or not, both at rest; the files beside it too.

What lies beside goes first, and then all rows by one transaction: a program that is killed, or a full disk, leaves a
database without rows, into which it can be done again. Before that is committed all rows are read back and compared.
The words of /find are noted anew, since their index is another one on each.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.backups.apart import apart
from bot.backups.copying import Copied, copy_files
from bot.backups.errors import BackupError
from bot.clock import Clock
from bot.process.lock import lock
from bot.storage.dialect import NUMBER, WORDS, as_stored, follow_ids
from bot.storage.engine import word_index
from bot.storage.engine.database import CALLS, HEALTH, HOOK, INBOX, Sessions, beside, database_file, open_database, told
from bot.storage.engine.faults import DatabaseDamaged, is_damaged, reason
from bot.storage.engine.migration import NewerDatabaseError
from bot.storage.engine.shelf import FOLDER, Shelf
from bot.storage.tables import Base, File

DIGEST = 16  # bytes
STEP = 1_000  # rows at once
TELL_S = 5.0
MINE = 0o600


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied; `missing` files were not there."""

    rows: int
    files: int
    missing: int


async def move(source: str, target: str, clock: Clock, say: Callable[[str], None]) -> Moved:
    """Copy the database at one URL into the empty one at another, and say now and then how far that has come.

    The source is brought up to this version first, as a start of the bot does, and else not changed.
    Raises BackupError, Locked, DatabaseTaken, DatabaseDamaged, Unusable, OSError, DBAPIError.
    """
    if beside(source).resolve() == beside(target).resolve() and told(source) == told(target):
        raise BackupError("both are the same database: name another one to copy to")
    if (file := database_file(source)) and not file.is_file():
        raise BackupError(f"there is no database at {file}")
    async with AsyncExitStack() as stack:
        opened = []
        for url in (source, target):
            if file := database_file(url):
                stack.enter_context(lock(file))
            try:
                opened.append(await stack.enter_async_context(open_database(url, alone=True, clock=clock)))
            except NewerDatabaseError as error:
                newer = "was made by a newer version of the bot: update the bot, or name another database"
                raise BackupError(f"{told(url)} {newer}") from error
        there, here = opened
        if filled := await _filled(here):
            raise BackupError(f"{told(target)} is not empty, its table {filled} has rows: name an empty database")
        copied = await _copy_files(there, beside(source), beside(target))
        try:
            rows = await _copy_rows(there, here, _Progress(clock, say))
        except DBAPIError as error:
            raise BackupError(_broken_off(error, source, target)) from error
    return Moved(rows, copied.files, copied.missing)


def _broken_off(error: DBAPIError, source: str, target: str) -> str:
    """Say what is in which database when a copy has failed. Raises DatabaseDamaged, where that is the cause."""
    if is_damaged(error.orig):
        raise DatabaseDamaged(reason(error.orig)) from error
    left = f"{told(target)} has no rows yet and {told(source)} is as it was"
    return f"the copy broke off: {reason(error.orig)}; {left}: make room, or see to it, and copy again"


class _Progress:
    """Says now and then how far it has come."""

    def __init__(self, clock: Clock, say: Callable[[str], None]) -> None:
        self._clock = clock
        self._say = say
        self._said_at = clock.now()

    def tell(self, table: str, done: int, of: int) -> None:
        """Say how many rows of a table are done, where it is time to."""
        if self._clock.now() - self._said_at >= TELL_S:
            self._said_at = self._clock.now()
            self._say(f"{table}: {done} of {of} rows")


def _plain() -> list[Table]:
    """Return the tables with columns that give and take what is stored as it is, also where nobody could read it."""
    plain = MetaData()
    return [
        Table(
            table.name, plain, *(Column(each.name, _kind(each), primary_key=each.primary_key) for each in table.columns)
        )
        for table in Base.metadata.sorted_tables
    ]


def _kind(column: Column[Any]) -> Any:
    if isinstance(column.type, Boolean):
        return Boolean()
    if isinstance(column.type, Integer):
        return NUMBER
    return Float() if isinstance(column.type, Float) else WORDS


async def _filled(sessions: Sessions) -> str | None:
    """Return the name of a table that has rows."""
    async with sessions() as session:
        for table in _plain():
            if (await session.execute(select(literal_column("1")).select_from(table).limit(1))).first():
                return table.name
    return None


async def _copy_rows(there: Sessions, here: Sessions, progress: _Progress) -> int:
    """Copy all tables by one transaction, compare each row, count them on both sides. Raises BackupError."""
    copied = 0
    async with there() as source, here.begin() as target:
        for table in _plain():
            total = await _count(source, table)
            read, tread = _Sum(), _Sum()
            async for rows in _pages(source, table):
                await target.execute(insert(table), rows)
                read.add(rows, target.get_bind())
                progress.tell(table.name, read.rows, total)
            async for rows in _pages(target, table):
                tread.add(rows, target.get_bind())
            if not total == read.rows == tread.rows:
                raise BackupError(
                    f"of {total} rows of {table.name} {tread.rows} were copied: is another program at work there?"
                )
            if read.value != tread.value:
                raise BackupError(
                    f"{table.name} is not there what it is here: nothing was copied; are both disks sound?"
                )
            copied += total
            await follow_ids(target, Base.metadata.tables[table.name])
        await _copy_words(source, target, progress)
    return copied


class _Sum:
    """A checksum of rows in any order: text is not sorted everywhere alike."""

    def __init__(self) -> None:
        self.value = self.rows = 0

    def add(self, rows: Sequence[dict[str, Any]], bind: Connection | Engine) -> None:
        """Add some rows as `bind` stores them."""
        for row in rows:
            values = repr([as_stored(bind, value) for value in row.values()]).encode()
            self.value = (self.value + int.from_bytes(blake2b(values, digest_size=DIGEST).digest())) % 256**DIGEST
        self.rows += len(rows)


async def _count(session: AsyncSession, table: Table) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def _pages(session: AsyncSession, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    """Read a table in the order of its key, some rows at once."""
    key = list(table.primary_key.columns)
    after: Sequence[Any] | None = None
    while True:
        page = select(table).order_by(*key).limit(STEP)
        if after is not None:
            page = page.where(tuple_(*key) > tuple_(*after))
        rows = [dict(row) for row in (await session.execute(page)).mappings()]
        if not rows:
            return
        yield rows
        after = [rows[-1][column.name] for column in key]


async def _copy_words(source: AsyncSession, target: AsyncSession, progress: _Progress) -> None:
    """Note what was said where."""
    done = after = 0
    total = await word_index.count(source)
    while rows := await word_index.read(source, after=after, most=STEP):
        for answer_id, chat_id, words in rows:
            await word_index.keep(target, answer_id, chat_id, words)
        done, after = done + len(rows), rows[-1][0]
        progress.tell("words", done, total)
    if not total == done == await word_index.count(target):
        raise BackupError(f"of the words of {total} answers those of {done} were copied: nothing was copied")


async def _copy_files(there: Sessions, source: Path, target: Path) -> Copied:
    """Copy what lies beside: what people sent, calls that were made, how providers fared, updates not in rows yet."""
    async with there() as session:
        names = list(await session.scalars(select(File.sha256).distinct().order_by(File.sha256)))
    shelf, folder = Shelf(target.with_name(f"{target.name}{FOLDER}")), source.with_name(f"{source.name}{FOLDER}")
    copied = await apart(partial(copy_files, names, shelf, folder))
    target.parent.mkdir(parents=True, exist_ok=True)  # of a server's database nobody has made it yet
    for end in (CALLS, HEALTH, HOOK, INBOX):
        if (file := source.with_name(f"{source.name}{end}")).is_file():
            twin = target.with_name(f"{target.name}{end}")
            twin.touch(MINE)
            twin.write_bytes(file.read_bytes())
    return copied
