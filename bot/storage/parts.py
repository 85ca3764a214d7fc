"""Parts: which Telegram message shows which part of a turn's text."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, or_, select, text, union_all, update
from sqlalchemy.dialects.sqlite import insert

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.ids import SUPERGROUPS, is_supergroup
from bot.storage.patience import patient
from bot.storage.tables import UNFINISHED, Chat, Notice, Part, State, Stray, Turn

RECENT = 1_000  # turns


@dataclass(frozen=True, slots=True)
class Lost:
    """A part whose opening send has no answer, and where it was to stand."""

    turn_id: int
    number: int
    after: int
    telegram_id: int
    thread_id: int

    @property
    def key(self) -> tuple[int, int]:
        """The part's key."""
        return self.turn_id, self.number


@dataclass(frozen=True, slots=True)
class Late:
    """A part that an edit may still overwrite, made at `since` (wall clock), which had no answer."""

    turn_id: int
    number: int
    message_id: int
    since: float

    @property
    def key(self) -> tuple[int, int]:
        """The part's key."""
        return self.turn_id, self.number


@patient
class Parts:
    """The messages of replies, and the others beside them; `overdue`: an edit of one has had no answer."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self.overdue = asyncio.Event()
        self.strayed = asyncio.Event()  # there are new strays

    async def of(self, turn_id: int) -> list[Part]:
        """Return a turn's parts in order."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Part).where(Part.turn_id == turn_id).order_by(Part.number)))

    async def last_before(self, turn: Turn) -> int | None:
        """Return the last message of the answer before a turn's in its conversation."""
        before = select(func.max(Turn.id)).join(Part, Part.turn_id == Turn.id)
        before = before.where(Turn.chat_id == turn.chat_id, Turn.id < turn.id)
        query = select(Part.message_id).where(Part.turn_id == before.scalar_subquery()).order_by(Part.number.desc())
        async with self._sessions() as session:
            message_id: int | None = await session.scalar(query.limit(1))
            return message_id

    async def intend(self, turn_id: int, number: int, *, after: int) -> None:
        """Note that a part is about to be sent; `after`: highest message id known on the chat's counter."""
        values = {"turn_id": turn_id, "number": number, "message_id": None, "after": after}
        row = insert(Part).values(values)
        async with self._sessions.begin() as session:
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=("turn_id", "number"), set_={"message_id": None, "after": after}
                )
            )

    async def opened(self, turn_id: int, number: int, message_id: int) -> None:
        """Note the message that shows a part."""
        async with self._sessions.begin() as session:
            here = update(Part).where(Part.turn_id == turn_id, Part.number == number)
            await session.execute(here.values(message_id=message_id))

    async def lose(self, turn_id: int, number: int) -> None:
        """Take back what `opened` noted: the message was another one."""
        async with self._sessions.begin() as session:
            here = update(Part).where(Part.turn_id == turn_id, Part.number == number)
            await session.execute(here.values(message_id=None))

    async def stray(self, turn_id: int, number: int, *, after: int, highest: int) -> None:
        """Note that a part is opened anew although its lost message may stand, with an id from `after` to `highest`."""
        values = {"turn_id": turn_id, "number": number, "after": after}
        row = insert(Stray).values(**values, highest=highest, lost_at=self._clock.wall()).on_conflict_do_nothing()
        async with self._sessions.begin() as session:
            await session.execute(row)
        self.strayed.set()

    async def strays(self) -> list[Stray]:
        """Return the strays that are still looked for."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Stray)))

    async def swept(self, stray: Stray) -> None:
        """Look for a stray no more."""
        gone = delete(Stray).where(Stray.turn_id == stray.turn_id, Stray.number == stray.number)
        async with self._sessions.begin() as session:
            await session.execute(gone.where(Stray.after == stray.after))

    async def message(self, turn_id: int, number: int) -> int | None:
        """Return the message that shows a part, None where that is not known."""
        async with self._sessions() as session:
            part = await session.get(Part, (turn_id, number))
            return part.message_id if part else None

    async def forget(self, turn_id: int, since: int = 0) -> None:
        """Forget the parts from number `since` on."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Part).where(Part.turn_id == turn_id, Part.number >= since))

    async def unanswered(self, telegram_id: int, message_id: int) -> None:
        """Note that an edit of a message had no answer, if the message shows a part: the edit may still land."""
        turn = select(Turn.id).join(Chat, Chat.id == Turn.chat_id).where(Chat.telegram_id == telegram_id)
        here = update(Part).where(Part.message_id == message_id, Part.turn_id.in_(turn))
        async with self._sessions.begin() as session:
            await session.execute(here.values(late_since=self._clock.wall()))
        self.overdue.set()

    async def died(self) -> None:
        """Note that a former process may have been editing what belongs to a turn that is not done."""
        now = self._clock.wall()
        unfinished = select(Turn.id).where(Turn.state.in_(UNFINISHED))
        edited = and_(Part.message_id.is_not(None), Part.turn_id.in_(unfinished))
        parts = update(Part).where(or_(edited, Part.late_since > now))  # its clock may have been ahead
        async with self._sessions.begin() as session:
            await session.execute(parts.values(late_since=now))

    async def late(self) -> list[Late]:
        """Return the parts of which an edit may still land."""
        async with self._sessions() as session:
            rows = await session.scalars(select(Part).where(Part.late_since.is_not(None)))
            return [
                Late(row.turn_id, row.number, row.message_id, row.late_since)
                for row in rows
                if row.message_id is not None and row.late_since is not None
            ]

    async def settle(self, part: Late) -> None:
        """Note that nothing lands on a part any more, unless another edit has had no answer since."""
        row = and_(Part.turn_id == part.turn_id, Part.number == part.number, Part.late_since == part.since)
        async with self._sessions.begin() as session:
            await session.execute(update(Part).where(row).values(late_since=None))

    async def is_last(self, turn: Turn) -> bool:
        """Tell whether no later turn of its conversation shows anything."""
        later = select(Turn.id).join(Part, Part.turn_id == Turn.id)
        query = exists(later.where(Turn.chat_id == turn.chat_id, Turn.id > turn.id))
        async with self._sessions() as session:
            return not await session.scalar(select(query))

    async def met(self, telegram_id: int, message_id: int) -> None:
        """Note a message that is none of the bot's, if a turn on that counter is open: no search need try it."""
        here = exists().where(Chat.id == Turn.chat_id, _on_counter(telegram_id))
        open_turn = exists().where(Turn.state.in_(UNFINISHED), here)
        values = (literal(telegram_id), literal(message_id), literal(self._clock.wall()))
        row = insert(Notice).from_select(("telegram_id", "message_id", "sent_at"), select(*values).where(open_turn))
        async with self._sessions.begin() as session:
            await session.execute(row.on_conflict_do_nothing())

    async def lost(self, chat_id: int) -> list[Lost]:
        """Return the parts whose opening send has no answer, oldest first, on the counter that numbers a chat's."""
        columns = (Part.turn_id, Part.number, Part.after, Chat.telegram_id, Chat.thread_id)
        rows = select(*columns).join(Turn, Turn.id == Part.turn_id).join(Chat, Chat.id == Turn.chat_id)
        is_lost = and_(Part.message_id.is_(None), Turn.state != State.DONE, _on_counter(chat_id))
        query = rows.where(is_lost).order_by(Part.after, text("parts.rowid"))
        async with self._sessions() as session:
            return [Lost(*row) for row in await session.execute(query)]

    async def taken(self, chat_id: int, after: int, upto: int) -> set[int]:
        """Return the message ids after one, up to another, that are others', on the counter that numbers a chat's."""
        here = exists().where(Chat.id == Turn.chat_id, _on_counter(chat_id))
        prompts = select(Turn.message_id).where(Turn.message_id.between(after + 1, upto), here)
        of_turn = exists().where(Turn.id == Part.turn_id, here)
        parts = select(Part.message_id).where(Part.message_id.between(after + 1, upto), of_turn)
        on_counter = Notice.telegram_id == chat_id if is_supergroup(chat_id) else Notice.telegram_id > SUPERGROUPS
        notices = select(Notice.message_id).where(on_counter, Notice.message_id.between(after + 1, upto))
        found: set[int] = set()
        async with self._sessions() as session:
            for query in (prompts, parts, notices):
                found.update(message_id for message_id in await session.scalars(query) if message_id is not None)
        return found

    async def highest(self) -> dict[int, int]:
        """Return per Telegram chat the highest message id that the rows know, where there is or lately was a turn."""
        lately = Turn.id > select(func.max(Turn.id)).scalar_subquery() - RECENT
        turns = select(Turn.id, Turn.state, Turn.message_id, Chat.telegram_id).join(Chat, Chat.id == Turn.chat_id)
        turn = turns.where(or_(lately, Turn.state.in_(UNFINISHED))).cte()
        prompts = select(turn.c.telegram_id, turn.c.message_id.label("id"))
        of_turns = select(turn.c.telegram_id, Part.message_id.label("id")).join(Part, Part.turn_id == turn.c.id)
        after = select(turn.c.telegram_id, Part.after.label("id")).join(Part, Part.turn_id == turn.c.id)
        after = after.where(turn.c.state != State.DONE)
        notices = select(Notice.telegram_id, Notice.message_id.label("id"))
        every = union_all(prompts, of_turns, after, notices).subquery()
        query = select(every.c.telegram_id, func.max(every.c.id)).group_by(every.c.telegram_id)
        async with self._sessions() as session:
            return {telegram_id: highest or 0 for telegram_id, highest in await session.execute(query)}


def _on_counter(chat_id: int) -> ColumnElement[bool]:
    return Chat.telegram_id == chat_id if is_supergroup(chat_id) else Chat.telegram_id > SUPERGROUPS
