"""Patience: a database that is locked, full or cannot be read for now is waited for."""

import functools
import inspect
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.storage.faults import raise_unless_passing

log = logging.getLogger(__name__)

PAUSE_S = 0.5
SAY_S = 60.0

T = TypeVar("T")


class _Timed(Protocol):
    _clock: Clock


def patient(rows: type[T]) -> type[T]:
    """Make each method of a class of transactions repeat itself as long as the database fails in passing.

    A transaction that failed has changed nothing, and one that is repeated after a commit nobody confirmed does no
    harm: taken updates and closed turns are known. They raise DatabaseDamaged.
    """
    for name, method in list(vars(rows).items()):
        if inspect.iscoroutinefunction(method) and not name.startswith("_"):
            setattr(rows, name, _repeated(method))
    return rows


def _repeated(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    said_at = -math.inf

    @functools.wraps(method)
    async def repeated(self: _Timed, *arguments: Any, **named: Any) -> Any:
        nonlocal said_at
        clock = self._clock
        while True:
            try:
                return await method(self, *arguments, **named)
            except DBAPIError as error:
                raise_unless_passing(error)
                reason = error.orig
            if clock.now() >= said_at + SAY_S:
                said_at = clock.now()
                log.error("the database does not answer, waiting for=%s error=%s", method.__name__, reason)
            await clock.sleep(PAUSE_S)

    return repeated
