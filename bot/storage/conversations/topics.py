"""Topics: those of private chats that nobody named are called as the conversation in them."""

from dataclasses import dataclass

from sqlalchemy import exists, select, update

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.tables import Chat, Conversation, Reply


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A topic whose conversation is called `title`, and the topic is not."""

    chat_id: int
    telegram_id: int
    thread_id: int
    title: str


@patient
class Topics:
    """The topics of all private chats."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def unnamed(self) -> list[Unnamed]:
        """Return the topics that are to be named: something was answered in them, and the conversation has a title."""
        rows = select(Chat.id, Chat.telegram_id, Chat.thread_id, Conversation.title)
        rows = rows.join(Conversation, Conversation.id == Chat.conversation_id)
        is_answered = exists().where(Reply.chat_id == Chat.id, Reply.shown_id.is_not(None))
        differs = Chat.topic_title.is_not(None), Chat.topic_title != Conversation.title, Conversation.title != ""
        async with self._sessions() as session:
            found = await session.execute(rows.where(*differs, Chat.gone_at.is_(None), is_answered).order_by(Chat.id))
            return [Unnamed(*row) for row in found]

    async def named(self, chat_id: int, title: str) -> None:
        """Note what a topic is called, or cannot be; not where somebody has named it meanwhile."""
        here = update(Chat).where(Chat.id == chat_id, Chat.topic_title.is_not(None))
        async with self._sessions.begin() as session:
            await session.execute(here.values(topic_title=title))
