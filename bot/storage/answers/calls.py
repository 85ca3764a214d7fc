"""Calls: what models wished for while an answer was made, and what became of it.

    asked ──▶ allowed ──start──▶ started ──end──▶ done | failed | unknown
      └─────▶ denied

A call is `started` before its first byte leaves, and its result is stored before a model reads it. Where a process was
killed in between, nobody knows what became of it: it is `unknown`, and not made again; one that changes nothing is.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, exists, select, update

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.jobs import Job
from bot.storage.people.usage import Charge, spend
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Call, CallState, State, Step
from bot.storage.telegram.notices import Packed, keep
from providers.blocks import Content

OPEN = (CallState.ASKED, CallState.ALLOWED, CallState.STARTED)


@dataclass(frozen=True, slots=True)
class Wished:
    """A call as it is stored first: the tool, and whether it may be made; `asked_until`: or is asked about."""

    name: str
    state: CallState
    result: str | None = None
    is_foreign: bool = False
    asked_until: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A step with its calls, in their order."""

    step: Step
    calls: list[Call]


@patient
class Calls:
    """The calls of all answers."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def resume(self, job: Job, repeatable: Collection[str]) -> list[Round]:
        """Return the rounds of an answer that a former process made.

        What it had started is unknown, but for tools that are `repeatable`: those may be called again.
        """
        begun = update(Call).where(Call.answer_id == job.id, Call.state == CallState.STARTED)
        async with self._sessions.begin() as session:
            await session.execute(begun.where(Call.name.in_(repeatable)).values(state=CallState.ALLOWED))
            await session.execute(begun.values(state=CallState.UNKNOWN))
            steps = (await session.scalars(select(Step).where(Step.answer_id == job.id).order_by(Step.number))).all()
            calls = select(Call).where(Call.answer_id == job.id).order_by(Call.number, Call.position)
            found = (await session.scalars(calls)).all() if steps else []
        return [Round(step, [call for call in found if call.number == step.number]) for step in steps]

    async def begin(
        self,
        job: Job,
        number: int,
        content: Content,
        wished: Sequence[Wished],
        *,
        usage: tuple[int, int] | None,
        asking: Callable[[Call], Packed] | None = None,
    ) -> Round | None:
        """Store a round with its calls; None where the answer is not being made any more.

        `asking` makes the notice that asks about a call that waits for leave; it is stored with it.
        """
        prompt_tokens, completion_tokens = usage or (None, None)
        step = Step(
            answer_id=job.id,
            number=number,
            content=content,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
        )
        calls = [
            Call(
                answer_id=job.id,
                number=number,
                position=position,
                name=each.name,
                state=each.state,
                result=each.result,
                is_foreign=each.is_foreign,
                asked_until=each.asked_until,
            )
            for position, each in enumerate(wished)
        ]
        async with self._sessions.begin() as session:
            if not await session.scalar(select(_is_made(job))):
                return None
            session.add_all([step, *calls])
            await session.flush()
            for call in calls:
                if call.state is CallState.ASKED and asking:
                    call.key = await keep(session, asking(call), self._clock.wall())
        return Round(step, calls)

    async def decide(
        self, call_id: int, *, of: int, may: bool, by: int | None = None, chat_id: int | None = None
    ) -> Call | None:
        """Say whether a call of an answer may be made; None where that was decided, or denied by time, before.

        `chat_id`: where somebody says so, who may only for this chat.
        """
        asked = update(Call).where(Call.id == call_id, Call.answer_id == of, Call.state == CallState.ASKED)
        if chat_id is not None:
            asked = asked.where(exists().where(Answer.id == Call.answer_id, Answer.chat_id == chat_id))
        if by is not None:
            asked = asked.where(Call.asked_until > self._clock.wall())
        state = CallState.ALLOWED if may else CallState.DENIED
        async with self._sessions.begin() as session:
            found: Call | None = await session.scalar(asked.values(state=state, decided_by=by).returning(Call))
        if found is not None:
            self._signals.decided(call_id)
        return found

    async def get(self, call_id: int) -> Call | None:
        """Return a call."""
        async with self._sessions() as session:
            return await session.get(Call, call_id)

    async def start(self, job: Job, call: Call, charge: Charge | None = None) -> bool:
        """Note that a call is made now, and count what it takes; False where it may not be, or was begun before."""
        allowed = update(Call).where(Call.id == call.id, Call.state == CallState.ALLOWED, _is_made(job))
        async with self._sessions.begin() as session:
            is_begun = await session.scalar(allowed.values(state=CallState.STARTED).returning(Call.id)) is not None
            if is_begun and charge:
                await spend(session, job.user_id, job.chat.telegram_id, charge.took, charge.wall)
        return is_begun

    async def end(self, job: Job, call: Call, state: CallState, result: str, back: Charge | None = None) -> None:
        """Store what a call gave, before a model reads it, and give `back` what one did not take that did nothing."""
        ended = update(Call).where(Call.id == call.id, Call.state.in_(OPEN)).values(state=state, result=result)
        async with self._sessions.begin() as session:
            is_ended = await session.scalar(ended.returning(Call.id)) is not None
            if is_ended and back and back.took.cost:
                less = replace(back.took, cost=-back.took.cost)
                await spend(session, job.user_id, job.chat.telegram_id, less, back.wall)

    async def leave(self, job: Job, repeatable: Collection[str]) -> list[str]:
        """Have no call of an answer be open any more; return the tools of which nobody knows what they did.

        Those that are `repeatable` did nothing.
        """
        mine = update(Call).where(Call.answer_id == job.id)
        begun = mine.where(Call.state == CallState.STARTED)
        async with self._sessions.begin() as session:
            await session.execute(begun.where(Call.name.in_(repeatable)).values(state=CallState.FAILED))
            await session.execute(begun.values(state=CallState.UNKNOWN))
            waits = mine.where(Call.state.in_((CallState.ASKED, CallState.ALLOWED)))
            await session.execute(waits.values(state=CallState.DENIED))
            unknown = select(Call.name).where(Call.answer_id == job.id, Call.state == CallState.UNKNOWN)
            return list(await session.scalars(unknown.order_by(Call.id)))

    async def of(self, answer_id: int) -> list[Call]:
        """Return the calls of an answer."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Call).where(Call.answer_id == answer_id).order_by(Call.id)))


def _is_made(job: Job) -> ColumnElement[bool]:
    return exists().where(Answer.id == job.id, Answer.state == State.GENERATING, Answer.attempt == job.attempt)
