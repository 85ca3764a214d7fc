"""Patience: a database that is locked, full or cannot be read for now is waited for."""

import asyncio
import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.clock import Clock, Seldom
from bot.storage.engine.faults import PASSING_AT_THE_FILES, raise_unless_passing, reason
from bot.storage.engine.room import advice

log = logging.getLogger(__name__)

PAUSE_S = 0.5
END_S = 2.0
LOOP = "run"  # of transactions, for ever: who ends it does not wait as for one of them

T = TypeVar("T")


class _Timed(Protocol):
    _clock: Clock


def patient(rows: type[T]) -> type[T]:
    """Make each method of a class of transactions repeat itself as long as the database fails in passing.

    A transaction that failed has changed nothing, and one that is repeated after a commit nobody confirmed does no
    harm: taken updates and ended answers are known, a notice is said twice at the worst. They raise DatabaseDamaged and
    DatabaseWithdrawn.
    """
    for name, method in list(vars(rows).items()):
        if inspect.iscoroutinefunction(method) and name != LOOP and not name.startswith("_"):
            setattr(rows, name, _repeated(method))
    return rows


async def patiently(attempt: Callable[[], Awaitable[T]], clock: Clock, what: str, *, folder: Path | None = None) -> T:
    """Make an attempt at the files of the database, in `folder`, again and again, as long as it fails in passing.

    Raises DatabaseDamaged, and what no waiting helps against: OSError, sqlalchemy.exc.DBAPIError.
    """
    seldom = Seldom(clock)
    while True:
        try:
            return await attempt()
        except DBAPIError as error:
            raise_unless_passing(error)
            said: object = reason(error.orig)
        except OSError as error:
            if error.errno not in PASSING_AT_THE_FILES:
                raise
            said = error.strerror
        if seldom.due(what):
            log.error("the database does not answer, waiting for=%s error=%s%s", what, said, _advice(folder))
        await clock.sleep(PAUSE_S)


def _repeated(method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Awaitable[Any]]:
    said: WeakKeyDictionary[_Timed, Seldom] = WeakKeyDictionary()  # by the object whose method it is

    @functools.wraps(method)
    async def repeated(self: _Timed, *arguments: Any, **named: Any) -> Any:
        clock = self._clock
        while True:
            try:
                return await _whole(method(self, *arguments, **named))
            except DBAPIError as error:
                raise_unless_passing(error, has_served=True)
                cause = reason(error.orig)
            if said.setdefault(self, Seldom(clock)).due(method.__name__):
                told = f"{cause}{_advice(_folder_of(self))}"
                log.error("the database does not answer, waiting for=%s error=%s", method.__name__, told)
            await clock.sleep(PAUSE_S)

    return repeated


async def _whole(transaction: Coroutine[Any, Any, T]) -> T:
    """Let a transaction come to its end though its caller is cancelled: a connection that is cut off keeps its lock.

    One that only waits for its turn is given up after `END_S`.
    """
    task = asyncio.ensure_future(transaction)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_retrieve)
        ended, _ = await asyncio.wait({task}, timeout=END_S)
        if not ended:
            task.cancel()
        raise


def _folder_of(rows: object) -> Path | None:
    """Return where the file of a class of transactions lies; None on a server."""
    sessions = getattr(rows, "_sessions", None)
    engine = sessions.kw.get("bind") if isinstance(sessions, async_sessionmaker) else None
    if not isinstance(engine, AsyncEngine) or engine.dialect.name != "sqlite":
        return None
    return Path(engine.url.database or "").parent


def _advice(folder: Path | None) -> str:
    told = advice(folder)
    return f"; {told}" if told else ""


def _retrieve(task: asyncio.Future[T]) -> None:
    """Have no line in the log for an error that nobody waits for."""
    if not task.cancelled():
        task.exception()
