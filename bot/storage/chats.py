"""Chats: the conversations and what is chosen in them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, ScalarSelect, Select, Update, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.finds import move as move_words
from bot.storage.exchanges.succession import withdraw
from bot.storage.ids import ELSEWHERE
from bot.storage.signals import Signals
from bot.storage.tables import (
    Answer,
    Busy,
    Chat,
    Conversation,
    Loose,
    Message,
    Model,
    Outcome,
    Overheard,
    Part,
    Prompt,
    Reply,
    State,
    Stray,
)

RETURN_S = 5.0  # for a refusal to be noted
KEPT_S = 86_400.0  # what was left half shown longer ago is left so: its message may be gone, and a new one is no news
_OWN = {  # of a chat; all other columns say what was chosen in it
    *("id", "telegram_id", "thread_id", "missing_told", "persona_told", "conversation_id", "album", "topic_title"),
    *("cut_message_id", "cut_user_id", "cut_at", "cut_length_utf16", "gone_at", "removed_at"),
}
COLUMNS = tuple(name for name in (each.name for each in Chat.__table__.columns) if name not in _OWN)


@patient
class Chats:
    """One row per chat, or per topic of a forum.

    What people choose is changed with the updates that say so (`choices.py`); `changes` counts what is changed here,
    for whoever keeps rows for a while.
    """

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals
        self.changes = 0

    async def get(self, telegram_id: int, thread_id: int = 0, *, provider: str) -> Chat:
        """Return a conversation; a new one begins with `provider`."""
        async with self._sessions.begin() as session:
            if chat := await _find(session, telegram_id, thread_id):
                return chat
            chat = Chat(telegram_id=telegram_id, thread_id=thread_id, provider=provider)
            session.add(chat)
            return chat

    async def begin(self, telegram_ids: Collection[int], *, provider: str) -> dict[tuple[int, int], Chat]:
        """Return the conversations of some private chats without topics, as `get` does, by one commit."""
        async with self._sessions.begin() as session:
            known = select(Chat).where(Chat.telegram_id.in_(telegram_ids), Chat.thread_id == 0)
            rows = {row.telegram_id: row for row in await session.scalars(known)}
            new = [each for each in telegram_ids if each not in rows]
            rows |= {each: Chat(telegram_id=each, thread_id=0, provider=provider) for each in new}
            session.add_all(rows[each] for each in new)
            return {(each, 0): row for each, row in rows.items()}

    async def row(self, chat_id: int) -> Chat:
        """Return a conversation by our own id."""
        async with self._sessions() as session:
            return await session.get_one(Chat, chat_id)

    async def model(self, chat_id: int, provider: str) -> str | None:
        """Return the model last chosen in a chat for a provider."""
        async with self._sessions() as session:
            row = await session.get(Model, (chat_id, provider))
            return row.model if row else None

    async def set_album(self, chat_id: int, album: str) -> None:
        """Note the album that was answered, or told about, last."""
        async with self._sessions.begin() as session:
            await session.execute(update(Chat).where(Chat.id == chat_id).values(album=album))
        self.changes += 1

    async def set_gone(
        self, telegram_id: int, thread_id: int | None = None, *, gone: bool, removed: bool = False
    ) -> None:
        """Note that a chat, or one topic of it, can no longer be written to, or can again; what waits in one that is
        gone ends. What had begun to be shown when it went is ended as stopped when it is back, so that no message ends
        in a cursor.

        `removed`: the bot was taken out of a group, whose data is deleted later, unless it is back (`Removals`).
        What was written a moment ago ends only where the chat was known to be gone: else a refusal that is noted late
        would take the prompt of somebody who is back.
        """
        wall = self._clock.wall()
        self.changes += 1
        those = [Chat.telegram_id == telegram_id]
        if thread_id is not None:
            those.append(Chat.thread_id == thread_id)
        here = select(Chat.id).where(*those)
        known = exists().where(*those, Chat.gone_at.is_not(None))
        waiting = update(Answer).where(Answer.chat_id.in_(here), Answer.state == State.QUEUED)
        waiting = waiting.where(or_(Answer.created_at < wall - RETURN_S, known))
        async with self._sessions.begin() as session:
            if gone:
                ended = {"state": State.DONE, "outcome": Outcome.UNDELIVERABLE, "closed_at": wall}
                for answer_id in (await session.scalars(waiting.values(ended).returning(Answer.id))).all():
                    await withdraw(session, answer_id)
                await session.execute(delete(Busy).where(Busy.chat_id.in_(here)))
            elif (await session.scalars(_taken_up(here, wall - KEPT_S).returning(Answer.id))).all():
                self._signals.work.set()
            gone_at = wall if gone else None
            values = {"gone_at": gone_at} if gone and not removed else {"gone_at": gone_at, "removed_at": gone_at}
            await session.execute(update(Chat).where(*those).values(values))

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
            source.removed_at = None  # a group that ends in favour of another is left, too
            if target is None:
                source.telegram_id = new
                return
            for column in COLUMNS:
                setattr(target, column, getattr(source, column))
            await _requeue(session, source.id, beside=target.id)
            await _join(session, source, target)
            await session.execute(delete(Model).where(Model.chat_id == target.id))
            await move_words(session, source.id, target.id)
            for table in (Conversation, Reply, Prompt, Answer, Model):
                await session.execute(update(table).where(table.chat_id == source.id).values(chat_id=target.id))
            await session.delete(source)


def beside(chat_id: int) -> ScalarSelect[int]:
    """Return the row for what the person of a private chat asks elsewhere, null where there is none."""
    here, other = aliased(Chat), aliased(Chat)
    rows = select(other.id).join(here, here.telegram_id == other.telegram_id)
    return rows.where(here.id == chat_id, other.thread_id == ELSEWHERE, other.id != here.id).scalar_subquery()


def _taken_up(chat_ids: Select[int], since: float) -> Update:
    """Have what was under way when some chats went, and stands there in part, be claimed once more, to be stopped."""
    torn = exists().where(
        Part.answer_id == Answer.id,
        Part.message_id.is_not(None),
        Reply.id == Part.reply_id,
        Reply.wanted_id == Answer.id,
        Reply.shown_id.is_(None),
        ~Reply.dirty,
    )
    again = update(Answer).where(Answer.chat_id.in_(chat_ids), Answer.state == State.DONE, torn)
    again = again.where(Answer.outcome == Outcome.UNDELIVERABLE, Answer.closed_at > since)
    return again.values(state=State.QUEUED, outcome=None, closed_at=None, stop=True)


async def _forget_messages(session: AsyncSession, chat_id: int) -> None:
    replies = select(Reply.id).where(Reply.chat_id == chat_id)
    answers = select(Answer.id).where(Answer.chat_id == chat_id)
    await session.execute(delete(Part).where(Part.reply_id.in_(replies)))
    await session.execute(delete(Stray).where(Stray.answer_id.in_(answers)))
    await session.execute(delete(Message).where(Message.chat_id == chat_id))
    for table in (Loose, Overheard):
        await session.execute(delete(table).where(table.chat_id == chat_id))
    await session.execute(update(Reply).where(Reply.chat_id == chat_id).values(message_id=None))


async def _requeue(session: AsyncSession, chat_id: int, *, beside: int) -> None:
    """Put what is under way in a chat back into the queue where it is to go `beside` what is under way in another.

    An answer that is made keeps what was said, and waits only to be shown (`Backlog.claim`). A former one that was to
    be shown once more, because none came in its place, has been said: it is left behind.
    """

    def under_way(chat: int) -> ColumnElement[bool]:
        shown = select(Reply.wanted_id).where(Reply.chat_id == chat, Reply.dirty)
        return and_(Answer.chat_id == chat, or_(Answer.state == State.GENERATING, Answer.id.in_(shown)))

    if await session.scalar(select(Answer.id).where(under_way(beside)).limit(1)) is None:
        return
    stood = select(Reply.shown_id).where(Reply.chat_id == chat_id, Reply.dirty, Reply.shown_id == Reply.wanted_id)
    await session.execute(update(Answer).where(under_way(chat_id), Answer.id.not_in(stood)).values(state=State.QUEUED))
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
