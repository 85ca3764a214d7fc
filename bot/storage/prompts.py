"""Prompts: what was asked, and asking it again."""

from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.patience import patient
from bot.storage.questions import Verdict
from bot.storage.signals import Signals
from bot.storage.tables import UNFINISHED, Answer, Chat, Conversation, Prompt, Reply
from bot.storage.updates import is_taken, take
from bot.storage.versions import move
from providers.blocks import Content


@dataclass(frozen=True, slots=True)
class Wording:
    """Other words for the last prompt, and the message that says them."""

    message_id: int
    content: Content


@patient
class Prompts:
    """The prompts of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def again(
        self, update_id: int, chat_id: int, *, user_id: int, language: str, wording: Wording | None = None
    ) -> Verdict:
        """Ask the last prompt of the present conversation again, in a reply of its own; maybe in another `wording`."""
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            present = select(Chat.conversation_id).where(Chat.id == chat_id).scalar_subquery()
            last = await session.scalar(
                select(Prompt).where(Prompt.conversation_id == present).order_by(Prompt.id.desc()).limit(1)
            )
            if last is None:
                return Verdict.NOTHING
            if await _is_busy(session, chat_id):
                return Verdict.BUSY
            await take(session, update_id, self._clock.wall())
            before = await session.get_one(Reply, last.reply_id)
            reply = Reply(chat_id=chat_id, message_id=wording.message_id if wording else before.message_id)
            session.add(reply)
            await session.flush()
            prompt = Prompt(
                conversation_id=last.conversation_id,
                chat_id=chat_id,
                parent_id=last.parent_id,
                reply_id=reply.id,
                user_id=user_id,
                language=language,
                content=wording.content if wording else last.content,
                unread=None if wording else last.unread,
                created_at=self._clock.wall(),
            )
            session.add(prompt)
            await session.flush()
            reply.wanted_id = await self._queue(session, prompt, user_id)
            head = update(Conversation).where(Conversation.id == prompt.conversation_id)
            await session.execute(head.values(head_id=reply.wanted_id))
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def anew(self, update_id: int, chat_id: int, *, user_id: int, answer_id: int) -> Verdict:
        """Have another answer made in the messages of the last one of the present conversation, which is named.

        Where nothing was said in that one, the conversation goes on from a former one to the same question.
        """
        head, same = aliased(Answer), aliased(Prompt)
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            row = await session.execute(
                select(Prompt, head.id)
                .join(Answer, Answer.prompt_id == Prompt.id)
                .join(Reply, Reply.id == Prompt.reply_id)
                .join(Chat, Chat.conversation_id == Prompt.conversation_id)
                .join(Conversation, Conversation.id == Prompt.conversation_id)
                .join(head, head.id == Conversation.head_id)
                .join(same, same.id == head.prompt_id)
                # A later one than is wanted came to nothing; before 0007 the button named that.
                .where(Chat.id == chat_id, Answer.id == answer_id, Reply.wanted_id <= answer_id)
                .where(head.id <= answer_id, same.parent_id.is_not_distinct_from(Prompt.parent_id))
            )
            if (found := row.one_or_none()) is None:
                return Verdict.STALE
            prompt, head_id = found
            if await _is_busy(session, chat_id):
                return Verdict.BUSY
            await take(session, update_id, self._clock.wall())
            wanted = await self._queue(session, prompt, user_id)
            reply = update(Reply).where(Reply.id == prompt.reply_id)
            await session.execute(reply.values(wanted_id=wanted, note=None))
            await move(session, prompt.conversation_id, head_id, wanted)
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def asker(self, chat_id: int, answer_id: int | None = None) -> int | None:
        """Return who asked for an answer in a chat, by default for the last one of the present conversation."""
        present = select(Chat.conversation_id).where(Chat.id == chat_id).scalar_subquery()
        asked = select(Answer.user_id).join(Prompt, Prompt.id == Answer.prompt_id).where(Answer.chat_id == chat_id)
        asked = asked.where(Answer.id == answer_id if answer_id is not None else Prompt.conversation_id == present)
        async with self._sessions() as session:
            user_id: int | None = await session.scalar(asked.order_by(Answer.id.desc()).limit(1))
            return user_id

    async def _queue(self, session: AsyncSession, prompt: Prompt, user_id: int) -> int:
        wall = self._clock.wall()
        answer = Answer(prompt_id=prompt.id, chat_id=prompt.chat_id, user_id=user_id, created_at=wall)
        session.add(answer)
        await session.flush()
        return answer.id


async def _is_busy(session: AsyncSession, chat_id: int) -> bool:
    """Tell whether an answer of a chat is not whole on the screen."""
    unfinished = select(Answer.id).where(Answer.chat_id == chat_id, Answer.state.in_(UNFINISHED))
    dirty = select(Reply.id).where(Reply.chat_id == chat_id, Reply.dirty)
    return await session.scalar(select(or_(unfinished.exists(), dirty.exists()))) or False
