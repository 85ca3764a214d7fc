"""No call that the budget grants is refused by a server with the same limits."""

import heapq
import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.budget.allowance import SWEEP, Allowance, Allowances
from bot.delivery.budget.bucket import Bucket, Window
from bot.delivery.budget.budget import EVERY_GROUP, Budget, Limits, Penalty
from bot.delivery.priority import Priority
from tests.bot.delivery.budget.calls import FAR, GROUP, PRIVATE, granted, make_call, refuse

seconds = st.floats(0.0, 40.0) | st.just(0.0)
delays = st.floats(0.0, 3.0) | st.just(0.0)
calls = st.lists(st.tuples(seconds, delays, delays), max_size=60)  # idle before, on the way there, on the way back


class StrictBucket:
    """The server's bucket, which forgives nothing."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.level, self.at = rate, burst, burst, 0.0

    def accepts(self, now: float) -> bool:
        self.level = min(self.burst, self.level + self.rate * (now - self.at))
        self.at = now
        self.level -= 1
        return self.level >= 0


class StrictWindow:
    """The server's sliding window, which forgives nothing."""

    def __init__(self, size: int, span_s: float) -> None:
        self.span_s, self.times = span_s, deque[float](maxlen=size)

    def accepts(self, now: float) -> bool:
        full = len(self.times) == self.times.maxlen
        free = not full or self.times[0] + self.span_s <= now
        self.times.append(now)
        return free


def one_after_the_other(budget: Budget, chat_id: int, script: Sequence[tuple[float, float, float]]) -> list[float]:
    """Make calls as soon as the budget grants them; return when the server sees them."""
    now, seen = 0.0, []
    for idle_s, there_s, back_s in script:
        now += idle_s
        while (wait := budget.ready_in(chat_id, Priority.FINAL, now)) > 0:
            now += wait
        budget.spend(chat_id, Priority.FINAL, now)
        seen.append(now + there_s)
        now += there_s + back_s
        budget.ended(chat_id, 0.1, now)
    return seen


def test_notices_go_before_final_texts_before_openings_before_progress() -> None:
    assert Priority.NOTICE < Priority.FINAL < Priority.OPEN < Priority.PROGRESS < Priority.IDLE


@given(calls)
def test_a_private_chat_is_never_refused_however_uneven_the_network(script: list[tuple[float, float, float]]) -> None:
    budget, server = Budget(Limits(bot_rate=FAR), 0.0), StrictBucket(1.0, 5.0)

    seen = one_after_the_other(budget, PRIVATE, script)

    assert all(server.accepts(at) for at in seen)


@given(calls)
def test_a_group_is_never_refused_by_a_bucket(script: list[tuple[float, float, float]]) -> None:
    budget, server = Budget(Limits(bot_rate=FAR), 0.0), StrictBucket(20 / 60, 20.0)

    seen = one_after_the_other(budget, GROUP, script)

    assert all(server.accepts(at) for at in seen)


@given(calls)
def test_a_group_under_both_readings_is_never_refused_by_either(script: list[tuple[float, float, float]]) -> None:
    budget = Budget(Limits(bot_rate=FAR, group_window=True), 0.0)
    bucket, window = StrictBucket(20 / 60, 20.0), StrictWindow(20, 60.0)

    seen = one_after_the_other(budget, GROUP, script)

    assert all(bucket.accepts(at) for at in seen)
    assert all(window.accepts(at) for at in seen)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0.0, 0.05), delays, delays), min_size=40, max_size=150))
def test_the_whole_bot_is_never_refused_though_calls_overtake_each_other(
    script: list[tuple[float, float, float]],
) -> None:
    limits = Limits(bot_rate=10, chat_burst=FAR)
    budget, server = Budget(limits, 0.0), StrictBucket(10.0, 10.0)
    now, order, seen = 0.0, itertools.count(), []
    under_way: list[tuple[float, int, int]] = []

    def end_until(moment: float) -> None:
        while under_way and under_way[0][0] <= moment:
            ended_at, _, chat_id = heapq.heappop(under_way)
            budget.ended(chat_id, 0.1, ended_at)

    for chat_id, (idle_s, there_s, back_s) in enumerate(script, start=1):
        now += idle_s
        end_until(now)
        while (wait := budget.ready_in(chat_id, Priority.OPEN, now)) > 0:
            now = min(now + wait, under_way[0][0]) if under_way else now + wait
            end_until(now)
        budget.spend(chat_id, Priority.OPEN, now)
        seen.append(now + there_s)
        heapq.heappush(under_way, (now + there_s + back_s, next(order), chat_id))

    assert all(server.accepts(at) for at in sorted(seen))


def test_what_is_not_spent_is_kept_up_to_the_burst() -> None:
    budget = Budget(Limits(), 0.0)

    assert granted(budget, PRIVATE, 100.0) == 5
    assert granted(budget, PRIVATE, 103.01) == 3
    assert granted(budget, PRIVATE, 200.0) == 5
    assert granted(budget, GROUP, 200.0) == 20
    assert granted(budget, GROUP, 260.01) == 20


def test_both_readings_of_the_group_limit_allow_twenty_in_any_minute() -> None:
    budget = Budget(Limits(group_window=True), 0.0)

    assert granted(budget, GROUP, 50.0) == 20
    assert granted(budget, GROUP, 109.9) == 0
    assert granted(budget, GROUP, 110.01) == 20


def test_chats_have_budgets_of_their_own_and_share_that_of_the_bot() -> None:
    budget = Budget(Limits(bot_rate=8), 0.0)

    assert granted(budget, 1, 0.0) == 5
    assert granted(budget, 2, 0.0) == 3


def test_the_wait_named_is_the_wait_needed() -> None:
    budget = Budget(Limits(), 0.0)
    granted(budget, GROUP, 0.0)

    assert budget.ready_in(GROUP, Priority.FINAL, 1.0) == pytest.approx(2.0, abs=0.001)


def test_a_call_that_was_not_made_after_all_costs_nothing() -> None:
    budget = Budget(Limits(), 0.0)

    for _ in range(10):
        budget.spend(PRIVATE, Priority.PROGRESS, 0.0)
        assert not budget.ended(PRIVATE, 9.0, 0.0, made=False)

    assert granted(budget, PRIVATE, 0.0) == 5


def test_a_call_under_way_is_held_for_the_server_may_count_it_late() -> None:
    budget = Budget(Limits(), 0.0)
    budget.spend(PRIVATE, Priority.FINAL, 0.0)

    assert budget.supply(PRIVATE, 8.0).tokens == 4
    budget.ended(PRIVATE, 8.0, 8.0)
    assert budget.supply(PRIVATE, 8.0).tokens <= 4


class TestSlowCalls:
    def test_a_call_held_back_for_seconds_lowers_the_rate(self) -> None:
        budget = Budget(Limits(), 0.0)
        make_call(budget, PRIVATE, 0.0)

        budget.spend(PRIVATE, Priority.PROGRESS, 1.0)
        learned = budget.ended(PRIVATE, 4.0, 5.0)

        assert learned
        assert budget.supply(PRIVATE, 5.0).rate == pytest.approx(0.7)
        assert budget.supply(PRIVATE, 5.0).tokens <= 0

    def test_an_ordinary_call_does_not(self) -> None:
        budget = Budget(Limits(), 0.0)
        budget.spend(PRIVATE, Priority.PROGRESS, 0.0)

        assert not budget.ended(PRIVATE, 0.4, 0.4)
        assert budget.supply(PRIVATE, 0.4).rate == 1.0

    def test_one_that_hung_until_it_was_given_up_does_not(self) -> None:
        budget = Budget(Limits(), 0.0)
        budget.spend(PRIVATE, Priority.PROGRESS, 0.0)

        assert not budget.ended(PRIVATE, 20.0, 20.0)

    def test_where_all_calls_are_slow_it_is_the_network(self) -> None:
        budget = Budget(Limits(), 0.0)
        for chat_id in range(1, 21):
            budget.spend(chat_id, Priority.PROGRESS, 0.0)
            budget.ended(chat_id, 1.5, 1.5)

        budget.spend(99, Priority.PROGRESS, 2.0)

        assert not budget.ended(99, 2.0, 4.0)


class TestSlidingWindow:
    def run_into_it(self, budget: Budget) -> None:
        for now in range(20):
            make_call(budget, GROUP, float(now))
        refuse(budget, GROUP, 40.0, 20.0)

    def test_a_refusal_that_it_explains_is_learned_for_all_groups(self) -> None:
        budget = Budget(Limits(), 0.0)
        assert granted(budget, -8, 0.0) == 20

        self.run_into_it(budget)

        assert granted(budget, -8, 59.0) == 0
        assert granted(budget, -9, 59.0) == 20
        assert budget.supply(GROUP, 60.0).rate == pytest.approx(1 / 3)

    def test_a_refusal_that_it_does_not_explain_is_not(self) -> None:
        budget = Budget(Limits(), 0.0)
        granted(budget, -8, 0.0)

        refuse(budget, GROUP, 40.0, 20.0)

        assert granted(budget, -8, 59.0) > 0

    def test_nor_one_after_twenty_calls_that_names_another_time(self) -> None:
        budget = Budget(Limits(), 0.0)
        for now in range(20):
            make_call(budget, GROUP, float(now))

        refuse(budget, GROUP, 9.0, 20.0)

        assert budget.supply(GROUP, 20.0).rate == pytest.approx(1 / 6)
        assert granted(budget, -8, 0.0) == 20
        assert granted(budget, -8, 59.0) > 0

    def test_it_is_known_after_a_restart(self) -> None:
        budget = Budget(Limits(), 0.0)
        self.run_into_it(budget)
        stored = budget.penalties(GROUP, 21.0, 1000.0)

        again = Budget(Limits(), 0.0)
        again.restore(stored, 0.0, 1100.0)

        assert {penalty.chat_id for penalty in stored} == {GROUP, EVERY_GROUP}
        granted(again, -8, 0.0)
        assert granted(again, -8, 59.0) == 0


class TestRestart:
    @pytest.mark.parametrize("ahead_s", [3700.0, 86_400.0, 1e9])
    def test_a_pause_that_a_wrong_clock_made_is_asked_about_at_once_by_one_call(self, ahead_s: float) -> None:
        budget = Budget(Limits(), 0.0)

        doubted = budget.restore([Penalty(PRIVATE, paused_until=1000.0 + ahead_s, rate=1.0)], 0.0, 1000.0)

        assert doubted == [PRIVATE]
        assert granted(budget, PRIVATE, 0.0) == 1
        refuse(budget, PRIVATE, 86_400, 0.0)
        assert budget.penalties(PRIVATE, 0.0, 1000.0)[0].paused_until == pytest.approx(4600.0)

    def test_one_of_an_hour_at_the_most_is_obeyed_after_a_restart(self) -> None:
        budget = Budget(Limits(), 0.0)

        assert budget.restore([Penalty(PRIVATE, paused_until=4600.0, rate=1.0)], 0.0, 1000.0) == []

        assert budget.ready_in(PRIVATE, Priority.FINAL, 0.0) == pytest.approx(3600.0)

    def test_does_not_call_into_a_pause(self) -> None:
        budget = Budget(Limits(), 500.0)
        refuse(budget, PRIVATE, 33.0, 510.0)
        stored = budget.penalties(PRIVATE, 510.0, 1_000_000.0)

        again = Budget(Limits(), 0.0)
        again.restore(stored, 0.0, 1_000_010.0)

        assert again.ready_in(PRIVATE, Priority.FINAL, 0.0) == pytest.approx(23.0)
        assert again.supply(PRIVATE, 0.0).rate == pytest.approx(0.5)

    def test_a_pause_that_is_over_is_none(self) -> None:
        budget = Budget(Limits(), 0.0)

        budget.restore([Penalty(PRIVATE, paused_until=999.0, rate=0.5)], 0.0, 1000.0)

        assert budget.ready_in(PRIVATE, Priority.FINAL, 0.0) <= 2.001


class TestDrafts:
    @given(calls)
    def test_typing_and_drafts_are_never_refused(self, script: list[tuple[float, float, float]]) -> None:
        drafts, servers = Budget(Limits(), 0.0).drafts, (StrictWindow(20, 5.0), StrictWindow(40, 30.0))
        now, seen = 0.0, []

        for idle_s, there_s, back_s in script:
            now += idle_s / 100
            while (wait := drafts.ready_in(PRIVATE, now)) > 0:
                now += wait
            drafts.spend(PRIVATE, now)
            seen.append(now + there_s / 10)
            now += (there_s + back_s) / 10
            drafts.ended(PRIVATE, now)

        assert all(server.accepts(at) for at in seen for server in servers)

    def test_cost_no_edits_and_edits_cost_no_drafts(self) -> None:
        budget = Budget(Limits(), 0.0)
        for _ in range(20):
            budget.drafts.spend(PRIVATE, 0.0)
            budget.drafts.ended(PRIVATE, 0.0)

        assert budget.drafts.ready_in(PRIVATE, 0.0) == pytest.approx(5.0, abs=0.001)
        assert granted(budget, PRIVATE, 0.0) == 5

    def test_pause_after_a_refusal(self) -> None:
        drafts = Budget(Limits(), 0.0).drafts

        drafts.spend(PRIVATE, 0.0)
        drafts.ended(PRIVATE, 0.0)
        drafts.refused(PRIVATE, 5.0, 0.0)

        assert drafts.ready_in(PRIVATE, 1.0) == pytest.approx(4.0)
        assert drafts.ready_in(PRIVATE, 5.0) == 0


def test_idle_chats_are_forgotten_and_those_with_something_to_remember_are_not() -> None:
    allowances = Allowances(lambda _chat_id, now: Allowance(Bucket(1.0, 5.0, now), [Window(20, 60.0)]))
    allowances.at(-1, 0.0).pause(3600.0, 0.0)

    for chat_id in range(5 * SWEEP):
        allowance = allowances.at(chat_id, chat_id / 2)
        allowance.take(chat_id / 2)
        allowance.settle(chat_id / 2, made=True)

    assert len(allowances) <= SWEEP
    assert allowances.at(-1, 3000.0).ready_in(3000.0) == pytest.approx(600.0)


@given(st.floats(0.01, 50.0), st.floats(1.0, 50.0), st.lists(st.floats(0.0, 20.0), max_size=30))
def test_a_bucket_is_never_above_its_burst_and_is_ready_when_it_says(
    rate: float, burst: float, pauses: list[float]
) -> None:
    bucket, now = Bucket(rate, burst, 0.0), 0.0

    for pause_s in pauses:
        now += pause_s
        assert bucket.level(now) <= burst
        later = now + bucket.ready_in(1, now)
        assert bucket.level(later) == pytest.approx(max(1.0, bucket.level(later)), abs=1e-4)
        bucket.take()
        bucket.settle(later)
        now = later


@dataclass(frozen=True)
class Step:
    """A call in a window and the time before it."""

    pause_s: float
    took_s: float


@given(st.lists(st.builds(Step, st.floats(0.0, 5.0), st.floats(0.0, 2.0)), max_size=60))
def test_a_window_names_its_places_in_order_and_keeps_to_them(steps: list[Step]) -> None:
    window, now = Window(4, 10.0), 0.0

    for step in steps:
        now += step.pause_s
        places = window.places(now).free_in_s
        assert list(places) == sorted(places)
        assert len(places) == 4
        assert window.ready_in(1, now) == places[0]
        assert window.ready_in(4, now) == places[3]
        now += places[0]
        window.take()
        now += step.took_s
        assert window.places(now).free_in_s[-1] == 10.0
        window.settle(now)
        assert math.isfinite(window.ready_in(4, now))
