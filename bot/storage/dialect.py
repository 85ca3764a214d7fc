"""Dialect: where SQLite and PostgreSQL differ; nobody else asks which of them it is.

The table of words is `word_index.py`, how a PostgreSQL is reached `server.py`, what a failure means `faults.py`.
"""

from typing import Protocol, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Index,
    Integer,
    String,
    Table,
    TypeDecorator,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert  # knows what to do on a conflict; SQLite's words for it are the same
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

__all__ = (
    "NUMBER",
    "PRAGMAS",
    "SYNCED",
    "WORDS",
    "as_stored",
    "chat_of",
    "follow_ids",
    "forgive",
    "insert",
    "is_server",
    "partial_index",
    "size_of",
    "tune",
)

NUMBER = BigInteger().with_variant(Integer, "sqlite")  # Telegram's ids have 52 bits; SQLite's only number has 64

BUSY_TIMEOUT_MS = 1_000  # another process (a backup, an operator's shell) holds the file; intake waits and repeats

SYNCED = "synced"  # an option of connections: whether commits wait for the disk

# WAL with FULL: a committed row survives power loss, at one fsync a commit (sqlite.org/pragma.html#pragma_synchronous),
# but for those that are not to (`database.unsynced`).
# Pages that hold nothing go back to the disk (`engine/slack.py`): counts where the file is new, before it is written.
PRAGMAS = {
    "auto_vacuum": "INCREMENTAL",
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": str(BUSY_TIMEOUT_MS),
}


class Beginning(Protocol):
    """A connection whose transactions begin on the way of their first statement."""

    def begin(self, *, is_synced: bool) -> None:
        """Have the next statement begin one, whose commit waits for the disk if it `is_synced`."""


class _Words(TypeDecorator[str]):
    """Text for PostgreSQL, which takes every character but one."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return what is stored."""
        return _without_zeros(value) if value else value


def _without_zeros(text_: str) -> str:
    return text_.replace("\x00", "\N{REPLACEMENT CHARACTER}") if "\x00" in text_ else text_


def as_stored(bind: Connection | Engine, value: object) -> object:
    """Return what a database gives back where a value was written."""
    return _without_zeros(value) if isinstance(value, str) and is_server(bind) else value


WORDS = String().with_variant(_Words(), "postgresql")


class chat_of(GenericFunction[int]):  # noqa: N801  # as a function of SQL is written
    """The chat that the parameters of a call name (JSON), null where they name none by its number."""

    type = NUMBER
    inherit_cache = True


@compiles(chat_of, "sqlite")
def _chat_of_sqlite(element: chat_of, compiler: SQLCompiler, **named: object) -> str:
    (body,) = (compiler.process(each, **named) for each in element.clauses)
    return f"CASE WHEN json_valid({body}) THEN json_extract({body}, '$.chat_id') END"


@compiles(chat_of, "postgresql")
def _chat_of_postgresql(element: chat_of, compiler: SQLCompiler, **named: object) -> str:
    (body,) = (compiler.process(each, **named) for each in element.clauses)
    quoted = f"substring({body} from '\"chat_id\": ?(-?[0-9]{{1,18}})[,}}]')"  # within a text quotes are escaped
    return f"CAST({quoted} AS BIGINT)"


class size_of(GenericFunction[int]):  # noqa: N801  # as above
    """Bytes that the database takes of the disk; `size_of(True)`: those of them that hold nothing."""

    type = BigInteger()
    inherit_cache = False


@compiles(size_of, "sqlite")
def _size_of_sqlite(element: size_of, _compiler: SQLCompiler, **_named: object) -> str:
    if len(element.clauses):
        return "(SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size)"
    return "(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)"


@compiles(size_of, "postgresql")
def _size_of_postgresql(element: size_of, _compiler: SQLCompiler, **_named: object) -> str:
    return "CAST(0 AS BIGINT)" if len(element.clauses) else "pg_database_size(current_database())"


def partial_index(name: str | None, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of the rows alone for which a condition holds; without a name it is called as all are."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def is_server(bind: Connection | Engine) -> bool:
    """Tell whether a database is a PostgreSQL."""
    return bind.dialect.name == "postgresql"


async def follow_ids(session: AsyncSession, table: Table) -> None:
    """Have the next id of a table follow those that were written with the rows, within the caller's transaction.

    SQLite takes the highest one by itself.
    """
    if (column := table.autoincrement_column) is None or not is_server(session.get_bind()):
        return
    sequence, highest = func.pg_get_serial_sequence(table.name, column.name), func.max(column)
    await session.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def forgive(connection: Connection) -> None:
    """Go on after a statement that failed, with nothing written before it: PostgreSQL refuses all that follows."""
    if is_server(connection):
        connection.rollback()


def tune(engine: AsyncEngine) -> None:
    """Have each connection set up, and each transaction begin as one that writes: none meets a lock halfway."""
    if is_server(engine.sync_engine):

        @event.listens_for(engine.sync_engine, "checkout")
        def look(_connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
            if record.driver_connection is None or record.driver_connection.is_closed():
                raise DisconnectionError  # the pool makes another one

        return

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and is deferred
        cursor = connection.cursor()
        for name, value in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        is_synced = connection.get_execution_options().get(SYNCED, True)
        cast("Beginning", connection.connection.driver_connection).begin(is_synced=is_synced)
