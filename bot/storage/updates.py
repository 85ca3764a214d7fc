"""Updates: each is taken once, however often Telegram delivers it."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.patience import patient
from bot.storage.tables import Update

KEPT_S = 3 * 24 * 3600.0  # Telegram keeps an update for 24 h


async def take(session: AsyncSession, update_id: int, wall: float) -> bool:
    """Note within the caller's transaction that an update is taken; False if it was before."""
    values = {"update_id": update_id, "taken_at": wall}
    done = await session.scalar(insert(Update).values(values).on_conflict_do_nothing().returning(Update.update_id))
    return done is not None


@patient
class Updates:
    """The updates that were taken."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def known(self, update_id: int) -> bool:
        """Tell whether an update was taken."""
        async with self._sessions() as session:
            return await session.scalar(select(Update.update_id).where(Update.update_id == update_id)) is not None

    async def take(self, update_id: int) -> bool:
        """Note that an update is taken which changes nothing else; False if it was before."""
        async with self._sessions.begin() as session:
            return await take(session, update_id, self._clock.wall())

    async def prune(self) -> None:
        """Forget updates that Telegram can no longer deliver again."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Update).where(Update.taken_at < self._clock.wall() - KEPT_S))
