"""Turns: the one connection is lent to one transaction after the other; those that store updates go first.

    asks ──▶ waits in its line ──handed over by the one before──▶ holds it ──▶ hands it on

However many answers are under way, an update waits for two turns at the most each time it needs the rows: where both
lines wait they take turns, so that neither is ever starved. In one line, as SQLAlchemy's own pool has it, each of the
handful of transactions of an update would wait behind one of every answer that is under way.

Transactions that wait and are made as a `whole` have one turn `together`.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.util import await_only, greenlet_spawn

from bot.storage.engine.hop import Connection
from bot.storage.engine.together import MOST, Result, Work, failed, run

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


@dataclass(frozen=True, slots=True)
class _Asked(Generic[T]):
    """Somebody who waits: for the connection, or for what comes of some work with it."""

    answer: asyncio.Future[T]
    work: Work[T] | None = None

    def end(self, result: Result[T]) -> None:
        """Tell what came of it, unless nobody waits any more."""
        if self.answer.done():
            return
        if result.error is None:
            self.answer.set_result(cast("T", result.value))
        else:
            self.answer.set_exception(result.error)


class Turns(Pool):
    """A pool of one connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._record: ConnectionPoolEntry | None = None
        self._is_lent = False
        self._under_way: asyncio.Future[Any] | None = None  # in SQLite's thread, or a connection to it that is made
        self._was_first = False  # the one that has it, or had it last
        self._lines: dict[bool, deque[_Asked[Any]]] = {True: deque(), False: deque()}  # by who goes first

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
        """Close the connection, unless somebody has it; work that is under way comes to its end before."""
        while self._under_way:
            await_only(asyncio.wait({self._under_way}))
        if self._record and not self._is_lent:
            self._is_lent, record, self._record = True, self._record, None  # who asks while it is closed waits
            try:
                record.close()
            finally:
                self._hand_on()

    def status(self) -> str:
        """Say who waits."""
        return f"lent={self._is_lent} first={len(self._lines[True])} others={len(self._lines[False])}"

    async def lend(self, work: Work[T]) -> T:
        """Have some work done in SQLite's thread when its turn has come; it ends there, whoever waits for it.

        Raises what it does, and DBAPIError where there is no connection to be had.
        """
        answer = self._ask(work)
        if not self._is_lent:
            self._hand_on()
        return await answer

    def _do_get(self) -> ConnectionPoolEntry:
        if self._is_lent:
            await_only(self._turn())
        else:
            self._is_lent, self._was_first = True, _GOES_FIRST.get()
        try:
            self._record = self._record or self._create_connection()
        except BaseException:
            self._hand_on()
            raise
        return self._record

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        self._hand_on()

    def _ask(self, work: Work[T] | None) -> asyncio.Future[T]:
        """Wait in a line."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._lines[_GOES_FIRST.get()].append(_Asked(answer, work))
        return answer

    async def _turn(self) -> None:
        """Wait until it is handed over."""
        turn: asyncio.Future[None] = self._ask(None)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        """Give it to the next one, and to all behind who wait for work as that one does."""
        self._is_lent = True
        together = list[_Asked[Any]]()
        while len(together) < MOST and (line := self._next()):
            if together and line[0].work is None:
                break
            asked = line.popleft()
            self._was_first = line is self._lines[True]
            if asked.work is None:
                asked.answer.set_result(None)
                return
            together.append(asked)
        if together:
            self._perform(together)
        else:
            self._is_lent = False

    def _next(self) -> "deque[_Asked[Any]] | None":
        """Return the line whose turn it is; what goes first and the others take turns where both wait."""
        for is_first in (not self._was_first, self._was_first):
            line = self._lines[is_first]
            while line and line[0].answer.done():  # given up
                line.popleft()
            if line:
                return line
        return None

    def _perform(self, together: Sequence[_Asked[Any]]) -> None:
        """Have work done with the connection, which is made if there is none."""
        if self._record is None or self._record.driver_connection is None:
            self._under_way = asyncio.ensure_future(greenlet_spawn(self._connect))
            self._under_way.add_done_callback(partial(self._connected, together))
        else:
            works = [asked.work for asked in together if asked.work]
            self._under_way = cast("Connection", self._record.driver_connection).ask(partial(run, works))
            self._under_way.add_done_callback(partial(self._performed, together))

    def _connect(self) -> None:
        self._record = self._record or self._create_connection()
        self._record.get_connection()  # type: ignore[attr-defined]  # of SQLAlchemy's own entries

    def _connected(self, together: Sequence[_Asked[Any]], connecting: asyncio.Future[None]) -> None:
        """Go on with a connection; where there is none the first one is told why, and the next one tries."""
        self._under_way = None
        if error := _error(connecting):
            together[0].end(failed(error))
            together = together[1:]
        if together:
            self._perform(together)
        else:
            self._hand_on()

    def _performed(self, together: Sequence[_Asked[Any]], performing: asyncio.Future[list[Result[Any]]]) -> None:
        """Tell each what came of its work."""
        self._under_way = None
        error = _error(performing)
        results = [failed(error)] * len(together) if error else performing.result()
        for asked, result in zip(together, results, strict=True):
            asked.end(result)
        self._hand_on()


def _error(future: asyncio.Future[Any]) -> BaseException | None:
    return asyncio.CancelledError() if future.cancelled() else future.exception()
