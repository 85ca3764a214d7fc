"""Parts: which Telegram message shows which part of a reply."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, literal, or_, select, union_all, update

from bot.clock import Clock
from bot.storage.answers.replies import is_open
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions, unsynced
from bot.storage.engine.patience import patient
from bot.storage.engine.whole import whole
from bot.storage.ids import SUPERGROUPS, is_supergroup
from bot.storage.signals import Signals
from bot.storage.tables import Chat, Message, Notice, Part, Reply, SpentButtons, Stray, table_of

RECENT = 1_000  # replies

# Made once: it takes longer to make them than to run them.
_PARTS, _SPENT = table_of(Part), table_of(SpentButtons)
_INTENDED = insert(_PARTS)
_INTEND = _INTENDED.on_conflict_do_update(
    index_elements=("reply_id", "number"),
    set_={name: _INTENDED.excluded[name] for name in ("answer_id", "message_id", "after")},
)
_SHOW = (
    update(_PARTS)
    .where(_PARTS.c.reply_id == bindparam("of"), _PARTS.c.number == bindparam("part"))
    .values(message_id=bindparam("message"))
)
_ALL_SPENT = select(_SPENT.c.telegram_id, _SPENT.c.message_id).order_by(_SPENT.c.telegram_id, _SPENT.c.message_id)
_OTHERS = _SPENT.alias().c
_STRIP = (  # whether others of the chat still have theirs; None where this one is none of them
    delete(_SPENT)
    .where(_SPENT.c.telegram_id == bindparam("chat"), _SPENT.c.message_id == bindparam("message"))
    .returning(exists().where(_OTHERS.telegram_id == bindparam("chat"), _OTHERS.message_id != bindparam("message")))
)
_LATE = (
    select(Part.reply_id, Part.number, Chat.telegram_id, Part.message_id, Part.late_since)
    .join(Reply, Reply.id == Part.reply_id)
    .join(Chat, Chat.id == Reply.chat_id)
    .where(Part.late_since.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Lost:
    """A part whose opening send, for `answer_id`, has no answer, and where it was to stand; `reply_to`: a message."""

    reply_id: int
    number: int
    answer_id: int
    after: int
    telegram_id: int
    thread_id: int
    reply_to: int | None

    @property
    def key(self) -> tuple[int, int]:
        """The part's key."""
        return self.reply_id, self.number


@dataclass(frozen=True, slots=True)
class Late:
    """A part that an edit may still overwrite, made at `since` (wall clock), which had no answer."""

    reply_id: int
    number: int
    telegram_id: int
    message_id: int
    since: float

    @property
    def key(self) -> tuple[int, int]:
        """The part's key."""
        return self.reply_id, self.number


@patient
class Parts:
    """The messages of replies, and the others beside them."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._unsynced = unsynced(sessions)
        self._clock = clock
        self._signals = signals

    async def of(self, reply_id: int) -> list[Part]:
        """Return a reply's parts in order."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Part).where(Part.reply_id == reply_id).order_by(Part.number)))

    async def intend(self, reply_id: int, number: int, *, answer_id: int, after: int) -> None:
        """Note that a part is about to be sent; `after`: highest message id known on the chat's counter."""
        row = {"reply_id": reply_id, "number": number, "answer_id": answer_id, "message_id": None, "after": after}
        await whole(self._sessions, lambda session: session.execute(_INTEND, row))

    async def opened(self, reply_id: int, number: int, message_id: int) -> None:
        """Note the message that shows a part."""
        row = {"of": reply_id, "part": number, "message": message_id}
        await whole(self._sessions, lambda session: session.execute(_SHOW, row))

    async def lose(self, reply_id: int, number: int) -> None:
        """Take back what `opened` noted: the message was another one."""
        async with self._sessions.begin() as session:
            await session.execute(_SHOW, {"of": reply_id, "part": number, "message": None})

    async def stray(self, part: Lost, *, highest: int) -> None:
        """Note that a part is opened anew although its lost message may stand, with an id up to `highest`."""
        row = insert(Stray).values(
            answer_id=part.answer_id,
            number=part.number,
            after=part.after,
            highest=highest,
            lost_at=self._clock.wall(),
        )
        async with self._sessions.begin() as session:
            await session.execute(row.on_conflict_do_nothing())
        self._signals.strays.set()

    async def strays(self) -> list[Stray]:
        """Return the strays that are still looked for."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Stray)))

    async def swept(self, stray: Stray) -> None:
        """Look for a stray no more."""
        gone = delete(Stray).where(Stray.answer_id == stray.answer_id, Stray.number == stray.number)
        async with self._sessions.begin() as session:
            await session.execute(gone.where(Stray.after == stray.after))

    async def message(self, reply_id: int, number: int) -> int | None:
        """Return the message that shows a part, None where that is not known."""
        async with self._sessions() as session:
            part = await session.get(Part, (reply_id, number))
            return part.message_id if part else None

    async def forget(self, reply_id: int, since: int = 0) -> None:
        """Forget the parts from number `since` on."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Part).where(Part.reply_id == reply_id, Part.number >= since))

    async def shown(self, telegram_id: int, message_id: int) -> bool:
        """Tell whether a message shows a part."""
        here = exists().where(Reply.id == Part.reply_id, Chat.id == Reply.chat_id, Chat.telegram_id == telegram_id)
        async with self._sessions() as session:
            found = await session.scalar(select(Part.number).where(Part.message_id == message_id, here).limit(1))
        return found is not None

    async def unanswered(self, telegram_id: int, message_id: int, *, ago_s: float = 0.0) -> None:
        """Note that an edit of a message had no answer, if the message shows a part: the edit may still land."""
        reply = select(Reply.id).join(Chat, Chat.id == Reply.chat_id).where(Chat.telegram_id == telegram_id)
        here = update(Part).where(Part.message_id == message_id, Part.reply_id.in_(reply))
        async with self._sessions.begin() as session:
            await session.execute(here.values(late_since=self._clock.wall() - ago_s))
        self._signals.late.set()

    async def died(self) -> None:
        """Note that a former process may have been editing what belongs to a reply that is not whole."""
        now = self._clock.wall()
        edited = and_(Part.message_id.is_not(None), Part.reply_id.in_(select(Reply.id).where(is_open())))
        is_late = or_(edited, Part.late_since > now)  # its clock may have been ahead
        async with self._sessions() as session:
            if not await session.scalar(select(exists().where(is_late))):
                return
        async with self._sessions.begin() as session:
            await session.execute(update(Part).where(is_late).values(late_since=now))

    async def late(self) -> list[Late]:
        """Return the parts of which an edit may still land."""
        async with self._sessions() as session:
            return [
                Late(reply_id, number, telegram_id, message_id, since)
                for reply_id, number, telegram_id, message_id, since in await session.execute(_LATE)
                if message_id is not None and since is not None
            ]

    async def spent(self) -> list[tuple[int, int]]:
        """Return the messages whose buttons are to be taken away: (Telegram's chat, message), oldest first."""
        async with self._sessions() as session:
            return [(telegram_id, message_id) for telegram_id, message_id in await session.execute(_ALL_SPENT)]

    async def stripped(self, telegram_id: int, message_id: int) -> bool:
        """Note that a message has no buttons any more; tell whether others of its chat may still have theirs."""
        row = {"chat": telegram_id, "message": message_id}  # what is not noted to be gone is taken away again
        return await whole(self._unsynced, lambda session: session.scalar(_STRIP, row)) is not False

    async def settle(self, part: Late) -> None:
        """Note that nothing lands on a part any more, unless another edit has had no answer since."""
        row = and_(Part.reply_id == part.reply_id, Part.number == part.number, Part.late_since == part.since)
        async with self._sessions.begin() as session:
            await session.execute(update(Part).where(row).values(late_since=None))

    async def met(self, telegram_id: int, message_id: int) -> None:
        """Note a message that is none of the bot's, if a reply on that counter is open: no search need try it."""
        here = exists().where(Chat.id == Reply.chat_id, _on_counter(telegram_id))
        is_needed = exists().where(is_open(), here)
        values = (literal(telegram_id), literal(message_id), literal(self._clock.wall()))
        row = insert(Notice).from_select(("telegram_id", "message_id", "sent_at"), select(*values).where(is_needed))
        async with self._sessions.begin() as session:
            await session.execute(row.on_conflict_do_nothing())

    async def lost(self, chat_id: int) -> list[Lost]:
        """Return the parts whose opening send has no answer, oldest first, on the counter that numbers a chat's."""
        columns = (
            *(Part.reply_id, Part.number, Part.answer_id, Part.after),
            *(Chat.telegram_id, Chat.thread_id, Reply.message_id),
        )
        rows = select(*columns).join(Reply, Reply.id == Part.reply_id).join(Chat, Chat.id == Reply.chat_id)
        query = rows.where(Part.message_id.is_(None), is_open(), _on_counter(chat_id))
        query = query.order_by(Part.after, Part.reply_id, Part.number)
        async with self._sessions() as session:
            return [Lost(*row) for row in await session.execute(query)]

    async def taken(self, chat_id: int, after: int, upto: int) -> set[int]:
        """Return the message ids after one, up to another, that are others', on the counter that numbers a chat's."""
        here = exists().where(Chat.id == Reply.chat_id, _on_counter(chat_id))
        asked = exists().where(Chat.id == Message.chat_id, _on_counter(chat_id))
        messages = select(Message.message_id).where(Message.message_id.between(after + 1, upto), asked)
        of_reply = exists().where(Reply.id == Part.reply_id, here)
        parts = select(Part.message_id).where(Part.message_id.between(after + 1, upto), of_reply)
        on_counter = Notice.telegram_id == chat_id if is_supergroup(chat_id) else Notice.telegram_id > SUPERGROUPS
        notices = select(Notice.message_id).where(on_counter, Notice.message_id.between(after + 1, upto))
        found: set[int] = set()
        async with self._sessions() as session:
            for query in (messages, parts, notices):
                found.update(message_id for message_id in await session.scalars(query) if message_id is not None)
        return found

    async def highest(self) -> dict[int, int]:
        """Return per Telegram chat the highest message id that the rows know, where there is or lately was a reply."""
        lately = Reply.id > select(func.max(Reply.id)).scalar_subquery() - RECENT
        replies = select(Reply.id, Reply.message_id, Chat.telegram_id, is_open().label("open"))
        reply = replies.join(Chat, Chat.id == Reply.chat_id).where(or_(lately, is_open())).cte()
        prompts = select(reply.c.telegram_id, reply.c.message_id.label("id"))
        of_replies = select(reply.c.telegram_id, Part.message_id.label("id")).join(Part, Part.reply_id == reply.c.id)
        after = select(reply.c.telegram_id, Part.after.label("id")).join(Part, Part.reply_id == reply.c.id)
        after = after.where(reply.c.open)
        notices = select(Notice.telegram_id, Notice.message_id.label("id"))
        every = union_all(prompts, of_replies, after, notices).subquery()
        query = select(every.c.telegram_id, func.max(every.c.id)).group_by(every.c.telegram_id)
        async with self._sessions() as session:
            return {telegram_id: highest or 0 for telegram_id, highest in await session.execute(query)}


def _on_counter(chat_id: int) -> ColumnElement[bool]:
    return Chat.telegram_id == chat_id if is_supergroup(chat_id) else Chat.telegram_id > SUPERGROUPS
