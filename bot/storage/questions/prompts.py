"""Prompts: what was asked, and asking it again."""

from dataclasses import replace

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.versions import IS_VERSION, is_same_question, move
from bot.storage.ids import is_person
from bot.storage.people.usage import NOBODYS, Bill, Meter
from bot.storage.questions.choices import Change, change
from bot.storage.questions.edits import pieces_of, rename, reword, waiting, write
from bot.storage.questions.limits import MAX_WAITING, MAX_WAITING_PER_PERSON
from bot.storage.questions.questions import EVERYBODY, Verdict
from bot.storage.signals import Signals
from bot.storage.tables import UNFINISHED, Answer, Busy, Chat, Conversation, Message, Part, Prompt, Reply, State
from bot.storage.telegram.pieces import Piece, window_s
from bot.storage.telegram.updates import is_taken, take
from providers.blocks import Attached, Block, Content, Draw, as_foreign


@patient
class Prompts:
    """The prompts of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def again(
        self,
        update_id: int,
        chat_id: int,
        *,
        user_id: int,
        language: str,
        wording: Piece | None = None,
        bill: Bill = NOBODYS,
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
            if await is_busy(session, chat_id):
                return Verdict.BUSY
            if not await self._charge(session, bill):
                return Verdict.LIMITED
            await take(session, update_id, self._clock.wall())
            before = await session.get_one(Reply, last.reply_id)
            reply = Reply(chat_id=chat_id, message_id=wording.message_id if wording else before.message_id)
            session.add(reply)
            await session.flush()
            is_own = last.user_id == user_id and is_person(user_id)  # behind a chat's id may be any of its admins
            asked = last.content if is_own else as_foreign(last.content)
            content = _reworded(asked, wording.content) if wording else asked
            conversation = await session.get_one(Conversation, last.conversation_id)
            rename(conversation, last, content)
            prompt = Prompt(
                conversation_id=last.conversation_id,
                chat_id=chat_id,
                parent_id=last.parent_id,
                question_id=last.question_id or last.id,
                reply_id=reply.id,
                user_id=user_id,
                language=language,
                content=content,
                unread=wording.unread if wording else last.unread,
                ready_at=self._ready_at(wording) if wording else None,
                created_at=self._clock.wall(),
            )
            session.add(prompt)
            await session.flush()
            if wording:
                await write(session, chat_id, prompt.id, [replace(wording, content=prompt.content)])
            else:
                taken_along = update(Message).where(Message.prompt_id == last.id)
                await session.execute(taken_along.values(prompt_id=prompt.id))
            reply.wanted_id = await self._queue(session, prompt, user_id)
            conversation.head_id, conversation.touched_at = reply.wanted_id, self._clock.wall()
        self._signals.work.set()
        return Verdict.ACCEPTED

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
            if not await self._charge(session, bill):
                return Verdict.LIMITED
            await take(session, update_id, self._clock.wall())
            if chosen:
                await change(session, [chosen])
            wanted = await self._queue(session, prompt, user_id)
            reply = update(Reply).where(Reply.id == prompt.reply_id)
            await session.execute(reply.values(wanted_id=wanted, note=None))
            await move(session, prompt.conversation_id, head_id, wanted)
            touched = update(Conversation).where(Conversation.id == prompt.conversation_id)
            await session.execute(touched.values(touched_at=self._clock.wall()))
        self._signals.work.set()
        return Verdict.ACCEPTED

    async def revise(
        self,
        update_id: int,
        chat_id: int,
        piece: Piece,
        *,
        user_id: int,
        language: str,
        group: bool = False,
        bill: Bill = NOBODYS,
        rest: Piece | None = None,
    ) -> Verdict:
        """Have a question say what its message says now; `rest`: how that reads where another piece stands before it.

        NOTHING where that is no message of a question, or says the same as before. BUSY where too much waits, LIMITED
        where a further answer is needed and a limit is reached: the update is not taken here, but with the notice
        that tells so.
        """
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            message = await session.get(Message, (chat_id, piece.message_id))
            if message is None or _says_the_same(message, piece) or await _is_deleted(session, message.prompt_id):
                return Verdict.NOTHING
            if rest is not None and message.number and message.album is None:
                piece = rest
            if await waiting(session, message.prompt_id) is None:
                refused = await self._refused(session, update_id, chat_id, user_id if group else None)
                if refused:
                    return refused
                if not await self._charge(session, bill):
                    return Verdict.LIMITED
            await take(session, update_id, self._clock.wall())
            prompt = await session.get_one(Prompt, message.prompt_id)
            pieces = [
                replace(piece, sent_at=each.sent_at) if each.message_id == piece.message_id else each
                for each in await pieces_of(session, prompt.id)
            ]
            wall, ready_at = self._clock.wall(), prompt.ready_at
            await reword(
                session,
                prompt,
                pieces,
                user_id=user_id,
                language=language,
                wall=wall,
                ready_at=ready_at if ready_at is not None and ready_at > wall else None,
                gives_way=group,
            )
        self._signals.stops.set()
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

    async def is_asked(self, chat_id: int, message_id: int) -> bool:
        """Tell whether a message is a question's already."""
        async with self._sessions() as session:
            asked = select(exists().where(Message.chat_id == chat_id, Message.message_id == message_id))
            return bool(await session.scalar(asked))

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

    def _ready_at(self, piece: Piece) -> float | None:
        window = window_s(piece)
        return self._clock.wall() + window if window is not None else None

    async def _refused(
        self, session: AsyncSession, update_id: int, chat_id: int, user_id: int | None
    ) -> Verdict | None:
        """Return what is told where too many answers wait for one more, None where they do not."""
        queued = select(func.count()).where(Answer.chat_id == chat_id, Answer.state == State.QUEUED)
        if (await session.scalar(queued) or 0) >= MAX_WAITING:
            full = EVERYBODY
        elif user_id and (await session.scalar(queued.where(Answer.user_id == user_id)) or 0) >= MAX_WAITING_PER_PERSON:
            full = user_id
        else:
            return None
        told = insert(Busy).values(chat_id=chat_id, user_id=full, update_id=update_id)
        await session.execute(told.on_conflict_do_nothing())
        row = await session.get_one(Busy, (chat_id, full))
        return Verdict.BUSY if row.update_id == update_id else Verdict.STILL_BUSY

    async def _charge(self, session: AsyncSession, bill: Bill) -> bool:
        """Count a further answer; False where a limit keeps it from being made."""
        meter = await Meter.of(session, bill.payers, self._clock.wall())
        if meter.reached(bill):
            return False
        meter.charge(bill)
        await meter.store(session)
        return True

    async def _queue(self, session: AsyncSession, prompt: Prompt, user_id: int) -> int:
        wall = self._clock.wall()
        answer = Answer(prompt_id=prompt.id, chat_id=prompt.chat_id, user_id=user_id, created_at=wall)
        session.add(answer)
        await session.flush()
        return answer.id


def _says_the_same(message: Message, piece: Piece) -> bool:
    """Tell whether an edit changes no word; of a message from before 0010 only what was made of it is known."""
    if message.fingerprint is not None:
        return message.fingerprint == piece.fingerprint
    return as_foreign(message.content) == as_foreign(piece.content)  # whose words they are was not said then


async def _is_deleted(session: AsyncSession, prompt_id: int) -> bool:
    """Tell whether the conversation of a question was deleted."""
    deleted = select(Conversation.deleted_at).join(Prompt, Prompt.conversation_id == Conversation.id)
    return await session.scalar(deleted.where(Prompt.id == prompt_id)) is not None


def _reworded(content: Content, words: Content) -> Content:
    """Return a question in other words, with the files that it was about; one for a picture stays that."""
    kept = (block for block in content if isinstance(block, Draw) or _is_file(block))
    return (*kept, *words)


def _is_file(block: Block) -> bool:
    return isinstance(block, Attached) and not block.is_spoken


async def is_busy(session: AsyncSession, chat_id: int) -> bool:
    """Tell whether an answer of a chat is not whole on the screen."""
    unfinished = select(Answer.id).where(Answer.chat_id == chat_id, Answer.state.in_(UNFINISHED))
    dirty = select(Reply.id).where(Reply.chat_id == chat_id, Reply.dirty)
    return await session.scalar(select(or_(unfinished.exists(), dirty.exists()))) or False
