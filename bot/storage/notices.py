"""Notices: those that wait in the outbox, and those that were sent, which the search after a crash passes over."""

import logging
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.patience import patient
from bot.storage.tables import Notice, Outgoing

log = logging.getLogger(__name__)

SENT_KEPT_S = 3 * 24 * 3600.0
WAITING_KEPT_S = 3600.0  # what is older answers what nobody remembers
MAX_WAITING = 300


@dataclass(frozen=True, slots=True)
class Packed:
    """A call of the Bot API: its name, and its parameters as JSON."""

    method: str
    body: str


async def keep(session: AsyncSession, notice: Packed, wall: float) -> int:
    """Put a notice into the outbox within the caller's transaction; return its key."""
    row = Outgoing(method=notice.method, body=notice.body, stored_at=wall)
    session.add(row)
    await session.flush()
    return row.id


@patient
class Notices:
    """The bot's own notices."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def waiting(self) -> dict[int, Packed]:
        """Return what waits in the outbox by its key, oldest first; drop what is too old, or too much."""
        newest = select(Outgoing.id).order_by(Outgoing.id.desc()).limit(MAX_WAITING)
        is_old = Outgoing.stored_at < self._clock.wall() - WAITING_KEPT_S
        drop = delete(Outgoing).where(or_(is_old, Outgoing.id.not_in(newest))).returning(Outgoing.id)
        async with self._sessions.begin() as session:
            dropped = (await session.scalars(drop)).all()
            rows = (await session.scalars(select(Outgoing).order_by(Outgoing.id))).all()
        if dropped:
            log.warning("notices dropped, too old or too many count=%s", len(dropped))
        return {row.id: Packed(row.method, row.body) for row in rows}

    async def sent(self, telegram_id: int, message_id: int, key: int | None) -> None:
        """Note the message of a notice, which waits no more in the outbox if it did (`key`)."""
        values = {"telegram_id": telegram_id, "message_id": message_id, "sent_at": self._clock.wall()}
        async with self._sessions.begin() as session:
            await session.execute(insert(Notice).values(values).on_conflict_do_nothing())
            if key is not None:
                await session.execute(delete(Outgoing).where(Outgoing.id == key))

    async def drop(self, key: int) -> None:
        """Take a notice out of the outbox."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Outgoing).where(Outgoing.id == key))

    async def prune(self) -> None:
        """Forget sent notices that no search will meet."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Notice).where(Notice.sent_at < self._clock.wall() - SENT_KEPT_S))
