"""Whole: a transaction goes to SQLite's thread as a whole and comes back once, with all of its statements.

Each way there and back takes longer than most statements do, and SQLAlchemy takes for a statement that may have to wait
several times what it takes for one that does not. Those that wait for their turn meanwhile are made `together`. On a
server each statement is waited for.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from functools import partial
from typing import Any, Self, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from bot.storage.dialect import SYNCED as IS_SYNCED
from bot.storage.dialect import is_server
from bot.storage.engine.database import Sessions
from bot.storage.engine.hop import BEGIN, SYNCED, UNSYNCED
from bot.storage.engine.together import Work
from bot.storage.engine.turns import Turns

T = TypeVar("T")
Body = Callable[[AsyncSession], Coroutine[Any, Any, T]]


async def whole(sessions: Sessions, body: Body[T], *, writes: bool = True) -> T:
    """Make a transaction of what a function does with a session; it awaits nothing else, and touches no event loop.

    It may be called twice (`together`), and changes nothing but rows. Where who waits for it is cancelled, it comes to
    its end all the same. Raises what `body` does, and DBAPIError.
    """
    engine: AsyncEngine = sessions.kw["bind"]
    if is_server(engine.sync_engine):
        async with sessions.begin() if writes else sessions() as session:
            return await body(session)
    is_synced = writes and engine.sync_engine.get_execution_options().get(IS_SYNCED, True)
    work = Work(partial(_make, engine.sync_engine, body, writes), is_synced=is_synced)
    return await cast("Turns", engine.pool).lend(work)


def _make(engine: Engine, body: Body[T], writes: bool, raw: sqlite3.Connection) -> T:
    """Make a transaction; called in SQLite's thread."""
    lent = _Lent(raw)
    bind = Connection(engine, cast("Any", lent))
    try:
        with Session(bind, expire_on_commit=False) as session, session.begin() if writes else nullcontext():
            return _through(body(_Session(session)))
    finally:
        lent.rollback()  # where its commit failed: a session leaves that to the pool


def _through(body: Coroutine[Any, Any, T]) -> T:
    """Return what comes of something that waits for nothing."""
    try:
        body.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    body.close()
    raise RuntimeError("a transaction waits for something else")


class _Session(AsyncSession):
    """What a transaction uses as on a server; each statement is executed at once."""

    def __init__(self, session: Session) -> None:
        super().__init__(sync_session_class=lambda **_: session)  # type: ignore[arg-type]  # any that makes one will do

    async def execute(self, *arguments: Any, **named: Any) -> Any:
        """Execute a statement."""
        return self.sync_session.execute(*arguments, **named)

    async def scalar(self, *arguments: Any, **named: Any) -> Any:
        """Execute a statement; return the first column of its first row."""
        return self.sync_session.scalar(*arguments, **named)

    async def scalars(self, *arguments: Any, **named: Any) -> Any:
        """Execute a statement; return the first column of its rows."""
        return self.sync_session.scalars(*arguments, **named)


class _Lent:
    """SQLite's connection as SQLAlchemy takes one out of a pool; for one transaction, in its own thread."""

    is_valid = True

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw
        self._is_within = raw.in_transaction  # made together with others: it begins and ends with theirs
        self._begins = ""  # with the next statement: how its commit goes
        self.info = dict[str, Any]()

    @property
    def dbapi_connection(self) -> Self:
        """What executes."""
        return self

    driver_connection = dbapi_connection

    def begin(self, *, is_synced: bool) -> None:
        """Have the next statement begin a transaction, as `hop.Connection` does."""
        if not self._is_within:
            self._begins = SYNCED if is_synced else UNSYNCED

    def cursor(self) -> sqlite3.Cursor:
        """Return what executes a statement."""
        begins, self._begins = self._begins, ""
        if begins:
            self._raw.execute(begins)
            self._raw.execute(BEGIN)
        return self._raw.cursor(_Cursor)

    def commit(self) -> None:
        """Commit what was begun."""
        if not self._is_within:
            self._raw.commit()

    def rollback(self) -> None:
        """Roll back what was begun, unless that is done."""
        if not self._is_within and self._raw.in_transaction:
            self._raw.rollback()

    def invalidate(self, *_: object) -> None:
        """Leave it: it is a file's."""


class _Cursor(sqlite3.Cursor):
    """A cursor all of whose rows are there when it has executed: what follows changes none of them."""

    _rows: deque[Any]

    def execute(self, *arguments: Any) -> Self:
        """Execute one statement."""
        super().execute(*arguments)
        self._rows = deque(super().fetchall() if self.description else ())
        return self

    def fetchone(self) -> Any:
        """Take the next row."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        """Take some rows."""
        return [self._rows.popleft() for _ in range(min(size or 1, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        """Take all rows that are left."""
        taken, self._rows = list(self._rows), deque()
        return taken
