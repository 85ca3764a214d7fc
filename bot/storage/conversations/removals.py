"""Removals: a group's data is deleted a day after the bot was taken out of it, unless it is back.

Removing the bot and adding it again is what it advises itself where Telegram hides mentions from it. Its conversations
are there for nobody from then on, and `Purge` takes their rows away; a month later also what was chosen there.
"""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.conversations.conversations import mark_deleted, undeleted
from bot.storage.conversations.purge import delete_rows
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.signals import Signals
from bot.storage.tables import Account, Admin, Busy, Chat, Conversation, Held, Loose, Overheard, Reply, table_of

GRACE_S = 86_400.0
SETTINGS_KEPT_S = 30 * 86_400.0


@patient
class Removals:
    """The groups that the bot was taken out of."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def carry_out(self) -> bool:
        """Delete what was said in them, each by one transaction; after a month also what was chosen there."""
        for chat_id in await self._due():
            await self._forget(chat_id)
        return False

    async def _due(self) -> list[int]:
        wall = self._clock.wall()
        due = Chat.removed_at < wall - GRACE_S
        is_there = exists().where(undeleted(Chat.id)) | Chat.system_prompt.is_not(None)
        is_old = Chat.removed_at < wall - SETTINGS_KEPT_S
        async with self._sessions() as session:
            return list(await session.scalars(select(Chat.id).where(due, is_there | is_old)))

    async def _forget(self, chat_id: int) -> None:
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            chat = await session.get(Chat, chat_id)
            if chat is None or chat.removed_at is None or chat.removed_at >= wall - GRACE_S:  # the bot is back
                return
            await mark_deleted(session, chat_id, undeleted(chat_id), wall)
            await _delete_rest(session, chat)
            left = select(exists().where(Conversation.chat_id == chat_id) | exists().where(Reply.chat_id == chat_id))
            if chat.removed_at < wall - SETTINGS_KEPT_S and not await session.scalar(left):
                await delete_rows(session, table_of(Chat), [chat_id])
        for signal in (self._signals.stops, self._signals.work, self._signals.deleted):
            signal.set()


async def _delete_rest(session: AsyncSession, chat: Chat) -> None:
    await session.execute(update(Chat).where(Chat.id == chat.id).values(conversation_id=None, system_prompt=None))
    for table in (Busy, Loose, Overheard):
        await session.execute(delete(table).where(table.chat_id == chat.id))
    for row in (Held, Admin):
        await session.execute(delete(row).where(row.telegram_id == chat.telegram_id))
    anonymous = update(Account).where(Account.telegram_id == chat.telegram_id)
    await session.execute(anonymous.values(name=""))
