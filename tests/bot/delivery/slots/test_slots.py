"""Which of the waiting wishes goes next."""

import random

import pytest

from bench.bounds import Lengths
from bench.pace_simulation import Reply, alone
from bench.streams import STREAMS, durations
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.pace.progress import Progress
from bot.delivery.pace.streams import Streams
from bot.delivery.priority import Priority
from bot.delivery.slots.slots import IDLE_EVERY_S, Slots
from bot.delivery.slots.waiting import Waiting
from bot.delivery.wish import Wish, always
from tests.clock import FakeClock

NOTHING = always(None)  # type: ignore[arg-type]  # it is never called


class Line:
    """Slots with budgets that are full."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.slots = Slots(Budget(Limits(), clock.now()), Streams(), clock)

    def enter(self, priority: Priority, *, chat_id: int = 1, progress: Progress | None = None) -> Waiting:
        waiting = Waiting(Wish(chat_id, NOTHING, progress or Progress()), priority, self._clock.now())
        self.slots.enter(waiting)
        return waiting

    def next(self) -> Waiting | None:
        return self.slots.next(self._clock.now())[0]

    def grant(self) -> Waiting:
        """Begin the next call."""
        waiting = self.next()
        assert waiting is not None
        self.slots.take(waiting, self._clock.now())
        self.slots.leave(waiting)
        return waiting

    def carry_out(self) -> Waiting:
        """Begin the next call and end it."""
        waiting = self.grant()
        self.slots.free(waiting.chat_id)
        return waiting


@pytest.fixture
def line(clock: FakeClock) -> Line:
    return Line(clock)


def test_one_call_at_a_time_in_a_chat(line: Line) -> None:
    first, second, other = line.enter(Priority.FINAL), line.enter(Priority.FINAL), line.enter(Priority.OPEN, chat_id=2)

    granted = [line.grant(), line.grant(), line.next()]
    line.slots.free(1)

    assert granted == [first, other, None]
    assert line.grant() is second


def test_a_final_text_goes_after_two_notices_of_its_chat(line: Line) -> None:
    notices = [line.enter(Priority.NOTICE) for _ in range(4)]
    final = line.enter(Priority.FINAL)

    assert [line.carry_out() for _ in range(5)] == [*notices[:2], final, *notices[2:]]


def test_a_text_that_becomes_whole_while_it_waits_goes_before_openings(line: Line) -> None:
    opening, progress = line.enter(Priority.OPEN, chat_id=2), Progress()
    reply = line.enter(Priority.OPEN, progress=progress)

    progress.is_final = True
    line.slots.reconsider(reply.wish)

    assert [line.carry_out(), line.carry_out()] == [reply, opening]


async def test_what_was_tried_in_vain_waits_until_its_time(line: Line, clock: FakeClock) -> None:
    line.slots.enter(Waiting(Wish(1, NOTHING), Priority.FINAL, clock.now(), clock.now() + 2))

    assert line.slots.next(clock.now()) == (None, 2)
    await clock.advance(2)

    assert line.next() is not None


def test_of_progress_the_one_that_is_furthest_behind_goes_first(line: Line, clock: FakeClock) -> None:
    now = clock.now()
    lags = {1: 1.0, 2: 9.0, 3: 3.0}
    for chat_id, lag_s in lags.items():
        line.enter(
            Priority.PROGRESS, chat_id=chat_id, progress=Progress(now - 20, now - 10, now - lag_s, has_line=True)
        )

    assert [line.carry_out().chat_id for _ in lags] == [2, 3, 1]


def test_a_delta_moves_nothing_before_it_can_matter(line: Line, clock: FakeClock) -> None:
    now = clock.now()
    for _ in range(4):
        line.enter(Priority.FINAL)
        line.carry_out()
    reply = line.enter(Priority.PROGRESS, progress=Progress(now - 1, now, now, has_line=True))
    _, wait_s = line.slots.next(now)
    line.slots.changed.clear()

    line.slots.reconsider(reply.wish, delta=True)

    assert wait_s
    assert now < reply.settled_until
    assert not line.slots.changed.is_set()


def test_only_a_wish_that_is_due_before_the_next_look_has_the_slots_looked_at(line: Line, clock: FakeClock) -> None:
    def later(chat_id: int, seconds: float) -> None:
        line.slots.enter(Waiting(Wish(chat_id, NOTHING), Priority.FINAL, clock.now(), clock.now() + seconds))

    later(1, 2)
    is_first_seen = line.slots.changed.is_set()
    line.slots.changed.clear()
    assert line.next() is None

    later(2, 3)
    is_later_seen = line.slots.changed.is_set()
    later(3, 1)

    assert (is_first_seen, is_later_seen, line.slots.changed.is_set()) == (True, False, True)


def test_deltas_are_left_where_they_are_though_the_bots_budget_is_spent(line: Line, clock: FakeClock) -> None:
    now = clock.now()
    for chat_id in range(2, 32):
        line.enter(Priority.FINAL, chat_id=chat_id)
        line.carry_out()

    reply = line.enter(Priority.PROGRESS, progress=Progress(now - 1, now, now, has_line=True))

    assert line.next() is None
    assert line.slots.leisure_s(reply.wish) > 0


async def test_a_delta_moves_nothing_where_the_call_is_due_and_the_bots_budget_is_spent(
    line: Line, clock: FakeClock
) -> None:
    now = clock.now()
    reply = line.enter(Priority.PROGRESS, progress=Progress(now - 20, now - 10, now - 9, has_line=True))
    for chat_id in range(2, 32):
        line.enter(Priority.FINAL, chat_id=chat_id)
        line.carry_out()
    line.slots.changed.clear()

    line.slots.reconsider(reply.wish, delta=True)

    assert line.next() is None
    assert not line.slots.changed.is_set()


def test_what_nobody_waits_for_leaves_most_of_a_chats_budget(line: Line) -> None:
    line.enter(Priority.IDLE)
    for _ in range(2):
        line.enter(Priority.FINAL)
        line.carry_out()

    waiting, wait_s = line.slots.next(1_000.0)

    assert waiting is None
    assert wait_s == pytest.approx(1)


def test_what_nobody_waits_for_gives_way_where_a_chat_is_held(line: Line) -> None:
    before = line.enter(Priority.IDLE)
    line.slots.hold(1)
    line.enter(Priority.IDLE)
    notice = line.enter(Priority.NOTICE)

    granted = [line.carry_out(), line.next()]
    line.slots.release(1)

    assert granted == [notice, None]
    assert line.carry_out() is before


def test_what_nobody_waits_for_leaves_half_of_a_window(clock: FakeClock) -> None:
    slots = Slots(Budget(Limits(group_window=True), clock.now()), Streams(), clock)
    for _ in range(11):
        final = Waiting(Wish(-1, NOTHING, Progress()), Priority.FINAL, clock.now())
        slots.enter(final)
        slots.take(final, clock.now())
        slots.leave(final)
        slots.free(-1)
    slots.enter(Waiting(Wish(-1, NOTHING, Progress()), Priority.IDLE, clock.now()))

    waiting, wait_s = slots.next(clock.now())

    assert waiting is None
    assert wait_s == pytest.approx(60)


def test_a_crowd_that_is_refused_is_not_written_to_at_once(line: Line, clock: FakeClock) -> None:
    for chat_id in (1, 2):
        line.enter(Priority.IDLE, chat_id=chat_id)
    line.carry_out()

    waiting, wait_s = line.slots.next(clock.now())
    line.enter(Priority.OPEN, chat_id=3)
    answer = line.carry_out()

    assert waiting is None
    assert wait_s == pytest.approx(IDLE_EVERY_S)
    assert answer.chat_id == 3


def test_a_wish_that_is_withdrawn_is_not_granted(line: Line) -> None:
    line.slots.leave(line.enter(Priority.FINAL))

    assert line.slots.next(1_000.0) == (None, None)
    assert line.slots.waiting(1) == []


@pytest.mark.timeout(20)
def test_a_wait_that_the_clock_cannot_tell_from_none_is_none() -> None:
    rng = random.Random(3)  # in the last of these runs a wait of 1e-15 s is met: the clock stands still at such a step

    for chat, tokens in ((1, 5.0), (-1, 20.0)):
        for name in ("60/s", "one in 2 s", "60/s, pauses"):
            replies = [Reply(STREAMS[name](rng, seconds)) for seconds in durations(rng, 20, Lengths())]
            done, refusals = alone(chat, replies, tokens=tokens, rng=rng)

            assert all(reply.finished_at for reply in done)
            assert refusals == 0
