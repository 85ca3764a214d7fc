"""Replies: which answer the messages of each are to show, and whether it stands there.

clean ──its answer ended──▶ dirty ──it stands, or cannot be shown──▶ clean
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.clock import Clock
from bot.storage.dialect import NUMBER, insert
from bot.storage.engine.database import Sessions, unsynced
from bot.storage.engine.patience import patient
from bot.storage.engine.whole import whole
from bot.storage.exchanges.jobs import SUSPECTED, WAITS, Job, jobs
from bot.storage.exchanges.succession import withdraw
from bot.storage.signals import Signals
from bot.storage.tables import UNFINISHED, Answer, Outcome, Part, Prompt, Reply, SpentButtons, State, table_of

_REPLIES, _ANSWERS, _PARTS, _SPENT = (table_of(rows) for rows in (Reply, Answer, Part, SpentButtons))


def _is_to_be_made() -> ColumnElement[bool]:
    """Tell a reply that wants an answer which is not made."""
    return exists().where(_ANSWERS.c.id == _REPLIES.c.wanted_id, _ANSWERS.c.state != State.DONE)


def _spend() -> ReturningInsert[int]:
    """Note the message that is to have buttons no more, when a reply of a chat is to stand; tell which, if that is new.

    One that stood before has taken them from the one before it.
    """
    this = bindparam("reply_id", type_=NUMBER)
    shown = Reply.chat_id == bindparam("chat_id"), exists().where(Part.reply_id == Reply.id)
    before = select(func.max(Reply.id)).where(*shown, Reply.id < this).scalar_subquery()
    is_last = ~exists().where(*shown, Reply.id > this)
    stood = exists().where(Reply.id == this, Reply.shown_id.is_not(None))
    spent = case((and_(is_last, stood), None), (is_last, before), else_=this)
    last = select(Part.message_id).where(Part.reply_id == spent)
    found = last.order_by(Part.number.desc()).limit(1).subquery()
    row = select(bindparam("telegram_id", type_=NUMBER), found.c.message_id).where(found.c.message_id.is_not(None))
    noted = insert(_SPENT).from_select(("telegram_id", "message_id"), row).on_conflict_do_nothing()
    return noted.returning(_SPENT.c.message_id)


# Made once: it takes longer to make them than to run them.
_CLEAN = (  # whether any answer waits, for which its chat may be free now; None where another one is wanted
    update(_REPLIES)
    .where(
        _REPLIES.c.id == bindparam("of"),
        or_(_REPLIES.c.wanted_id == bindparam("answer_id"), _is_to_be_made()),
    )
    .values(dirty=False, shown_id=bindparam("answer_id"))
    .returning(WAITS)
)
_ANSWER = update(_ANSWERS).where(_ANSWERS.c.id == bindparam("of"))  # the values come with it
_LOST = delete(_PARTS).where(_PARTS.c.reply_id == bindparam("of"), _PARTS.c.message_id.is_(None))
_SPEND = _spend()


@patient
class Replies:
    """The replies of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._unsynced = unsynced(sessions)
        self._clock = clock
        self._signals = signals

    async def resume(self, answer_id: int | None = None, *, held: Collection[int] = ()) -> list[Job]:
        """Take up the answers that wait to be shown and are not suspected, or one that is.

        `held`: replies in somebody's hands, which are left there.
        """
        wanted = select(Reply.wanted_id).where(Reply.dirty, Reply.id.not_in(held))
        chosen = Answer.deaths < SUSPECTED if answer_id is None else Answer.id == answer_id
        taken_up = update(Answer).where(Answer.id.in_(wanted), Answer.state == State.DONE, chosen)
        async with self._sessions.begin() as session:
            ids = (await session.scalars(taken_up.values(under_way=True).returning(Answer.id))).all()
            return await jobs(session, Answer.id.in_(ids))

    async def suspected(self) -> list[int]:
        """Return the suspected answers that wait to be shown, the one with the fewest deaths first."""
        wanted = select(Reply.wanted_id).where(Reply.dirty)
        suspected = select(Answer.id).where(Answer.id.in_(wanted), Answer.deaths >= SUSPECTED)
        async with self._sessions() as session:
            return list(await session.scalars(suspected.order_by(Answer.deaths, Answer.id)))

    async def opened(self, reply_id: int, inline_id: str) -> None:
        """Note the inline message that a reply has become."""
        async with self._sessions.begin() as session:
            await session.execute(update(Reply).where(Reply.id == reply_id).values(inline_id=inline_id))

    async def inline_id(self, reply_id: int) -> str | None:
        """Return the inline message that a reply is, None where it is none, or that is not known."""
        async with self._sessions() as session:
            found: str | None = await session.scalar(select(Reply.inline_id).where(Reply.id == reply_id))
            return found

    async def overwrite(self, reply_id: int) -> None:
        """Note that the messages are about to show less than a whole answer."""
        async with self._sessions.begin() as session:
            await session.execute(update(Reply).where(Reply.id == reply_id).values(shown_id=None))

    async def stands(self, job: Job, *, kept: str | None = None, sentence: str | None = None) -> None:
        """Note that an answer stands as it is wanted.

        `kept`: the parts that stand in place of what its text renders to, JSON; `sentence`: what is said in its place.
        Buttons are to go from the last message of the reply before it in its chat, or from its own where later ones
        have come.
        """
        values: dict[str, object] = {"of": job.id, "stood": True, "under_way": False}
        if sentence is not None:
            values |= {"shown": sentence, "kept": None, "note": None}
        elif kept != job.kept:
            values["kept"] = kept

        async def note(session: AsyncSession) -> tuple[bool | None, int | None]:
            place = {"telegram_id": job.chat.telegram_id, "chat_id": job.chat.id, "reply_id": job.reply_id}
            await session.execute(_LOST, {"of": job.reply_id})
            spent = await session.scalar(_SPEND, place)  # before it counts as one that stands
            waits = await session.scalar(_CLEAN, {"of": job.reply_id, "answer_id": job.id})
            await session.execute(_ANSWER, values)
            return waits, spent

        waits, spent = await whole(self._unsynced, note)  # what is not noted to stand is shown again, by the same edits
        if waits or waits is None:
            self._signals.work.set()
        if spent is not None:
            self._signals.spent.put_nowait((job.chat.telegram_id, spent))
        if job.chat.thread_id:
            self._signals.titles.set()

    async def leave(self, job: Job) -> None:
        """Note that the messages are left to an answer that is still to be made: this one is not wanted any more."""
        left = update(Reply).where(Reply.id == job.reply_id, _is_to_be_made())
        async with self._sessions.begin() as session:
            await session.execute(left.values(dirty=False))
            await session.execute(update(Answer).where(Answer.id == job.id).values(under_way=False))
        self._signals.work.set()

    async def give_up(self, job: Job, outcome: Outcome) -> None:
        """Note that an answer is not to be made any more, or cannot be shown.

        One that stood before has been said all the same; one that went back into the queue meanwhile is left there.
        """
        ended = {"state": State.DONE, "outcome": outcome, "closed_at": self._clock.wall()}
        stood = exists().where(Answer.id == job.id, Answer.stood)
        is_ours = and_(Answer.id == job.id, Answer.attempt == job.attempt, Answer.state != State.QUEUED)
        async with self._sessions.begin() as session:
            if not await session.scalar(select(exists().where(is_ours))):
                return
            if not await session.scalar(select(stood)):
                await session.execute(update(Answer).where(Answer.id == job.id).values(ended))
                await withdraw(session, job.id)
            elif job.former is not None:  # another one stands, and could not be taken away
                await withdraw(session, job.id)
            clean = update(Reply).where(Reply.id == job.reply_id)
            await session.execute(clean.values(dirty=False))
            await _put_aside(session, job)
        self._signals.work.set()

    async def standing(self, reply_id: int) -> tuple[Job, str | None] | None:
        """Return the answer that stands in a reply and, where they were left as they were, its parts (JSON)."""
        async with self._sessions() as session:
            shown = (await session.execute(select(Reply.shown_id, Reply.dirty).where(Reply.id == reply_id))).first()
            if shown is None or shown.shown_id is None or shown.dirty:
                return None
            (job,) = await jobs(session, Answer.id == shown.shown_id)
            return job, await session.scalar(select(Answer.kept).where(Answer.id == job.id))

    async def is_last(self, reply_id: int) -> bool:
        """Tell whether no later reply of its chat shows anything."""
        chat_id = select(Reply.chat_id).where(Reply.id == reply_id).scalar_subquery()
        later = select(Reply.id).join(Part, Part.reply_id == Reply.id)
        query = exists(later.where(Reply.chat_id == chat_id, Reply.id > reply_id))
        async with self._sessions() as session:
            return not await session.scalar(select(query))


def is_open() -> ColumnElement[bool]:
    """Tell a reply of which an answer is not whole on the screen."""
    made = select(Prompt.reply_id).join(Answer, Answer.prompt_id == Prompt.id).where(Answer.state.in_(UNFINISHED))
    return Reply.id.in_(made.union_all(select(Reply.id).where(Reply.dirty)))


async def _put_aside(session: AsyncSession, job: Job) -> None:
    """Forget, within the caller's transaction, what was lost of a reply that is done."""
    await session.execute(_ANSWER, {"of": job.id, "under_way": False})
    await session.execute(_LOST, {"of": job.reply_id})
