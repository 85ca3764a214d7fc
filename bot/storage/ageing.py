"""Ageing: rows that are too old go, now and then, some by one transaction, so that nobody waits long for them.

There may be millions: after weeks of a busy bot, or where it was down past the day on which they were due. KEEP_DAYS is
about conversations, which are `conversations/purge.py`'s.
"""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import ColumnElement, CursorResult, Table, delete, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.engine.database import Sessions

AT_ONCE = 1_000  # rows: the database is held for some 10 ms
PAUSE_S = 0.02  # between two transactions: others come in
EACH_S = 3600.0

Prune = Callable[[], Awaitable[bool]]


class Ageing:
    """Has what is too old forgotten; each of `prunes` forgets some and tells whether there may be more."""

    def __init__(self, clock: Clock, prunes: Sequence[Prune]) -> None:
        self._clock = clock
        self._prunes = prunes

    async def run(self) -> None:
        """Do so, for ever. Raises DatabaseDamaged."""
        while True:
            for prune in self._prunes:
                while await prune():
                    await self._clock.sleep(PAUSE_S)
            await self._clock.sleep(EACH_S)


async def prune(sessions: Sessions, table: Table, is_old: ColumnElement[bool]) -> bool:
    """Delete some rows that are too old, by a transaction where there are any; tell whether there may be more."""
    async with sessions() as session:
        if not await session.scalar(select(exists().where(is_old))):
            return False
    async with sessions.begin() as session:
        return await clear(session, table, is_old)


async def clear(session: AsyncSession, table: Table, is_old: ColumnElement[bool]) -> bool:
    """Delete some rows that are too old, within the caller's transaction; tell whether there may be more."""
    key = tuple_(*table.primary_key.columns)
    some = select(*table.primary_key.columns).where(is_old).limit(AT_ONCE)
    gone: CursorResult[tuple[()]] = await session.execute(delete(table).where(key.in_(some)))  # type: ignore[assignment]
    return gone.rowcount >= AT_ONCE
