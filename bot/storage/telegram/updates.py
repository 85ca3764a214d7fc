"""Updates: each is taken once, however often Telegram delivers it."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.ageing import prune
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.tables import Loose, Risk, Update, table_of
from bot.storage.telegram.loose import is_aged
from bot.storage.telegram.notices import Packed, keep

KEPT_S = 3 * 24 * 3600.0  # Telegram keeps an update for 24 h

_UPDATES, _RISKS = table_of(Update), table_of(Risk)
_TAKE = insert(_UPDATES).on_conflict_do_nothing().returning(_UPDATES.c.update_id)


async def is_taken(session: AsyncSession, update_id: int) -> bool:
    """Tell within the caller's transaction whether an update was taken."""
    return await session.get(Update, update_id) is not None


async def take(session: AsyncSession, update_id: int, wall: float) -> bool:
    """Note within the caller's transaction that an update is taken; False if it was before."""
    return bool(await take_all(session, [update_id], wall))


async def take_all(session: AsyncSession, update_ids: Sequence[int], wall: float) -> set[int]:
    """Note within the caller's transaction that updates are taken; return those that were not before."""
    if not update_ids:
        return set()
    marks = [{"update_id": update_id, "taken_at": wall} for update_id in update_ids]
    return set(await session.scalars(_TAKE, marks))


@patient
class Updates:
    """The updates that were taken."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def known(self, update_id: int) -> bool:
        """Tell whether an update was taken."""
        async with self._sessions() as session:
            return await is_taken(session, update_id)

    async def take(self, update_id: int, notices: Sequence[Packed] = ()) -> list[int]:
        """Note that an update is taken, and put what is said about it into the outbox; return the keys there."""
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            await take(session, update_id, wall)
            return [await keep(session, notice, wall) for notice in notices]

    async def risk(self, update_ids: Sequence[int]) -> dict[int, int]:
        """Note that updates are about to be handled; return how often a process died of them before."""
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            rows = (await session.scalars(select(Risk).where(Risk.update_id.in_(update_ids)))).all()
            before = {row.update_id: row.deaths for row in rows}
            session.add_all(Risk(update_id=new, deaths=1, at=wall) for new in update_ids if new not in before)
        return before

    async def risk_again(self, update_id: int) -> None:
        """Note that an update is about to be handled of which a process may have died, and no other beside it."""
        async with self._sessions.begin() as session:
            row = update(Risk).where(Risk.update_id == update_id)
            await session.execute(row.values(deaths=Risk.deaths + 1, at=self._clock.wall()))

    async def survive(self, update_ids: Sequence[int]) -> None:
        """Note that the process did not die of updates."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Risk).where(Risk.update_id.in_(update_ids)))

    async def prune(self) -> bool:
        """Forget updates that Telegram can no longer deliver again, and albums that nobody asked about.

        Some of them; tell whether there may be more.
        """
        wall = self._clock.wall()
        more = [
            await prune(self._sessions, _UPDATES, _UPDATES.c.taken_at < wall - KEPT_S),
            await prune(self._sessions, _RISKS, _RISKS.c.at < wall - KEPT_S),
            await prune(self._sessions, table_of(Loose), is_aged(wall)),
        ]
        return any(more)
