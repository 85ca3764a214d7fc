"""Overheard: the last messages of groups that have the bot read along, as many as their admins have chosen.

They are there for questions that are asked about them, and for nothing else: they go when newer ones push them out,
after `KEPT_S`, with /forget, with the group, and when reading along is switched off.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.ageing import prune
from bot.storage.chats import Chats
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.signals import Signals
from bot.storage.tables import Chat, Overheard, table_of

KEPT_S = 2 * 86_400.0
MAX_TEXT = 1_000  # characters of each
COLUMN = "read_along"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a group (`chat_id`, our own id) that is not meant for the bot; `is_edit`: it says this now."""

    chat_id: int
    message_id: int
    name: str
    text: str
    sent_at: float
    is_edit: bool = False


@patient
class Overhearing:
    """Which groups have the bot read along; kept in memory, as each message of each group asks for it."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals, chats: Chats) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals
        self._chats = chats
        self._limits: dict[int, int] = {}
        self._read_at: int | None = None

    async def limit(self, telegram_id: int) -> int:
        """Return how many messages of a group are kept, 0 for none."""
        if self._signals.along.is_set() or self._read_at != self._chats.changes:
            self._signals.along.clear()
            self._read_at = self._chats.changes
            rows = select(Chat.telegram_id, func.max(Chat.read_along)).where(Chat.read_along > 0)
            async with self._sessions() as session:
                self._limits = {row[0]: row[1] for row in await session.execute(rows.group_by(Chat.telegram_id))}
        return self._limits.get(telegram_id, 0)

    async def prune(self) -> bool:
        """Forget some of what was kept long enough; tell whether there may be more.

        Also what seems to come from the future, as after a clock was wrong.
        """
        wall, at = self._clock.wall(), table_of(Overheard).c.sent_at
        return await prune(self._sessions, table_of(Overheard), (at < wall - KEPT_S) | (at > wall + KEPT_S))


async def hear(session: AsyncSession, heard: Sequence[Heard]) -> None:
    """Keep some messages where their groups wish it now, within the caller's transaction; the oldest make room."""
    if not heard:
        return
    limits = await _limits(session, {each.chat_id for each in heard})
    for each in heard:
        here = Overheard.chat_id == each.chat_id
        values = {"name": each.name, "text": each.text[:MAX_TEXT], "sent_at": each.sent_at}
        if each.is_edit:
            edited = update(Overheard).where(here, Overheard.message_id == each.message_id)
            await session.execute(edited.values(text=values["text"]))
        elif each.chat_id in limits:
            row = insert(Overheard).values(chat_id=each.chat_id, message_id=each.message_id, **values)
            await session.execute(row.on_conflict_do_nothing())
    for chat_id, limit in limits.items():
        kept = select(Overheard.message_id).where(Overheard.chat_id == chat_id)
        kept = kept.order_by(Overheard.message_id.desc()).limit(limit)
        worn = delete(Overheard).where(Overheard.chat_id == chat_id, Overheard.message_id.not_in(kept))
        await session.execute(worn)


async def heard_before(session: AsyncSession, chat_id: int, message_id: int | None, wall: float) -> list[Overheard]:
    """Return what was said in a conversation's chat before a message, oldest first, within the caller's transaction."""
    rows = select(Overheard).where(
        Overheard.chat_id == chat_id, Overheard.sent_at.between(wall - KEPT_S, wall + KEPT_S)
    )
    if message_id is not None:
        rows = rows.where(Overheard.message_id < message_id)
    return list(await session.scalars(rows.order_by(Overheard.message_id)))


async def forget(session: AsyncSession, chat_ids: Sequence[int]) -> None:
    """Forget all that was said in some chats, by our own ids."""
    await session.execute(delete(Overheard).where(Overheard.chat_id.in_(chat_ids)))


async def _limits(session: AsyncSession, chat_ids: set[int]) -> dict[int, int]:
    """Return how many messages of some chats are kept; what is chosen in one topic holds in all."""
    anywhere = aliased(Chat)
    rows = select(Chat.id, func.max(anywhere.read_along)).join(anywhere, anywhere.telegram_id == Chat.telegram_id)
    rows = rows.where(Chat.id.in_(chat_ids)).group_by(Chat.id)
    return {row[0]: row[1] for row in await session.execute(rows) if row[1] > 0}
