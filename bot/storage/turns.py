"""Turns: the queue of prompts and what became of them.

    queued ──claim──▶ generating ──answered──▶ delivering ──close──▶ done
      ▲ └───────────────stop─────────────────────────────────────────▲
      └──recover (after a crash)──┘

The partial index `uq_turns_open` holds that a conversation has one open turn at the most.

A turn that kills the process must end, one that only was open when something else killed it must not: `deaths` counts
the processes in a row that died while the turn was `under_way`. A process that died while none was clears all counts.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Update, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.chats import RETURN_S
from bot.storage.database import Sessions
from bot.storage.history import SAID_BEFORE, was_said
from bot.storage.patience import patient
from bot.storage.tables import OPEN, UNFINISHED, Access, Busy, Chat, Message, Outcome, Part, Rule, State, Turn
from bot.storage.taking import Verdict
from bot.storage.updates import KEPT_S, is_taken, take

SUSPECTED = 2  # deaths: what was under way at so many in a row may be what kills the process

# Made once: it takes longer to make them than to run them.
_OTHER = aliased(Turn)
_TAKEN = (
    select(Chat.provider, func.count())
    .join(Turn, Turn.chat_id == Chat.id)
    .where(Turn.state == State.GENERATING)
    .group_by(Chat.provider)
)
_READY = (
    select(Turn.id)
    .join(Chat, Chat.id == Turn.chat_id)
    .where(
        Turn.state == State.QUEUED,
        ~exists().where(_OTHER.chat_id == Turn.chat_id, _OTHER.state.in_(OPEN)),
        ~exists().where(_OTHER.chat_id == Turn.chat_id, _OTHER.state == State.QUEUED, _OTHER.id < Turn.id),
        Chat.provider.not_in(bindparam("full", expanding=True)),
    )
    .limit(1)
)
_OLDEST = _READY.where(Turn.deaths < SUSPECTED).order_by(Turn.id)
_LEAST_SUSPECTED = _READY.where(Turn.deaths >= SUSPECTED).order_by(Turn.deaths, Turn.id)
_BEGIN, _BEGIN_SUSPECT = (
    update(Turn)
    .where(Turn.id == ready.scalar_subquery())
    .values(state=State.GENERATING, attempt=Turn.attempt + 1, under_way=True)
    .returning(Turn)
    for ready in (_OLDEST, _LEAST_SUSPECTED)
)
_IS_FRESH = Turn.attempt == 0  # never begun; of one that a crash put back into the queue a reply may be on the screen
_UNDER_WAY = and_(Turn.state.in_((State.GENERATING, State.QUEUED)), ~_IS_FRESH)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A Stop button: the turn and part that its data names, and the message that it is under."""

    turn_id: int
    part: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Wording:
    """Other words for the last prompt, and the message that says them."""

    message_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """What a request to stop found: an answer under way, waiting prompts, or a message that belongs to no reply."""

    running: bool = False
    dropped: int = 0
    stray: bool = False


@patient
class Turns:
    """The turns of all conversations; `changed`: there may be something to do, `stopped`: some are to be stopped."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self.changed = asyncio.Event()
        self.stopped = asyncio.Event()

    async def retry(
        self,
        update_id: int,
        chat_id: int,
        *,
        user_id: int,
        language: str,
        answer: int | None = None,
        wording: Wording | None = None,
    ) -> Verdict:
        """Queue the last prompt of a conversation again, in place of its answer.

        With `answer`, the turn whose button was pressed, the new text comes in the same messages. That is the last
        turn, or the one before it, where a repetition of that one was dropped and its messages stand as they were.
        A new `wording` takes the place of the prompt.
        """
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return Verdict.KNOWN
            chat = await session.get_one(Chat, chat_id)
            last = await session.scalar(
                select(Turn).where(Turn.chat_id == chat_id, Turn.id > chat.since_turn).order_by(Turn.id.desc()).limit(1)
            )
            if last is None:
                return Verdict.NOTHING if answer is None else Verdict.STALE
            counts = await session.scalar(select(Turn.id).where(Turn.id == last.id, was_said(Turn)))
            shown = last.id if counts or last.state != State.DONE else last.replaces
            if answer is not None and answer not in (last.id, shown):
                return Verdict.STALE
            if last.state != State.DONE:
                return Verdict.BUSY
            await take(session, update_id, self._clock.wall())
            turn = Turn(
                update_id=update_id,
                chat_id=chat_id,
                message_id=wording.message_id if wording else last.message_id,
                user_id=user_id,
                unread=None if wording else last.unread,
                replaces=last.id if counts or last.replaces is None else last.replaces,
                language=language,
                created_at=self._clock.wall(),
            )
            session.add(turn)
            await session.flush()
            prompt = select(Message.text).where(Message.turn_id == last.id, Message.role == "user").scalar_subquery()
            text = wording.text if wording else prompt
            values = {"turn_id": turn.id, "chat_id": chat_id, "role": "user", "text": text}
            await session.execute(insert(Message).values(values))
            if answer is not None:
                await session.execute(update(Part).where(Part.turn_id == last.id).values(turn_id=turn.id))
        self.changed.set()
        return Verdict.ACCEPTED

    async def claim(self, *, places: int, places_per_provider: int, suspect: bool = False) -> Turn | None:
        """Begin the oldest queued turn whose conversation has no open one, if a place is free.

        A turn holds a place while it is generating; providers that have all of theirs taken are passed over. Suspected
        turns are passed over too, unless a `suspect` is asked for: then it is the one with the fewest deaths.
        """
        async with self._sessions.begin() as session:
            counts = {row[0]: row[1] for row in await session.execute(_TAKEN)}
            if sum(counts.values()) >= places:
                return None
            full = [provider for provider, count in counts.items() if count >= places_per_provider]
            begun: Turn | None = await session.scalar(_BEGIN_SUSPECT if suspect else _BEGIN, {"full": full})
            if begun is not None:
                freed = delete(Busy).where(Busy.chat_id == begun.chat_id, Busy.user_id.in_((0, begun.user_id)))
                await session.execute(freed)
            return begun

    async def recover(self) -> int:
        """Take up what a former process left: generating turns wait again; return how many turns are suspected.

        Where the chat is gone, what was generating ends, unless it was asked a moment before (`Chats.set_gone`).
        """
        unfinished = update(Turn).where(Turn.state.in_(UNFINISHED))
        died = unfinished.where(Turn.under_way).values(deaths=Turn.deaths + 1, under_way=False).returning(Turn.id)
        generating = update(Turn).where(Turn.state == State.GENERATING)
        is_gone = exists().where(Chat.id == Turn.chat_id, Chat.gone_at > Turn.created_at + RETURN_S)
        ended = {"state": State.DONE, "outcome": Outcome.UNDELIVERABLE, "closed_at": self._clock.wall()}
        async with self._sessions.begin() as session:
            if not (await session.scalars(died)).all():  # whatever ended the process, it was none of them
                await session.execute(unfinished.where(Turn.deaths > 0).values(deaths=0))
            await session.execute(generating.where(is_gone).values(ended))
            await session.execute(generating.values(state=State.QUEUED))
            suspected = select(func.count()).where(Turn.state.in_(UNFINISHED), Turn.deaths >= SUSPECTED)
            return await session.scalar(suspected) or 0

    async def resume(self, turn_id: int | None = None) -> list[Turn]:
        """Take up the answers that wait to be delivered and are not suspected, or that one of a suspected turn."""
        chosen = Turn.deaths < SUSPECTED if turn_id is None else Turn.id == turn_id
        taken_up = update(Turn).where(Turn.state == State.DELIVERING, chosen).values(under_way=True)
        async with self._sessions.begin() as session:
            rows = await session.scalars(taken_up.returning(Turn))
            return sorted(rows, key=lambda turn: turn.id)

    async def suspected_answers(self) -> list[int]:
        """Return the suspected turns whose answer waits to be delivered, the one with the fewest deaths first."""
        suspected = select(Turn.id).where(Turn.state == State.DELIVERING, Turn.deaths >= SUSPECTED)
        async with self._sessions() as session:
            return list(await session.scalars(suspected.order_by(Turn.deaths, Turn.id)))

    async def rest(self) -> None:
        """Note that the process ends in order: that is no death."""
        under_way = update(Turn).where(Turn.state.in_(UNFINISHED), Turn.under_way)
        async with self._sessions.begin() as session:
            await session.execute(under_way.values(under_way=False))

    async def answered(
        self, turn_id: int, outcome: Outcome, *, answer: str | None, shown: str | None, note: str | None = None
    ) -> bool:
        """Store how a generation ended; from here the provider is never asked again.

        `answer` goes into the history (None: nothing does), `shown` is what the reader is to see (None: what a former
        attempt left on the screen stays), over the line `note`. False if the turn is not generating any more.
        """
        async with self._sessions.begin() as session:
            turn = await session.scalar(
                update(Turn)
                .where(Turn.id == turn_id, Turn.state == State.GENERATING)
                .values(state=State.DELIVERING, outcome=outcome, shown=shown, note=note, deaths=0)
                .returning(Turn)
            )
            if turn is None:
                return False
            if answer is not None:
                session.add(Message(turn_id=turn.id, chat_id=turn.chat_id, role="assistant", text=answer))
        self.changed.set()
        return True

    async def close(self, turn_id: int, outcome: Outcome | None = None) -> None:
        """Mark a turn as done, and what was lost of it as gone; `outcome` where it is another one than noted before."""
        values: dict[str, object] = {"state": State.DONE, "closed_at": self._clock.wall()}
        if outcome is not None:
            values["outcome"] = outcome
        async with self._sessions.begin() as session:
            await session.execute(update(Turn).where(Turn.id == turn_id).values(values))
            await session.execute(delete(Part).where(Part.turn_id == turn_id, Part.message_id.is_(None)))
        self.changed.set()

    async def stop(self, update_id: int, chat_id: int, *, user_id: int | None = None) -> Stop | None:
        """Stop the answer under way in a conversation and drop the prompts that wait; None if the update was taken.

        With `user_id`, in a group, only what that person asked. The update is taken here, unless a notice tells what
        was found.
        """
        asked = Turn.chat_id == chat_id if user_id is None else and_(Turn.chat_id == chat_id, Turn.user_id == user_id)
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return None
            stopped = (
                await session.scalars(update(Turn).where(asked, _UNDER_WAY).values(stop=True).returning(Turn.id))
            ).all()
            await session.execute(_dropped(asked, self._clock.wall(), update_id))
            lately = Turn.closed_at > self._clock.wall() - KEPT_S  # an old update may have had the same id
            dropped = select(func.count()).select_from(Turn).where(Turn.dropped_by == update_id, lately)
            stop = Stop(running=bool(stopped), dropped=await session.scalar(dropped) or 0)
            freed = delete(Busy).where(Busy.chat_id == chat_id)
            await session.execute(freed if user_id is None else freed.where(Busy.user_id.in_((0, user_id))))
            if stop.running and not stop.dropped:
                await take(session, update_id, self._clock.wall())
        self.stopped.set()
        self.changed.set()
        return stop

    async def stop_shown(
        self, update_id: int, chat_id: int, *, pressed: Pressed | None = None, turn_id: int | None = None
    ) -> Stop | None:
        """Stop the answer that a button (`pressed`) stands under, or a native draft (`turn_id`) shows; nothing else.

        None if the update was taken.
        """
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return None
            if pressed is not None:
                if await _is_stray(session, chat_id, pressed):
                    return Stop(stray=True)
                here = exists().where(Turn.id == Part.turn_id, Turn.chat_id == chat_id)
                adopted = update(Part).where(_is_awaited(pressed), here).values(message_id=pressed.message_id)
                await session.execute(adopted)
                turn_id = pressed.turn_id
            running = update(Turn).where(Turn.id == turn_id, Turn.chat_id == chat_id, _UNDER_WAY)
            if await session.scalar(running.values(stop=True).returning(Turn.id)) is None:
                return Stop()
            await take(session, update_id, self._clock.wall())
        self.stopped.set()
        self.changed.set()
        return Stop(running=True)

    async def stop_denied(self, telegram_id: int, *, listed: Collection[int]) -> None:
        """Stop and drop what a person asked, or what was asked in a chat, because they are kept out from now on.

        Who is let in by name may ask in that chat all the same: those who are `listed`, or allowed by a rule.
        """
        let_in = exists().where(Access.telegram_id == Turn.user_id, Access.rule.in_((Rule.ALLOW, Rule.OWNER)))
        here = exists().where(Chat.id == Turn.chat_id, Chat.telegram_id == telegram_id)
        asked = or_(Turn.user_id == telegram_id, and_(here, Turn.user_id.not_in(listed), ~let_in))
        async with self._sessions.begin() as session:
            await session.execute(update(Turn).where(asked, _UNDER_WAY).values(stop=True))
            await session.execute(_dropped(asked, self._clock.wall()))
        self.stopped.set()
        self.changed.set()

    async def is_stray(self, chat_id: int, pressed: Pressed) -> bool:
        """Tell whether a message with a Stop button belongs to no reply: its send was lost in a crash."""
        async with self._sessions() as session:
            return await _is_stray(session, chat_id, pressed)

    async def asker(self, chat_id: int, turn_id: int | None = None) -> int | None:
        """Return who asked a turn of a conversation, by default the last one of the present history."""
        since = select(Chat.since_turn).where(Chat.id == chat_id).scalar_subquery()
        asked = select(Turn.user_id).where(Turn.chat_id == chat_id).order_by(Turn.id.desc()).limit(1)
        which = Turn.id == turn_id if turn_id is not None else Turn.id > since
        async with self._sessions() as session:
            user_id: int | None = await session.scalar(asked.where(which))
            return user_id

    async def stopping(self) -> list[int]:
        """Return the generating turns that are to be stopped."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Turn.id).where(Turn.state == State.GENERATING, Turn.stop)))

    async def get(self, turn_id: int) -> Turn | None:
        """Return a turn."""
        async with self._sessions() as session:
            return await session.get(Turn, turn_id)

    async def history(self, turn: Turn) -> list[tuple[str, str]]:
        """Return (role, text) of what was really said before a turn, oldest first, and its prompt last."""
        here = {"chat_id": turn.chat_id, "turn_id": turn.id}
        async with self._sessions() as session:
            return [(role, text) for role, text in await session.execute(SAID_BEFORE, here)]


def _dropped(asked: ColumnElement[bool], now: float, update_id: int | None = None) -> Update:
    """Return the statement that ends what waits of some turns, and notes the update that asked for it."""
    ended = {"state": State.DONE, "outcome": Outcome.STOPPED, "closed_at": now, "dropped_by": update_id}
    return update(Turn).where(asked, Turn.state == State.QUEUED, _IS_FRESH).values(ended)


async def _is_stray(session: AsyncSession, chat_id: int, pressed: Pressed) -> bool:
    """Tell whether the message names a turn of this conversation, but shows no part and is not about to."""
    turn = await session.get(Turn, pressed.turn_id)
    if turn is None or turn.chat_id != chat_id:
        return False
    telegram_id = select(Chat.telegram_id).where(Chat.id == chat_id).scalar_subquery()
    here = exists().where(Turn.id == Part.turn_id, Turn.chat_id == Chat.id, Chat.telegram_id == telegram_id)
    shows = and_(here, Part.message_id == pressed.message_id)
    return not await session.scalar(select(exists().where(or_(shows, _is_awaited(pressed)))))


def _is_awaited(pressed: Pressed) -> ColumnElement[bool]:
    """Tell the part that the button names, while it has no message and its turn is open."""
    is_open = exists().where(Turn.id == Part.turn_id, Turn.state != State.DONE)
    return and_(Part.turn_id == pressed.turn_id, Part.number == pressed.part, Part.message_id.is_(None), is_open)
