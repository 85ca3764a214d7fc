"""Stops: what ends an answer before it is whole, and takes waiting ones out of the queue."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.answers.replies import is_open
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.succession import withdraw
from bot.storage.signals import Signals
from bot.storage.tables import Access, Answer, Busy, Chat, Outcome, Part, Prompt, Reply, Rule, State
from bot.storage.telegram.updates import KEPT_S, is_taken, take

_FORMER = aliased(Answer)
_BESIDE = aliased(Prompt)
# Something of an answer that broke off may be on the screen, or come there yet, and is to end as stopped too.
_IS_TORN: ColumnElement[bool] = exists().where(
    Prompt.id == Answer.prompt_id,
    Reply.id == Prompt.reply_id,
    Reply.shown_id.is_(None),
    or_(
        exists().where(Part.reply_id == Reply.id),
        exists().where(
            _FORMER.prompt_id == _BESIDE.id, _BESIDE.reply_id == Reply.id, _FORMER.state == State.GENERATING
        ),
    ),
)
_IS_FRESH = and_(Answer.attempt == 0, ~_IS_TORN)  # never begun; one that was may have a part on the screen
_UNDER_WAY = and_(Answer.state.in_((State.GENERATING, State.QUEUED)), ~_IS_FRESH)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A Stop button: the answer and part that its data names, and the message that it is under."""

    answer_id: int
    part: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Stop:
    """What a request to stop found: an answer under way, waiting prompts, or a message that is none of this chat."""

    running: bool = False
    dropped: int = 0
    stray: bool = False


@patient
class Stops:
    """Stops and drops answers."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def stop(self, update_id: int, chat_id: int, *, user_id: int | None = None) -> Stop | None:
        """Stop the answer under way in a chat and drop the prompts that wait; None if the update was taken.

        With `user_id`, in a group, only what that person asked. The update is taken here, unless a notice tells what
        was found.
        """
        asked = Answer.chat_id == chat_id
        if user_id is not None:
            asked = and_(asked, Answer.user_id == user_id)
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return None
            running = update(Answer).where(asked, _UNDER_WAY).values(stop=True).returning(Answer.id)
            stopped = (await session.scalars(running)).all()
            await _drop(session, asked, self._clock.wall(), update_id)
            lately = Answer.closed_at > self._clock.wall() - KEPT_S  # an old update may have had the same id
            dropped = select(func.count()).select_from(Answer).where(Answer.dropped_by == update_id, lately)
            stop = Stop(running=bool(stopped), dropped=await session.scalar(dropped) or 0)
            freed = delete(Busy).where(Busy.chat_id == chat_id)
            await session.execute(freed if user_id is None else freed.where(Busy.user_id.in_((0, user_id))))
            if stop.running and not stop.dropped:
                await take(session, update_id, self._clock.wall())
        self._tell()
        return stop

    async def stop_shown(
        self, update_id: int, chat_id: int, *, pressed: Pressed | None = None, answer_id: int | None = None
    ) -> Stop | None:
        """Stop the answer that a button (`pressed`) stands under, or a native draft (`answer_id`) shows; nothing else.

        None if the update was taken.
        """
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return None
            if pressed is not None:
                if await _is_stray(session, chat_id, pressed):
                    return Stop(stray=True)
                here = exists().where(Answer.id == Part.answer_id, Answer.chat_id == chat_id)
                adopted = update(Part).where(_is_awaited(pressed), here).values(message_id=pressed.message_id)
                await session.execute(adopted)
                answer_id = pressed.answer_id
            answer_id = await _instead(session, answer_id)
            running = update(Answer).where(Answer.id == answer_id, Answer.chat_id == chat_id, _UNDER_WAY)
            if await session.scalar(running.values(stop=True).returning(Answer.id)) is None:
                return Stop()
            await take(session, update_id, self._clock.wall())
        self._tell()
        return Stop(running=True)

    async def stop_elsewhere(self, update_id: int, chat_id: int, *, inline_id: str, answer_id: int) -> Stop | None:
        """Stop the answer that an inline message shows; a stray is not this person's. None if the update was taken.

        That is how the answer to a guest question is found again whose sending had no answer: one that was given up
        ends there as stopped.
        """
        asked = select(Reply).join(Prompt, Prompt.reply_id == Reply.id).join(Answer, Answer.prompt_id == Prompt.id)
        here = update(Answer).where(Answer.id == answer_id, Answer.chat_id == chat_id)
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return None
            reply = await session.scalar(asked.where(Answer.id == answer_id))
            if reply is None:
                return Stop()
            if reply.chat_id != chat_id or reply.inline_id not in (inline_id, None):
                return Stop(stray=True)
            is_lost = reply.inline_id is None
            reply.inline_id = inline_id
            running = here.where(_UNDER_WAY).values(stop=True).returning(Answer.id)
            if await session.scalar(running) is None:
                given_up = here.where(Answer.outcome == Outcome.UNDELIVERABLE, Answer.state == State.DONE)
                again = {"state": State.QUEUED, "outcome": None, "stop": True, "closed_at": None}
                if not is_lost or await session.scalar(given_up.values(again).returning(Answer.id)) is None:
                    return Stop()
            await take(session, update_id, self._clock.wall())
        self._tell()
        return Stop(running=True)

    async def stop_denied(self, telegram_id: int, *, listed: Collection[int]) -> None:
        """Stop and drop what a person asked, or what was asked in a chat, because they are kept out from now on.

        Who is let in by name may ask in that chat all the same: those who are `listed`, or allowed by a rule.
        """
        let_in = exists().where(Access.telegram_id == Answer.user_id, Access.rule.in_((Rule.ALLOW, Rule.OWNER)))
        here = exists().where(Chat.id == Answer.chat_id, Chat.telegram_id == telegram_id)
        asked = or_(Answer.user_id == telegram_id, and_(here, Answer.user_id.not_in(listed), ~let_in))
        async with self._sessions.begin() as session:
            await halt(session, asked, self._clock.wall())
        self._tell()

    async def is_stray(self, chat_id: int, pressed: Pressed) -> bool:
        """Tell whether a message with a Stop button belongs to no reply: its send was lost in a crash."""
        async with self._sessions() as session:
            return await _is_stray(session, chat_id, pressed)

    def _tell(self) -> None:
        self._signals.stops.set()
        self._signals.work.set()


async def _instead(session: AsyncSession, answer_id: int | None) -> int | None:
    """Return the answer that is made in place of one that is not wanted any more, and whose button stands there yet."""
    wanted = select(Reply.wanted_id).join(Prompt, Prompt.reply_id == Reply.id)
    wanted = wanted.join(Answer, Answer.prompt_id == Prompt.id)
    superseded = Answer.outcome == Outcome.SUPERSEDED
    instead: int | None = await session.scalar(wanted.where(Answer.id == answer_id, superseded))
    return instead or answer_id


async def halt(session: AsyncSession, asked: ColumnElement[bool], wall: float) -> int:
    """Stop some answers that are under way and drop those that wait; return how many of them waited."""
    await session.execute(update(Answer).where(asked, _UNDER_WAY).values(stop=True))
    return await _drop(session, asked, wall)


async def _drop(session: AsyncSession, asked: ColumnElement[bool], wall: float, update_id: int | None = None) -> int:
    """End what waits of some answers, and note the update that asked for it."""
    ended = {"state": State.DONE, "outcome": Outcome.STOPPED, "closed_at": wall}
    waiting = update(Answer).where(asked, Answer.state == State.QUEUED, _IS_FRESH)
    dropped = (await session.scalars(waiting.values(**ended, dropped_by=update_id).returning(Answer.id))).all()
    for answer_id in dropped:
        await withdraw(session, answer_id)
    return len(dropped)


async def _is_stray(session: AsyncSession, chat_id: int, pressed: Pressed) -> bool:
    """Tell whether the message names an answer of this chat, but shows no part and is not about to."""
    answer = await session.get(Answer, pressed.answer_id)
    if answer is None or answer.chat_id != chat_id:
        return False
    telegram_id = select(Chat.telegram_id).where(Chat.id == chat_id).scalar_subquery()
    here = exists().where(Reply.id == Part.reply_id, Reply.chat_id == Chat.id, Chat.telegram_id == telegram_id)
    shows = and_(here, Part.message_id == pressed.message_id)
    return not await session.scalar(select(exists().where(or_(shows, _is_awaited(pressed)))))


def _is_awaited(pressed: Pressed) -> ColumnElement[bool]:
    """Tell the part that the button names, while it has no message and its reply is open."""
    of_open_reply = Part.reply_id.in_(select(Reply.id).where(is_open()))
    named = and_(Part.answer_id == pressed.answer_id, Part.number == pressed.part)
    return and_(named, Part.message_id.is_(None), of_open_reply)
