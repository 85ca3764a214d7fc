"""Conversations: the list of what was talked about in a chat, and what can be done with one of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import Clock
from bot.storage.answers.stops import halt
from bot.storage.chats import beside
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.jobs import markdown
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Busy, Chat, Conversation, Loose, Overheard, Part, Prompt, Reply
from providers.blocks import text_of

PAGE = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as it is listed; `questions`: how many were asked in it. The `title` may be empty."""

    id: int
    title: str
    touched_at: float
    questions: int
    is_present: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some conversations of a chat, newest first; `number` counts from 0, `pages` is at least 1."""

    listed: list[Listed]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a conversation goes on: its last question and answer (Markdown), and a message of that, if known."""

    title: str
    asked: str
    said: str
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many conversations were deleted, and how many questions of them waited."""

    conversations: int
    dropped: int


@patient
class Conversations:
    """The conversations of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def page(self, chat_id: int, number: int = 0) -> Page:
        """Return a page of a chat's conversations; the nearest one where there is none of this number."""
        async with self._sessions() as session:
            total = await session.scalar(select(func.count()).select_from(Conversation).where(undeleted(chat_id))) or 0
            pages = max(1, -(-total // PAGE))
            number = min(max(number, 0), pages - 1)
            ids = select(Conversation.id).where(undeleted(chat_id))
            ids = ids.order_by(Conversation.touched_at.desc(), Conversation.id.desc())
            here = list(await session.scalars(ids.limit(PAGE).offset(number * PAGE)))
            return Page(await _listed(session, Conversation.id.in_(here)), number, pages, total)

    async def get(self, chat_id: int, conversation_id: int) -> Listed | None:
        """Return one conversation of a chat, None where it is there no more."""
        async with self._sessions() as session:
            found = await _listed(session, and_(undeleted(chat_id), Conversation.id == conversation_id))
            return found[0] if found else None

    async def present(self, chat_id: int) -> Listed | None:
        """Return the conversation that a chat is in, None where the next question begins one."""
        async with self._sessions() as session:
            found = await _listed(session, and_(undeleted(chat_id), Conversation.id == Chat.conversation_id))
            return found[0] if found else None

    async def count(self, chat_id: int) -> int:
        """Return how many conversations a chat has, with those that its person had elsewhere."""
        async with self._sessions() as session:
            return await session.scalar(select(func.count()).select_from(Conversation).where(_of_all(chat_id))) or 0

    async def ids(self, chat_id: int) -> list[int]:
        """Return the conversations of a chat, with those that its person had elsewhere, newest first."""
        rows = select(Conversation.id).where(_of_all(chat_id))
        async with self._sessions() as session:
            return list(await session.scalars(rows.order_by(Conversation.touched_at.desc(), Conversation.id.desc())))

    async def resume(self, chat_id: int, conversation_id: int) -> Resumed | None:
        """Have the next question of a chat go on from a conversation; None where it is there no more."""
        here = update(Conversation).where(undeleted(chat_id), Conversation.id == conversation_id)
        touched = here.values(touched_at=self._clock.wall()).returning(Conversation.title, Conversation.head_id)
        async with self._sessions.begin() as session:
            if (found := (await session.execute(touched)).one_or_none()) is None:
                return None
            await session.execute(update(Chat).where(Chat.id == chat_id).values(conversation_id=conversation_id))
            return await _end(session, found.title, found.head_id)

    async def rename(self, chat_id: int, title: str) -> bool:
        """Call the present conversation otherwise; False where there is none."""
        present = select(Chat.conversation_id).where(Chat.id == chat_id).scalar_subquery()
        here = update(Conversation).where(undeleted(chat_id), Conversation.id == present)
        named = here.values(title=title, touched_at=self._clock.wall()).returning(Conversation.id)
        async with self._sessions.begin() as session:
            is_there = await session.scalar(named) is not None
        self._signals.titles.set()
        return is_there

    async def delete(self, chat_id: int, conversation_id: int | None = None) -> Deleted:
        """Delete one conversation of a chat, or all, also those elsewhere: from now on they are there for nobody.

        What is under way in them is stopped and shown to its end, what waits is dropped; then the rows go (`Purge`).
        """
        wall = self._clock.wall()
        which = undeleted(chat_id)
        if conversation_id is not None:
            which = and_(which, Conversation.id == conversation_id)
        async with self._sessions.begin() as session:
            deleted = await mark_deleted(session, chat_id, which, wall)
            if conversation_id is None:
                if (other := await session.scalar(select(beside(chat_id)))) is not None:
                    more = await mark_deleted(session, other, undeleted(other), wall)
                    deleted = Deleted(deleted.conversations + more.conversations, deleted.dropped + more.dropped)
                await session.execute(delete(Loose).where(Loose.chat_id == chat_id))
                group = select(Chat.telegram_id).where(Chat.id == chat_id).scalar_subquery()
                topics = select(Chat.id).where(Chat.telegram_id == group)  # all of which the bot reads along in
                await session.execute(delete(Overheard).where(Overheard.chat_id.in_(topics)))
        for signal in (self._signals.stops, self._signals.work, self._signals.deleted):
            signal.set()
        return deleted


async def mark_deleted(session: AsyncSession, chat_id: int, which: ColumnElement[bool], wall: float) -> Deleted:
    """Have conversations of a chat be there for nobody, and drop what waits in them; within a transaction."""
    marked = update(Conversation).where(which).values(deleted_at=wall)
    count = len((await session.scalars(marked.returning(Conversation.id))).all())
    gone = select(Conversation.id).where(Conversation.chat_id == chat_id, Conversation.deleted_at.is_not(None))
    here = update(Chat).where(Chat.id == chat_id, Chat.conversation_id.in_(gone))
    await session.execute(here.values(conversation_id=None))
    asked = Answer.prompt_id.in_(select(Prompt.id).where(Prompt.chat_id == chat_id, Prompt.conversation_id.in_(gone)))
    dropped = await halt(session, and_(Answer.chat_id == chat_id, asked), wall)
    if dropped:
        await session.execute(delete(Busy).where(Busy.chat_id == chat_id))
    return Deleted(count, dropped)


def _of_all(chat_id: int) -> ColumnElement[bool]:
    """Return which conversations are there of a chat, or were had elsewhere by its person."""
    here = or_(Conversation.chat_id == chat_id, Conversation.chat_id == beside(chat_id))
    return and_(here, Conversation.deleted_at.is_(None))


def undeleted(chat_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return which conversations of a chat are there."""
    return and_(Conversation.chat_id == chat_id, Conversation.deleted_at.is_(None))


async def _listed(session: AsyncSession, which: ColumnElement[bool]) -> list[Listed]:
    questions = select(func.count()).where(Prompt.conversation_id == Conversation.id).scalar_subquery()
    rows = await session.execute(
        select(
            Conversation.id,
            Conversation.title,
            Conversation.touched_at,
            questions.label("questions"),
            Chat.conversation_id.is_not_distinct_from(Conversation.id).label("is_present"),
        )
        .join(Chat, Chat.id == Conversation.chat_id)
        .where(which)
        .order_by(Conversation.touched_at.desc(), Conversation.id.desc())
    )
    return [Listed(row.id, row.title, row.touched_at, row.questions, bool(row.is_present)) for row in rows]


async def _end(session: AsyncSession, title: str, head_id: int | None) -> Resumed:
    """Return where a conversation ends, within the caller's transaction."""
    head = select(Answer, Prompt, Reply).join(Prompt, Prompt.id == Answer.prompt_id)
    head = head.join(Reply, Reply.id == Prompt.reply_id).where(Answer.id == head_id)
    found = (await session.execute(head)).one_or_none()
    if found is None:
        return Resumed(title, "", "", None)
    answer, prompt, reply = found
    first = select(Part.message_id).where(Part.reply_id == reply.id, Part.message_id.is_not(None))
    message_id = await session.scalar(first.order_by(Part.number).limit(1))
    return Resumed(title, text_of(prompt.content), markdown(answer), message_id or reply.message_id)
