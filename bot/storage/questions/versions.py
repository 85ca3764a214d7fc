"""Versions: another answer to the same question, made or shown in the messages of the last one."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.succession import IS_VERSION, is_same_question, move
from bot.storage.people.usage import NOBODYS, Bill
from bot.storage.questions.choices import Change, change
from bot.storage.questions.further import charge, is_busy, queue
from bot.storage.questions.questions import Verdict
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Chat, Conversation, Part, Prompt, Reply
from bot.storage.telegram.updates import is_taken, take


@patient
class Versions:
    """The versions of all answers, as the buttons under the last one choose among them."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def anew(
        self,
        update_id: int,
        chat_id: int,
        *,
        user_id: int,
        answer_id: int,
        chosen: Change | None = None,
        bill: Bill = NOBODYS,
    ) -> Verdict:
        """Have another answer made in the messages of the last one of the present conversation, which is named.

        `chosen`: who is to make it, and answers from then on.
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
                .where(head.id <= answer_id, is_same_question(same, Prompt))
            )
            if (found := row.one_or_none()) is None:
                return Verdict.STALE
            prompt, head_id = found
            if await is_busy(session, chat_id):
                return Verdict.BUSY
            if not await charge(session, bill, self._clock.wall()):
                return Verdict.LIMITED
            await take(session, update_id, self._clock.wall())
            if chosen:
                await change(session, [chosen])
            wanted = await queue(session, prompt, user_id, self._clock.wall())
            reply = update(Reply).where(Reply.id == prompt.reply_id)
            await session.execute(reply.values(wanted_id=wanted, note=None))
            await move(session, prompt.conversation_id, head_id, wanted)
            touched = update(Conversation).where(Conversation.id == prompt.conversation_id)
            await session.execute(touched.values(touched_at=self._clock.wall()))
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def show(self, update_id: int, chat_id: int, *, answer_id: int, message_id: int) -> Verdict:
        """Have the reply of a message show another of its answers, which is there already; the conversation follows.

        STALE where the message is not the last answer any more, or there is no such version of it.
        """
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            under = select(Reply).join(Part, Part.reply_id == Reply.id).where(Reply.chat_id == chat_id)
            reply = await session.scalar(under.where(Part.message_id == message_id).limit(1))
            version = select(Answer.id).join(Prompt, Prompt.id == Answer.prompt_id).where(Answer.id == answer_id)
            version = version.join(Conversation).where(Conversation.deleted_at.is_(None))
            if reply is None or await session.scalar(version.where(Prompt.reply_id == reply.id, IS_VERSION)) is None:
                return Verdict.STALE
            if reply.wanted_id == answer_id:
                return Verdict.HERE
            later = select(Reply.id).join(Part, Part.reply_id == Reply.id)
            if await session.scalar(later.where(Reply.chat_id == chat_id, Reply.id > reply.id).limit(1)) is not None:
                return Verdict.STALE
            if await is_busy(session, chat_id):
                return Verdict.BUSY
            await take(session, update_id, self._clock.wall())
            conversation_id = await session.scalar(
                select(Prompt.conversation_id).where(Prompt.reply_id == reply.id).limit(1)
            )
            if conversation_id is not None:
                await self._follow(session, reply, conversation_id, answer_id)
            reply.wanted_id, reply.dirty, reply.note = answer_id, True, None
        self._signals.wishes.set()
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def made_by(self, chat_id: int, answer_id: int) -> tuple[str, str | None] | None:
        """Return the provider and the model that made an answer of a chat, None where that is not known."""
        made = select(Answer.provider, Answer.model).where(Answer.id == answer_id, Answer.chat_id == chat_id)
        async with self._sessions() as session:
            row = (await session.execute(made)).one_or_none()
            return (row[0], row[1]) if row and row[0] else None

    async def askers(self, chat_id: int, answer_id: int | None = None) -> set[int]:
        """Return who asked for one of the versions of an answer, by default of the last one in the conversation."""
        present = select(Chat.conversation_id).where(Chat.id == chat_id).scalar_subquery()
        named = select(Prompt.reply_id).join(Answer, Answer.prompt_id == Prompt.id).where(Answer.chat_id == chat_id)
        named = named.where(Answer.id == answer_id if answer_id is not None else Prompt.conversation_id == present)
        newest = named.order_by(Answer.id.desc()).limit(1).scalar_subquery()
        asked = select(Answer.user_id).join(Prompt, Prompt.id == Answer.prompt_id).where(Prompt.reply_id == newest)
        async with self._sessions() as session:
            return set(await session.scalars(asked))

    async def _follow(self, session: AsyncSession, reply: Reply, conversation_id: int, answer_id: int) -> None:
        """Have what goes on from any version of a reply go on from this one."""
        versions = select(Answer.id).join(Prompt, Prompt.id == Answer.prompt_id).where(Prompt.reply_id == reply.id)
        head = update(Conversation).where(Conversation.id == conversation_id, Conversation.head_id.in_(versions))
        await session.execute(head.values(head_id=answer_id, touched_at=self._clock.wall()))
        if reply.wanted_id is not None:
            await move(session, conversation_id, reply.wanted_id, answer_id)
