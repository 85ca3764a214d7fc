"""Turns: the one connection is lent to one transaction after the other; those that store updates go first.

    asks ──▶ waits in its line ──handed over by the one before──▶ holds it ──▶ hands it on

However many answers are under way, an update waits for two transactions at the most each time it needs the rows: where
both lines wait they take turns, so that neither is ever starved. In one line, as SQLAlchemy's own pool has it, each of
the handful of transactions of an update would wait behind one of every answer that is under way.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.util import await_only, greenlet_spawn

from bot.storage.engine.hop import Connection

T = TypeVar("T")

_GOES_FIRST: ContextVar[bool] = ContextVar("goes_first", default=False)


@contextmanager
def first() -> Iterator[None]:
    """Have the transactions in the block, and of tasks begun there, go before others."""
    token = _GOES_FIRST.set(True)
    try:
        yield
    finally:
        _GOES_FIRST.reset(token)


class Turns(Pool):
    """A pool of one connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._record: ConnectionPoolEntry | None = None
        self._is_lent = False
        self._ends = set[asyncio.Future[None]]()  # of work that nobody waits for any more
        self._was_first = False  # the one that has it, or had it last
        self._lines: dict[bool, deque[asyncio.Future[None]]] = {True: deque(), False: deque()}  # by who goes first

    def recreate(self) -> "Turns":
        """Return a pool like this one, with no connection yet."""
        return type(self)(
            self._creator,
            recycle=self._recycle,
            echo=self.echo,
            pre_ping=self._pre_ping,
            reset_on_return=self._reset_on_return,
            logging_name=self._orig_logging_name,
            _dispatch=self.dispatch,
            dialect=self._dialect,
        )

    def dispose(self) -> None:
        """Close the connection, unless somebody has it; what nobody waits for any more comes to its end before."""
        if self._ends:
            await_only(asyncio.wait(self._ends))
        if self._record and not self._is_lent:
            self._record.close()
            self._record = None

    def status(self) -> str:
        """Say who waits."""
        return f"lent={self._is_lent} first={len(self._lines[True])} others={len(self._lines[False])}"

    async def lend(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Have some work done in SQLite's thread when its turn has come; it ends there, whoever waits for it.

        Raises what it does, and DBAPIError where there is no connection to be had.
        """
        if not self._is_free():
            await self._turn()
        try:
            record = self._record
            if record is None or record.driver_connection is None:
                record = await greenlet_spawn(self._connected)
            connection = cast("Connection", record.driver_connection)
        except BaseException:
            self._hand_on()
            raise
        try:
            return await connection.perform(work)
        finally:
            if connection.is_idle:
                self._hand_on()
            else:
                self._hand_on_after(connection)

    def _do_get(self) -> ConnectionPoolEntry:
        if not self._is_free():
            await_only(self._turn())
        try:
            self._record = self._record or self._create_connection()
        except BaseException:
            self._hand_on()
            raise
        return self._record

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        self._hand_on()

    def _is_free(self) -> bool:
        """Take it, if nobody has it."""
        if self._is_lent:
            return False
        self._is_lent, self._was_first = True, _GOES_FIRST.get()
        return True

    def _connected(self) -> ConnectionPoolEntry:
        """Return what has the connection, which is made if there is none."""
        try:
            self._record = self._record or self._create_connection()
            self._record.get_connection()  # type: ignore[attr-defined]  # of SQLAlchemy's own entries
        except sqlite3.Error as error:
            raise DBAPIError(None, None, error) from error
        return self._record

    def _hand_on_after(self, connection: Connection) -> None:
        """Give it to the next one when all is done that is under way for somebody who is gone."""
        idle = asyncio.ensure_future(connection.perform(lambda _: None))
        self._ends.add(idle)
        idle.add_done_callback(self._ends.discard)
        idle.add_done_callback(lambda _: self._hand_on())

    async def _turn(self) -> None:
        """Wait until it is handed over."""
        turn = asyncio.get_running_loop().create_future()
        self._lines[_GOES_FIRST.get()].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        """Give it to the next one; what goes first and the others take turns where both wait."""
        for is_first in (not self._was_first, self._was_first):
            line = self._lines[is_first]
            while line:
                turn = line.popleft()
                if not turn.done():
                    self._was_first = is_first
                    turn.set_result(None)
                    return
        self._is_lent = False
