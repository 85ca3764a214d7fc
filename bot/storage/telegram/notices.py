"""Notices: those that wait in the outbox, and those that were sent, which the search after a crash passes over."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.ageing import prune
from bot.storage.dialect import chat_of, insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.tables import Access, Ask, Digest, Notice, Outgoing, Reply, Rule, table_of

log = logging.getLogger(__name__)

SENT_KEPT_S = 3 * 24 * 3600.0
PAGE = 200

_NOTICES = table_of(Notice)


@dataclass(frozen=True, slots=True)
class Packed:
    """A call of the Bot API: its name, and its parameters as JSON."""

    method: str
    body: str


@dataclass(frozen=True, slots=True)
class _Ended:
    """A notice that waits no more; the message that it became, if it did."""

    key: int | None
    telegram_id: int | None = None
    message_id: int | None = None


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
        self._ended: list[_Ended] = []
        self._ending = asyncio.Lock()

    async def waiting(self, after: int = 0) -> dict[int, Packed]:
        """Return what waits in the outbox by its key, oldest first: a page of what comes after a key."""
        rows = select(Outgoing).where(Outgoing.id > after).order_by(Outgoing.id).limit(PAGE)
        async with self._sessions() as session:
            return {row.id: Packed(row.method, row.body) for row in await session.scalars(rows)}

    async def to_strangers(self) -> set[int]:
        """Return the keys of what waits for those who were refused and about whom nobody has decided."""
        told = select(Access.telegram_id).where(Access.rule == Rule.TOLD)
        async with self._sessions() as session:
            return set(await session.scalars(select(Outgoing.id).where(chat_of(Outgoing.body).in_(told))))

    async def body(self, key: int) -> str | None:
        """Return the parameters of one that waits, None where it does not any more."""
        async with self._sessions() as session:
            return await session.scalar(select(Outgoing.body).where(Outgoing.id == key))

    async def is_outdated(self, inline_id: str) -> bool:
        """Tell whether an answer stands in an inline message, which a notice there would overwrite."""
        async with self._sessions() as session:
            return await session.scalar(select(Reply.id).where(Reply.inline_id == inline_id)) is not None

    async def sent(self, telegram_id: int, message_id: int, key: int | None) -> None:
        """Note the message of a notice, which waits no more in the outbox if it did (`key`)."""
        await self._end(_Ended(key, telegram_id, message_id))

    async def drop(self, key: int) -> None:
        """Take a notice out of the outbox."""
        await self._end(_Ended(key))

    async def _end(self, ended: _Ended) -> None:
        """Note an end together with all others that wait for it: many at once must not keep intake from the rows."""
        self._ended.append(ended)
        async with self._ending:
            if ended not in self._ended:  # the one before took it along
                return
            taken: list[_Ended] = []
            try:
                async with self._sessions.begin() as session:
                    taken, self._ended = self._ended, []
                    await _note(session, taken, self._clock.wall())
            except BaseException:
                self._ended = taken + self._ended
                raise

    async def prune(self) -> bool:
        """Forget some sent notices that no search will meet; tell whether there may be more."""
        return await prune(self._sessions, _NOTICES, _NOTICES.c.sent_at < self._clock.wall() - SENT_KEPT_S)


async def _note(session: AsyncSession, ended: Sequence[_Ended], wall: float) -> None:
    """Note within the caller's transaction which notices wait no more."""
    sent = [each for each in ended if each.message_id is not None]
    if sent:
        rows = [{"telegram_id": each.telegram_id, "message_id": each.message_id, "sent_at": wall} for each in sent]
        await session.execute(insert(Notice).on_conflict_do_nothing(), rows)
    keys = [each.key for each in ended if each.key is not None]
    if not keys:
        return
    await session.execute(delete(Outgoing).where(Outgoing.id.in_(keys)))
    opened = {each.key: each.message_id for each in sent}
    digests = (await session.scalars(select(Digest).where(Digest.key.in_(keys)))).all()
    asks = (await session.scalars(select(Ask).where(Ask.key.in_(keys)))).all()
    waiting: list[Digest | Ask] = [*digests, *asks]
    for row in waiting:
        if row.key in opened:
            row.message_id, row.key = opened[row.key], None
        else:
            await session.delete(row)
