"""The worker after deaths: a turn that kills the process ends, those that only were open do not."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from bot.clock import Clock
from bot.storage.chats import Chats
from bot.storage.database import open_database
from bot.storage.tables import Outcome, State, Turn
from bot.storage.turns import Turns
from bot.work.responder import MAX_DEATHS
from bot.work.worker import QUIET_S, Worker
from tests.bot import asking

FACTOR = 200.0
ANSWER_S = 2.0  # that an answer takes

Deadly = Callable[[int, State], bool]  # whether this turn, in this state, kills the process

_updates = itertools.count(1)


class Fast(Clock):
    """Real time, much faster."""

    def now(self) -> float:
        """Return seconds from a monotonic source."""
        return time.monotonic() * FACTOR

    async def sleep(self, seconds: float) -> None:
        """Wait for less than `seconds`."""
        await super().sleep(seconds / FACTOR)


class Mortal(Turns):
    """The turns of a process that has no time to say that it ends."""

    async def rest(self) -> None:
        """Say nothing."""


class Answers:
    """Answers each turn after a while; `deadly` is asked at its begin whether it kills the process."""

    def __init__(self, turns: Turns, clock: Clock, deadly: Deadly) -> None:
        self._turns = turns
        self._clock = clock
        self._deadly = deadly
        self.killed = asyncio.Event()
        self.outcomes: dict[int, Outcome] = {}

    async def answer(self, turn: Turn, _stopped: asyncio.Event) -> None:
        """Answer, give up, or kill."""
        given_up = turn.deaths >= MAX_DEATHS
        if turn.state is State.GENERATING:
            await self._survive(turn.id, State.GENERATING, given_up=given_up)
            await self._clock.sleep(ANSWER_S)
            await self._turns.answered(turn.id, Outcome.ANSWERED, answer=None, shown="done")
        await self._survive(turn.id, State.DELIVERING, given_up=given_up)
        self.outcomes[turn.id] = Outcome.FAILED if given_up else Outcome.ANSWERED
        await self._turns.close(turn.id)

    async def _survive(self, turn_id: int, state: State, *, given_up: bool) -> None:
        if not given_up and self._deadly(turn_id, state):
            self.killed.set()
            await asyncio.Event().wait()

    async def apologise(self, turn: Turn) -> Turn | None:
        """Fail the test: nothing here has a bug."""
        raise AssertionError(turn.id)


class Lives:
    """Lives of the bot, one after the other, on one database."""

    def __init__(self, turns: Turns, chats: Chats, clock: Clock) -> None:
        self._turns = turns
        self._chats = chats
        self._clock = clock
        self._asked = 0
        self.outcomes: dict[int, Outcome] = {}

    async def ask(self, chats: int) -> None:
        """Ask in so many chats; turns are numbered from 1 on."""
        for chat in range(1, chats + 1):
            row = await self._chats.get(chat, provider="alpha")
            await asking.accept(self._turns, next(_updates), row.id, user_id=chat)
        self._asked += chats

    async def live(self, seconds: float = 600.0, *, deadly: Deadly = lambda *_: False) -> bool:
        """Run until a turn kills the process, or all is answered, or somebody else does; tell whether it died."""
        answers = Answers(self._turns, self._clock, deadly)
        task = asyncio.ensure_future(
            Worker(self._turns, answers, max_turns=1_000, providers=1, clock=self._clock).run()
        )
        end = self._clock.now() + seconds
        while self._clock.now() < end and not answers.killed.is_set() and self._left(answers):
            await self._clock.sleep(0.2)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self.outcomes |= answers.outcomes
        return self._left(answers) > 0

    def _left(self, answers: Answers) -> int:
        return self._asked - len(self.outcomes | answers.outcomes)


@pytest.fixture
def clock() -> Clock:
    return Fast()


@pytest.fixture
async def lives(clock: Clock, tmp_path: Path) -> AsyncIterator[Lives]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as db:
        yield Lives(Mortal(db, clock), Chats(db, clock), clock)


def failed(lives: Lives) -> set[int]:
    return {turn_id for turn_id, outcome in lives.outcomes.items() if outcome is Outcome.FAILED}


async def test_a_turn_that_kills_the_process_each_time_ends_after_ten_deaths_and_the_others_are_answered(
    lives: Lives,
) -> None:
    await lives.ask(40)

    deaths = 0
    while await lives.live(deadly=lambda turn_id, _: turn_id == 17):
        deaths += 1

    assert deaths <= MAX_DEATHS
    assert failed(lives) == {17}
    assert len(lives.outcomes) == 40


async def test_two_turns_that_kill_the_process_do_not_excuse_each_other(lives: Lives) -> None:
    await lives.ask(6)

    deaths = 0
    while await lives.live(deadly=lambda turn_id, _: turn_id in (2, 5)):
        deaths += 1

    assert deaths <= 2 * MAX_DEATHS
    assert failed(lives) == {2, 5}
    assert len(lives.outcomes) == 6


async def test_a_turn_that_kills_the_process_while_it_is_shown_ends_too(lives: Lives) -> None:
    await lives.ask(3)

    deaths = 0
    while await lives.live(deadly=lambda turn_id, state: turn_id == 2 and state is State.DELIVERING):
        deaths += 1

    assert deaths <= MAX_DEATHS + 1  # the first one was in the middle of all
    assert failed(lives) == {2}
    assert len(lives.outcomes) == 3


async def test_turns_that_were_open_while_something_else_killed_the_process_are_all_answered(lives: Lives) -> None:
    random = Random(5)
    await lives.ask(20)

    for _ in range(100):
        if random.random() < 0.5:
            await lives.live(random.uniform(0, QUIET_S))
        else:
            await lives.live(deadly=lambda *_: random.random() < 0.3)
    while await lives.live():
        pass

    assert failed(lives) == set()
    assert len(lives.outcomes) == 20


async def test_after_one_death_all_that_was_under_way_goes_on_at_once(turns: Turns, chats: Chats) -> None:
    for chat in range(3):
        row = await chats.get(chat, provider="alpha")
        await asking.accept(turns, next(_updates), row.id)
        assert await turns.claim(places=9, places_per_provider=9)

    assert await turns.recover() == 0

    again = [await turns.claim(places=9, places_per_provider=9) for _ in range(3)]
    assert [turn and turn.deaths for turn in again] == [1, 1, 1]


async def test_an_orderly_stop_is_no_death(turns: Turns, chats: Chats) -> None:
    row = await chats.get(1, provider="alpha")
    await asking.accept(turns, next(_updates), row.id)

    for _ in range(MAX_DEATHS):
        turn = await turns.claim(places=9, places_per_provider=9)
        assert turn
        assert turn.deaths == 0
        await turns.rest()
        assert await turns.recover() == 0
