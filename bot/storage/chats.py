"""Chats: the conversations and what is chosen in them."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.patience import patient
from bot.storage.tables import Answer, Busy, Chat, Conversation, Model, Outcome, Part, Prompt, Reply, State, Stray
from bot.storage.updates import is_taken

RETURN_S = 5.0  # for a refusal to be noted
COLUMNS = ("provider", "language", "system_prompt", "streaming", "reasoning", "open_to_members")


@patient
class Chats:
    """One row per chat, or per topic of a forum.

    Methods with an `update_id` change nothing where that update was taken, and tell so by their result. They leave it
    to be taken with what is said about it: what they change can be changed twice. `changes` counts the changes, for
    whoever keeps rows for a while.
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self.changes = 0

    async def among(self, telegram_ids: Iterable[int]) -> dict[tuple[int, int], Chat]:
        """Return those conversations of some chats that there are."""
        async with self._sessions() as session:
            rows = await session.scalars(select(Chat).where(Chat.telegram_id.in_(telegram_ids)))
            return {(row.telegram_id, row.thread_id): row for row in rows}

    async def get(self, telegram_id: int, thread_id: int = 0, *, provider: str) -> Chat:
        """Return a conversation; a new one begins with `provider`."""
        async with self._sessions.begin() as session:
            if chat := await _find(session, telegram_id, thread_id):
                return chat
            chat = Chat(telegram_id=telegram_id, thread_id=thread_id, provider=provider)
            session.add(chat)
            return chat

    async def row(self, chat_id: int) -> Chat:
        """Return a conversation by our own id."""
        async with self._sessions() as session:
            return await session.get_one(Chat, chat_id)

    async def model(self, chat_id: int, provider: str) -> str | None:
        """Return the model last chosen in a chat for a provider."""
        async with self._sessions() as session:
            row = await session.get(Model, (chat_id, provider))
            return row.model if row else None

    async def set_provider(self, update_id: int, chat_id: int, provider: str) -> bool:
        """Switch a conversation to another provider."""
        return await self._change(update_id, chat_id, provider=provider, missing_told=None)

    async def set_model(self, update_id: int, chat_id: int, provider: str, model: str) -> bool:
        """Choose a model for a provider."""
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return False
            row = insert(Model).values(chat_id=chat_id, provider=provider, model=model)
            await session.execute(
                row.on_conflict_do_update(index_elements=("chat_id", "provider"), set_={"model": model})
            )
            return True

    async def set_language(self, update_id: int, chat_id: int, language: str | None) -> bool:
        """Choose the language of the bot's own texts; None follows the user."""
        return await self._change(update_id, chat_id, language=language)

    async def set_system_prompt(self, update_id: int, chat_id: int, system_prompt: str | None) -> bool:
        """Choose the chat's own system prompt; None is the operator's."""
        return await self._change(update_id, chat_id, system_prompt=system_prompt)

    async def set_streaming(self, update_id: int, chat_id: int, streaming: bool) -> bool:
        """Choose whether an answer is shown while it grows."""
        return await self._change(update_id, chat_id, streaming=streaming)

    async def set_reasoning(self, update_id: int, chat_id: int, reasoning: bool) -> bool:
        """Choose whether the model's reasoning is shown."""
        return await self._change(update_id, chat_id, reasoning=reasoning)

    async def set_album(self, chat_id: int, album: str) -> None:
        """Note the album that was answered, or told about, last."""
        async with self._sessions.begin() as session:
            await session.execute(update(Chat).where(Chat.id == chat_id).values(album=album))
        self.changes += 1

    async def is_open_to_members(self, telegram_id: int) -> bool:
        """Tell whether everybody in a group may choose what concerns it."""
        is_open = exists().where(Chat.telegram_id == telegram_id, Chat.open_to_members)
        async with self._sessions() as session:
            return bool(await session.scalar(select(is_open)))

    async def set_open_to_members(self, update_id: int, telegram_id: int, *, is_open: bool) -> bool:
        """Let everybody in a group choose, or only its admins; in all of its topics."""
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return False
            here = update(Chat).where(Chat.telegram_id == telegram_id)
            await session.execute(here.values(open_to_members=is_open))
            self.changes += 1
            return True

    async def start_new(self, update_id: int, chat_id: int) -> bool:
        """Begin a new conversation: what was said so far is no longer sent."""
        return await self._change(update_id, chat_id, conversation_id=None)

    async def set_gone(self, telegram_id: int, *, gone: bool) -> None:
        """Note that a chat can no longer be written to, or can again; what waits in one that is gone ends.

        What was written a moment ago ends only where the chat was known to be gone: else a refusal that is noted late
        would take the prompt of somebody who is back.
        """
        wall = self._clock.wall()
        self.changes += 1
        here = select(Chat.id).where(Chat.telegram_id == telegram_id)
        known = exists().where(Chat.telegram_id == telegram_id, Chat.gone_at.is_not(None))
        waiting = update(Answer).where(Answer.chat_id.in_(here), Answer.state == State.QUEUED)
        waiting = waiting.where(or_(Answer.created_at < wall - RETURN_S, known))
        async with self._sessions.begin() as session:
            if gone:
                ended = {"state": State.DONE, "outcome": Outcome.UNDELIVERABLE, "closed_at": wall}
                await session.execute(waiting.values(ended))
                await session.execute(delete(Busy).where(Busy.chat_id.in_(here)))
            gone_at = wall if gone else None
            await session.execute(update(Chat).where(Chat.telegram_id == telegram_id).values(gone_at=gone_at))

    async def migrate(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup.

        Message ids do not carry over, so its messages are forgotten, and what is not whole is opened anew. Where the
        supergroup has a row already, that takes over the group's settings, and its conversation goes on from the
        group's.
        """
        self.changes += 1
        async with self._sessions.begin() as session:
            source = await _find(session, old, 0)
            if source is None:
                return
            await _forget_messages(session, source.id)
            target = await _find(session, new, 0)
            if target is None:
                source.telegram_id = new
                return
            for column in COLUMNS:
                setattr(target, column, getattr(source, column))
            await _requeue(session, source.id, beside=target.id)
            await _join(session, source, target)
            await session.execute(delete(Model).where(Model.chat_id == target.id))
            for table in (Conversation, Reply, Prompt, Answer, Model):
                await session.execute(update(table).where(table.chat_id == source.id).values(chat_id=target.id))
            await session.delete(source)

    async def _change(self, update_id: int, chat_id: int, **columns: object) -> bool:
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return False
            differs = or_(*(getattr(Chat, name).is_distinct_from(value) for name, value in columns.items()))
            changed = update(Chat).where(Chat.id == chat_id, differs).values(columns).returning(Chat.id)
            if await session.scalar(changed) is not None:
                self.changes += 1
            return True


async def _forget_messages(session: AsyncSession, chat_id: int) -> None:
    replies = select(Reply.id).where(Reply.chat_id == chat_id)
    answers = select(Answer.id).where(Answer.chat_id == chat_id)
    await session.execute(delete(Part).where(Part.reply_id.in_(replies)))
    await session.execute(delete(Stray).where(Stray.answer_id.in_(answers)))
    await session.execute(update(Reply).where(Reply.chat_id == chat_id).values(message_id=None))


async def _requeue(session: AsyncSession, chat_id: int, *, beside: int) -> None:
    """Put what is under way in a chat back into the queue where it is to go `beside` what is under way in another."""

    def under_way(chat: int) -> ColumnElement[bool]:
        shown = select(Reply.wanted_id).where(Reply.chat_id == chat, Reply.dirty)
        return and_(Answer.chat_id == chat, or_(Answer.state == State.GENERATING, Answer.id.in_(shown)))

    if await session.scalar(select(Answer.id).where(under_way(beside)).limit(1)) is None:
        return
    again = {"state": State.QUEUED, "outcome": None, "content": None, "shown": None, "kept": None, "note": None}
    await session.execute(update(Answer).where(under_way(chat_id)).values(again))
    await session.execute(update(Reply).where(Reply.chat_id == chat_id, Reply.dirty).values(dirty=False))


async def _join(session: AsyncSession, source: Chat, target: Chat) -> None:
    """Have the present conversation of `target` go on from that of `source`."""
    former = await session.get(Conversation, source.conversation_id) if source.conversation_id else None
    present = await session.get(Conversation, target.conversation_id) if target.conversation_id else None
    if former is None or present is None:
        target.conversation_id = former.id if former else target.conversation_id
        return
    first = update(Prompt).where(Prompt.conversation_id == present.id, Prompt.parent_id.is_(None))
    await session.execute(first.values(parent_id=former.head_id))
    moved = update(Prompt).where(Prompt.conversation_id == former.id)
    await session.execute(moved.values(conversation_id=present.id))
    await session.delete(former)


async def _find(session: AsyncSession, telegram_id: int, thread_id: int) -> Chat | None:
    found: Chat | None = await session.scalar(
        select(Chat).where(Chat.telegram_id == telegram_id, Chat.thread_id == thread_id)
    )
    return found
