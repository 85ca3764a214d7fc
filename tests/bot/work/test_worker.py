"""The worker after deaths: an answer that kills the process ends, those that only were open do not."""

import asyncio
import math
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from bot.clock import Clock
from bot.storage.answers.backlog import Backlog
from bot.storage.answers.context import Context
from bot.storage.answers.ending import Ending
from bot.storage.engine.database import open_database
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Outcome
from bot.work.answering import MAX_DEATHS
from bot.work.capacity import Capacity
from bot.work.worker import QUIET_S, Worker
from tests.bot.store import Store
from tests.stopwatch import PATIENCE_S
from tests.thorough import times

FACTOR = 200.0
ANSWER_S = 2.0  # that an answer takes

Deadly = Callable[[int, bool], bool]  # whether this answer, made or not, kills the process


class Fast(Clock):
    """Real time, much faster."""

    def now(self) -> float:
        """Return seconds from a monotonic source."""
        return time.monotonic() * FACTOR

    async def sleep(self, seconds: float) -> None:
        """Wait for less than `seconds`."""
        await super().sleep(seconds / FACTOR)


class Mortal(Backlog):
    """The backlog of a process that has no time to say that it ends."""

    async def rest(self) -> None:
        """Say nothing."""


class Answerer:
    """Brings each answer to its end after a while; `deadly` is asked at its begin whether it kills the process.

    Those that are `held` wait for ever, as in a chat that is refused.
    """

    answer_s = ANSWER_S
    kills_s = 0.0  # that one which kills takes until then

    def __init__(self, store: Store, clock: Clock, deadly: Deadly, held: Collection[int] = ()) -> None:
        self._store = store
        self._clock = clock
        self._deadly = deadly
        self._held = held
        self.killed = asyncio.Event()
        self.outcomes: dict[int, Outcome] = {}

    async def answer(self, job: Job, _context: Context | None, _stopped: asyncio.Event) -> None:
        """Answer, give up, or kill."""
        given_up = job.deaths >= MAX_DEATHS
        if job.id in self._held:
            await asyncio.Event().wait()
        if not job.is_made:
            await self._survive(job.id, is_made=False, given_up=given_up)
            await self._clock.sleep(self.answer_s)
            await self._store.answers.ended(job, Ending(Outcome.ANSWERED, None, "done"))
        await self._survive(job.id, is_made=True, given_up=given_up)
        self.outcomes[job.id] = Outcome.FAILED if given_up else Outcome.ANSWERED
        await self._store.replies.stands(job)

    async def _survive(self, answer_id: int, *, is_made: bool, given_up: bool) -> None:
        if not given_up and self._deadly(answer_id, is_made):
            await self._clock.sleep(self.kills_s)
            self.killed.set()
            await asyncio.Event().wait()

    async def apologise(self, job: Job) -> Job | None:
        """Fail the test: nothing here has a bug."""
        raise AssertionError(job.id)


class Slow(Answerer):
    """Makes long answers; one that kills does so in the midst of them."""

    answer_s = 60.0
    kills_s = 10.0


class Lives:
    """Lives of the bot, one after the other, on one database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.answerer: type[Answerer] = Answerer
        self._store = store
        self._clock = clock
        self._asked = 0
        self.outcomes: dict[int, Outcome] = {}

    async def ask(self, chats: int) -> None:
        """Ask in so many chats; answers are numbered from 1 on."""
        for chat in range(1, chats + 1):
            await self._store.accept(await self._store.chats.get(chat, provider="alpha"), user_id=chat)
        self._asked += chats

    async def live(
        self, seconds: float = math.inf, *, deadly: Deadly = lambda *_: False, held: Collection[int] = ()
    ) -> bool:
        """Run until an answer kills the process, or all is answered, or another does; tell whether some is left."""
        answerer = self.answerer(self._store, self._clock, deadly, held)
        task = asyncio.ensure_future(worker(self._store, answerer, self._clock).run())
        end = self._clock.now() + seconds
        while self._clock.now() < end and not answerer.killed.is_set() and self._left(answerer) > len(held):
            await self._clock.sleep(0.2)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self.outcomes |= answerer.outcomes
        return self._left(answerer) > 0

    def _left(self, answerer: Answerer) -> int:
        return self._asked - len(self.outcomes | answerer.outcomes)


def worker(store: Store, answerer: Answerer, clock: Clock, *, was_left: bool = False) -> Worker:
    return Worker(
        store.backlog,
        store.replies,
        store.signals,
        answerer,
        capacity=Capacity(1_000),
        providers=1,
        clock=clock,
        was_left=was_left,
    )


@pytest.fixture
def clock() -> Clock:
    return Fast()


@pytest.fixture
async def lives(clock: Clock, tmp_path: Path, empty_database: Path) -> AsyncIterator[Lives]:
    shutil.copy(empty_database, tmp_path / "bot.db")
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as db:
        store = Store(db, clock)
        store.backlog = Mortal(db, clock, store.signals)
        yield Lives(store, clock)


def failed(lives: Lives) -> set[int]:
    return {answer_id for answer_id, outcome in lives.outcomes.items() if outcome is Outcome.FAILED}


async def test_an_answer_that_kills_the_process_each_time_ends_after_ten_deaths_and_the_others_are_answered(
    lives: Lives,
) -> None:
    await lives.ask(12)

    deaths = 0
    while await lives.live(deadly=lambda answer_id, _: answer_id == 7):
        deaths += 1

    assert deaths <= MAX_DEATHS
    assert failed(lives) == {7}
    assert len(lives.outcomes) == 12


async def test_a_long_answer_beside_one_that_kills_late_is_answered(lives: Lives) -> None:
    lives.answerer = Slow
    await lives.ask(2)

    while await lives.live(deadly=lambda answer_id, _: answer_id == 2):
        pass

    assert lives.outcomes == {1: Outcome.ANSWERED, 2: Outcome.FAILED}


async def test_two_answers_that_kill_the_process_do_not_excuse_each_other(lives: Lives) -> None:
    await lives.ask(6)

    deaths = 0
    while await lives.live(deadly=lambda answer_id, _: answer_id in (2, 5)):
        deaths += 1

    assert deaths <= 2 * MAX_DEATHS
    assert failed(lives) == {2, 5}
    assert len(lives.outcomes) == 6


async def test_others_begin_when_what_waited_is_under_way(store: Store, clock: Clock) -> None:
    lives = Lives(store, clock)
    await lives.ask(3)
    one = worker(store, Answerer(store, clock, lambda *_: False), clock)
    task = asyncio.ensure_future(one.run())

    async with asyncio.timeout(PATIENCE_S):
        await one.begun.wait()

    assert one.is_busy()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_answer_that_kills_the_process_while_it_is_shown_ends_too(lives: Lives) -> None:
    await lives.ask(3)

    deaths = 0
    while await lives.live(deadly=lambda answer_id, is_made: answer_id == 2 and is_made):
        deaths += 1

    assert deaths <= MAX_DEATHS + 1  # the first one was in the middle of all
    assert failed(lives) == {2}
    assert len(lives.outcomes) == 3


async def test_answers_that_were_open_while_something_else_killed_the_process_are_all_answered(lives: Lives) -> None:
    random = Random(5)
    await lives.ask(20)

    for _ in range(times(10, 200)):
        if random.random() < 0.5:
            await lives.live(random.uniform(0, QUIET_S))
        else:
            await lives.live(deadly=lambda *_: random.random() < 0.3)
    while await lives.live():
        pass

    assert failed(lives) == set()
    assert len(lives.outcomes) == 20


async def test_a_suspect_whose_chat_is_refused_keeps_the_others_waiting_for_a_while_only(lives: Lives) -> None:
    await lives.ask(4)
    for _ in range(2):
        await lives.live(deadly=lambda *_: True)

    await lives.live(6_000.0, held={1})  # half a minute for us

    assert set(lives.outcomes) == {2, 3, 4}


async def test_after_one_death_all_that_was_under_way_goes_on_at_once(store: Store) -> None:
    for chat in range(3):
        await store.ask(await store.chats.get(chat, provider="alpha"))

    assert await store.backlog.recover() == 0

    again = [await store.begun() for _ in range(3)]
    assert [job.deaths for job in again] == [1, 1, 1]


async def test_a_suspect_that_its_reader_stops_does_not_wait_for_its_turn(store: Store) -> None:
    one, _other = [await store.ask(await store.chats.get(chat, provider="alpha")) for chat in range(2)]
    await store.backlog.recover()
    assert [await store.begun() for _ in range(2)]
    assert await store.backlog.recover() == 2

    await store.stop(one.chat)

    assert (await store.begun()).id == one.id
    assert await store.begin() is None


async def test_an_orderly_stop_is_no_death(store: Store) -> None:
    await store.accept(await store.chats.get(1, provider="alpha"))

    for _ in range(MAX_DEATHS):
        assert (await store.begun()).deaths == 0
        await store.backlog.rest()
        assert await store.backlog.recover() == 0


class Asked(Answerer):
    """Notes how many processes are said to have died of an answer, and never ends it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock, lambda *_: False)
        self.deaths: asyncio.Queue[int] = asyncio.Queue()

    async def answer(self, job: Job, _context: Context | None, _stopped: asyncio.Event) -> None:
        """Note it."""
        await self.deaths.put(job.deaths)
        await asyncio.Event().wait()


@pytest.mark.parametrize("was_left", [True, False])
async def test_what_was_under_way_where_a_process_let_go_of_the_bot_has_killed_nobody(
    store: Store, clock: Clock, was_left: bool
) -> None:
    """It has half a second for its end, and may not have come to say of each answer that it rests."""
    await store.accept(await store.chats.get(1, provider="alpha"))
    await store.begun()
    asked = Asked(store, clock)
    running = asyncio.ensure_future(worker(store, asked, clock, was_left=was_left).run())

    assert await asked.deaths.get() == (0 if was_left else 1)

    running.cancel()
    await asyncio.wait({running})


class Held(Answerer):
    """Brings an answer to its end when it is released, at a second attempt at once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock, lambda *_: False)
        self.released: dict[int, asyncio.Event] = {}
        self.withdrawn: list[int] = []

    async def answer(self, job: Job, context: Context | None, stopped: asyncio.Event) -> None:
        """Answer after the release."""
        if job.attempt == 1:
            self.released[job.id] = asyncio.Event()
            try:
                await self.released[job.id].wait()
            except asyncio.CancelledError:
                self.withdrawn.append(job.id)
                raise
        await super().answer(job, context, stopped)


async def test_an_answer_that_went_back_into_the_queue_under_way_is_made_once(store: Store, clock: Clock) -> None:
    group, supergroup = await store.chats.get(-7, provider="alpha"), await store.chats.get(-8, provider="alpha")
    for chat in (supergroup, group):
        await store.accept(chat)
    held = Held(store, clock)
    task = asyncio.ensure_future(worker(store, held, clock).run())
    while len(held.released) < 2:
        await clock.sleep(0.2)

    await store.chats.migrate(-7, -8)  # something is under way there too
    held.released[1].set()
    while len(held.outcomes) < 2 and not task.done():
        await clock.sleep(0.2)
    held.released[2].set()
    await clock.sleep(2 * ANSWER_S)

    assert not task.done()
    assert held.withdrawn == [2]
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class Forgetful(Answerer):
    """Lets the first attempt fall, as where nobody learned of a commit."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock, lambda *_: False)
        self._has_fallen = False

    async def answer(self, job: Job, context: Context | None, stopped: asyncio.Event) -> None:
        """Answer the second time."""
        if self._has_fallen:
            await super().answer(job, context, stopped)
        self._has_fallen = True


async def test_what_is_in_nobody_s_hands_is_taken_up_though_there_is_always_something_to_do(
    store: Store, clock: Clock
) -> None:
    await store.accept(await store.chats.get(7, provider="alpha"))
    answerer = Forgetful(store, clock)
    running = asyncio.ensure_future(worker(store, answerer, clock).run())

    for _ in range(1_000):
        if answerer.outcomes:
            break
        store.signals.work.set()
        await clock.sleep(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert list(answerer.outcomes.values()) == [Outcome.ANSWERED]
