"""Notices: those that wait in the outbox, and those that were sent, which the search after a crash passes over."""

import logging
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.patience import patient
from bot.storage.tables import Digest, Notice, Outgoing

log = logging.getLogger(__name__)

SENT_KEPT_S = 3 * 24 * 3600.0
PAGE = 200


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

    async def waiting(self, after: int = 0) -> dict[int, Packed]:
        """Return what waits in the outbox by its key, oldest first: a page of what comes after a key."""
        rows = select(Outgoing).where(Outgoing.id > after).order_by(Outgoing.id).limit(PAGE)
        async with self._sessions() as session:
            return {row.id: Packed(row.method, row.body) for row in await session.scalars(rows)}

    async def body(self, key: int) -> str | None:
        """Return the parameters of one that waits, None where it does not any more."""
        async with self._sessions() as session:
            return await session.scalar(select(Outgoing.body).where(Outgoing.id == key))

    async def sent(self, telegram_id: int, message_id: int, key: int | None) -> None:
        """Note the message of a notice, which waits no more in the outbox if it did (`key`)."""
        values = {"telegram_id": telegram_id, "message_id": message_id, "sent_at": self._clock.wall()}
        async with self._sessions.begin() as session:
            await session.execute(insert(Notice).values(values).on_conflict_do_nothing())
            if key is not None:
                await session.execute(delete(Outgoing).where(Outgoing.id == key))
                opened = {"message_id": message_id, "key": None}
                await session.execute(update(Digest).where(Digest.key == key).values(opened))

    async def drop(self, key: int) -> None:
        """Take a notice out of the outbox."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Outgoing).where(Outgoing.id == key))
            await session.execute(delete(Digest).where(Digest.key == key))

    async def prune(self) -> None:
        """Forget sent notices that no search will meet."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Notice).where(Notice.sent_at < self._clock.wall() - SENT_KEPT_S))
