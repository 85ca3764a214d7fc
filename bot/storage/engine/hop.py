"""One hop: a statement goes to SQLite's thread and back once, with its rows.

aiosqlite makes a journey of each step of a statement, and SQLAlchemy takes four: cursor, execution, rows, end. They
take longer than SQLite does. A transaction begins on the way of its first statement, and one that is over is not rolled
back by one more.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar, cast

import aiosqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

BEGIN = "BEGIN IMMEDIATE"
SYNCED, UNSYNCED = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"  # taken between two transactions alone
CHUNK = 64  # rows, of iterations that nobody makes

T = TypeVar("T")


class Connection(aiosqlite.Connection):
    """A connection for SQLAlchemy's dialect `aiosqlite`."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, CHUNK)
        self._thread.daemon = True  # as the dialect has it
        self._begins = ""  # a transaction, with the next statement: how its commit goes
        self._asked = 0  # of the thread
        self._done = 0  # by it; also for callers who are gone
        self._stopped: asyncio.Future[None] | None = None  # when the thread has come to its end

    def cursor(self) -> "Cursor":  # type: ignore[override]  # what the dialect asks of one, it has
        """Return a cursor; nothing of it is made before it executes."""
        return Cursor(self)

    @property
    def is_idle(self) -> bool:
        """Whether all was done that was asked of the thread."""
        return self._asked == self._done

    def stop(self) -> "asyncio.Future[None] | None":
        """Have the thread come to its end."""
        self._stopped = super().stop()
        return self._stopped

    async def _connect(self) -> "Connection":
        """Connect; a thread that has nothing to connect to ends before the loop does, which it tells of its end."""
        try:
            await super()._connect()
        except BaseException:
            if self._stopped:
                await self._stopped
            raise
        return self

    def begin(self, *, is_synced: bool = True) -> None:
        """Have the next statement begin a transaction that writes: none meets a lock halfway.

        The commit of one that is not synced waits for no disk: the next one that does takes it along.
        """
        self._begins = SYNCED if is_synced else UNSYNCED

    async def perform(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in SQLite's thread."""
        return await self.ask(work)

    def ask(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        """Have some work done in SQLite's thread; whoever waits for it, it comes to its end."""
        begins, self._begins = self._begins, ""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        connection = self._connection
        if connection is None or not self._running:
            future.set_exception(ValueError("the connection is closed"))
            return future

        def done() -> T:
            try:
                if begins:
                    connection.execute(begins)
                    connection.execute(BEGIN)
                return work(connection)
            finally:
                self._done += 1

        self._asked += 1
        self._tx.put_nowait((future, done))
        return future

    async def commit(self) -> None:
        """Commit."""
        if self._ends():
            await self.perform(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Roll back, unless there is surely nothing to be rolled back: a statement may still be under way."""
        if self._ends() and (not self.is_idle or self.in_transaction):
            await self.perform(sqlite3.Connection.rollback)

    def _ends(self) -> bool:
        """Tell whether there is a transaction to be ended: where no statement came, none has begun, and none is to."""
        has_begun, self._begins = not self._begins, ""
        return has_begun


class Cursor:
    """A cursor all of whose rows are there when it has executed."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        """Be there."""
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute one statement."""
        await self._connection.perform(lambda connection: self._take(connection.execute(statement, parameters)))
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Execute a statement for each of some parameters."""
        await self._connection.perform(lambda connection: self._take(connection.executemany(statement, parameters)))
        return self

    async def fetchall(self) -> list[Any]:
        """Take the rows."""
        taken, self._rows = self._rows, []
        return taken

    async def close(self) -> None:
        """Be done; nothing of it is left at SQLite."""

    def _take(self, cursor: sqlite3.Cursor) -> None:
        """Take what came of an execution; called in SQLite's thread."""
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        self._rows = cursor.fetchall() if cursor.description else []
        cursor.close()


async def perform(connection: AsyncConnection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Do some work in the thread of SQLAlchemy's connection. Raises sqlalchemy.exc.DBAPIError, as statements do."""
    raw = await connection.get_raw_connection()
    try:
        return await cast("Connection", raw.driver_connection).perform(work)
    except sqlite3.Error as error:
        raise DBAPIError(None, None, error) from error


def connect(database: str, **options: Any) -> Connection:
    """Return a connection that is made when it is awaited, as `aiosqlite.connect` does; `options`: those of sqlite3."""
    return Connection(lambda: sqlite3.connect(database, **options))
