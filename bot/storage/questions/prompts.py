"""Prompts: what was asked, and asking it again, in a reply of its own or in other words."""

from dataclasses import replace

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.ids import is_person
from bot.storage.people.usage import NOBODYS, Bill
from bot.storage.questions.edits import pieces_of, rename, reword, waiting, write
from bot.storage.questions.further import charge, is_busy, queue
from bot.storage.questions.limits import MAX_WAITING, MAX_WAITING_PER_PERSON
from bot.storage.questions.questions import EVERYBODY, Verdict
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Busy, Chat, Conversation, Message, Prompt, Reply, State
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
            if not await charge(session, bill, self._clock.wall()):
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
            reply.wanted_id = await queue(session, prompt, user_id, self._clock.wall())
            conversation.head_id, conversation.touched_at = reply.wanted_id, self._clock.wall()
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
                if not await charge(session, bill, self._clock.wall()):
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

    async def is_asked(self, chat_id: int, message_id: int) -> bool:
        """Tell whether a message is a question's already."""
        async with self._sessions() as session:
            asked = select(exists().where(Message.chat_id == chat_id, Message.message_id == message_id))
            return bool(await session.scalar(asked))

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
