"""Elsewhere: what people ask in chats that are not the bot's, inline or as its guests.

Each has a row of `chats` for it beside their private chat, with the settings of that one; each question is a
conversation of its own, and its reply one inline message.
"""

from sqlalchemy import Select, delete, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.chats import COLUMNS
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.finds import copy
from bot.storage.exchanges.succession import IS_VERSION, move
from bot.storage.ids import ELSEWHERE
from bot.storage.people.usage import NOBODYS, Bill
from bot.storage.questions.further import charge, is_busy
from bot.storage.questions.questions import Verdict
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Chat, Conversation, FileUse, Model, Prompt, Reply, State
from bot.storage.telegram.updates import is_taken, take

_COPIED = ("outcome", "provider", "model", "content", "shown", "note", "quote")


@patient
class Elsewhere:
    """The replies of all people that stand in chats that are not the bot's."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def chat(self, user_id: int, *, provider: str) -> Chat:
        """Return the row for what a person asks elsewhere, with the settings of their private chat, or `provider`."""
        rows = select(Chat).where(Chat.telegram_id == user_id, Chat.thread_id.in_((0, ELSEWHERE)))
        async with self._sessions.begin() as session:
            found = {row.thread_id: row for row in await session.scalars(rows)}
            private, here = found.get(0), found.get(ELSEWHERE)
            if here is None:
                here = Chat(telegram_id=user_id, thread_id=ELSEWHERE, provider=provider)
                session.add(here)
                await session.flush()
            if private is not None:
                for column in COLUMNS:
                    setattr(here, column, getattr(private, column))
                await _take_models(session, private.id, here.id)
            return here

    async def again(
        self, update_id: int, chat_id: int, *, inline_id: str, answer_id: int, user_id: int, bill: Bill = NOBODYS
    ) -> Verdict:
        """Have another answer made in an inline message, to the question of the one that is named."""
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            prompt = await session.scalar(_asked(chat_id, inline_id, answer_id))
            if prompt is None:
                return Verdict.STALE
            if await is_busy(session, chat_id):
                return Verdict.BUSY
            if not await charge(session, bill, self._clock.wall()):
                return Verdict.LIMITED
            await take(session, update_id, self._clock.wall())
            answer = Answer(prompt_id=prompt.id, chat_id=chat_id, user_id=user_id, created_at=self._clock.wall())
            session.add(answer)
            await session.flush()
            await self._want(session, prompt, answer.id)
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def show(self, update_id: int, chat_id: int, *, inline_id: str, answer_id: int) -> Verdict:
        """Have an inline message show another of its answers, which is there already."""
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            prompt = await session.scalar(_asked(chat_id, inline_id, answer_id).where(IS_VERSION))
            if prompt is None:
                return Verdict.STALE
            reply = await session.get_one(Reply, prompt.reply_id)
            if reply.wanted_id == answer_id:
                return Verdict.HERE
            if await is_busy(session, chat_id):
                return Verdict.BUSY
            await take(session, update_id, self._clock.wall())
            await self._want(session, prompt, answer_id)
            reply.dirty = True
        self._signals.wishes.set()
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def is_there(self, chat_id: int, *, inline_id: str, answer_id: int) -> bool:
        """Tell whether an inline message is this person's, and shows an answer, or one beside it."""
        async with self._sessions() as session:
            return await session.scalar(_asked(chat_id, inline_id, answer_id)) is not None

    async def bring(self, update_id: int, chat_id: int, *, message_id: int, answer_id: int, user_id: int) -> Verdict:
        """Have all of an answer that a person got elsewhere stand in their private chat, and go on from there."""
        made = select(Answer, Prompt, Conversation.title).join(Prompt, Prompt.id == Answer.prompt_id)
        made = made.join(Conversation, Conversation.id == Prompt.conversation_id).join(Chat, Chat.id == Answer.chat_id)
        made = made.where(Answer.id == answer_id, Answer.user_id == user_id, Chat.thread_id == ELSEWHERE, IS_VERSION)
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            found = (await session.execute(made.where(Conversation.deleted_at.is_(None)))).one_or_none()
            if found is None:
                return Verdict.NOTHING
            if await is_busy(session, chat_id):
                return Verdict.BUSY
            await take(session, update_id, wall)
            former, asked, title = found
            conversation = Conversation(chat_id=chat_id, title=title, touched_at=wall)
            reply = Reply(chat_id=chat_id, message_id=message_id, dirty=True)
            session.add_all((conversation, reply))
            await session.flush()
            prompt = Prompt(
                conversation_id=conversation.id,
                chat_id=chat_id,
                reply_id=reply.id,
                user_id=user_id,
                language=asked.language,
                content=asked.content,
                unread=asked.unread,
                created_at=wall,
            )
            session.add(prompt)
            await session.flush()
            held = select(literal(prompt.id), FileUse.sha256).where(FileUse.prompt_id == asked.id)
            await session.execute(insert(FileUse).from_select(["prompt_id", "sha256"], held))
            copied = {column: getattr(former, column) for column in _COPIED}
            times = {"created_at": wall, "closed_at": wall}
            answer = Answer(prompt_id=prompt.id, chat_id=chat_id, user_id=user_id, state=State.DONE, **copied, **times)
            session.add(answer)
            await session.flush()
            await copy(session, former.id, answer.id, chat_id)
            conversation.head_id = reply.wanted_id = answer.id
            await session.execute(update(Chat).where(Chat.id == chat_id).values(conversation_id=conversation.id))
        self._signals.wishes.set()
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def _want(self, session: AsyncSession, prompt: Prompt, answer_id: int) -> None:
        """Have a reply want another answer, and what goes on from the former one go on from that."""
        reply = await session.get_one(Reply, prompt.reply_id)
        if reply.wanted_id is not None:
            await move(session, prompt.conversation_id, reply.wanted_id, answer_id)
        reply.wanted_id, reply.note = answer_id, None
        touched = update(Conversation).where(Conversation.id == prompt.conversation_id)
        await session.execute(touched.values(touched_at=self._clock.wall()))


def _asked(chat_id: int, inline_id: str, answer_id: int) -> Select[Prompt]:
    """Return the question to which an answer was made that an inline message shows, or can show."""
    asked = select(Prompt).join(Answer, Answer.prompt_id == Prompt.id).join(Reply, Reply.id == Prompt.reply_id)
    asked = asked.join(Conversation, Conversation.id == Prompt.conversation_id)
    of_message = Reply.inline_id == inline_id, Reply.chat_id == chat_id, Answer.id == answer_id
    return asked.where(*of_message, Conversation.deleted_at.is_(None))


async def _take_models(session: AsyncSession, source: int, target: int) -> None:
    """Have the same models chosen in one row as in another."""
    rows = (await session.scalars(select(Model).where(Model.chat_id.in_((source, target))))).all()
    wanted = {row.provider: row.model for row in rows if row.chat_id == source}
    if wanted != {row.provider: row.model for row in rows if row.chat_id == target}:
        await session.execute(delete(Model).where(Model.chat_id == target))
        session.add_all(Model(chat_id=target, provider=provider, model=model) for provider, model in wanted.items())
