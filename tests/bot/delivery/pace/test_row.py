"""Replies in a row: what one leaves is there for the next."""

import random
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

import pytest

from bench.bounds import Lengths, mean_lag
from bench.pace_simulation import Chat, Reply, Server, Simulation
from bench.row import in_a_row
from bench.streams import steady
from bot.delivery.budget.budget import Limits
from bot.delivery.budget.noted import Kind, Noted
from bot.delivery.pace.pauses import Pauses
from bot.delivery.pace.streams import Streams

PRIVATE, GROUP = 1, -1


def row(
    chat_id: int,
    replies: int,
    gap_s: float,
    *,
    lasting_s: float = 8.8,
    limits: Limits | None = None,
    server: Server | None = None,
) -> tuple[Sequence[Reply], int]:
    rng, server = random.Random(4), server or Server(Limits())
    chat = Chat(chat_id, [Reply(steady(60)(rng, lasting_s)) for _ in range(replies)], pause_s=lambda: gap_s)
    Simulation([chat], limits or Limits(), server, rng).run()
    return chat.done, server.refusals


def lag(replies: Sequence[Reply]) -> float:
    return fmean(mean_lag(reply.trace) for reply in replies)


def dark_s(reply: Reply) -> float:
    """Return the longest time in which there was new text and the screen did not change."""
    shown = [(reply.arrivals[0], 0), *reply.shown]
    return max(
        later - max(at, reply.arrivals[visible])
        for (at, visible), (later, _) in pairwise(shown)
        if visible < len(reply.arrivals)
    )


@pytest.mark.parametrize(("gap_s", "most_s"), [(0.0, 0.80), (2.5, 0.70), (10.0, 0.54), (120.0, 0.41)])
def test_four_answers_in_a_group_are_fresh_all_of_them(gap_s: float, most_s: float) -> None:
    replies, refusals = row(GROUP, 4, gap_s)

    assert lag(replies) < most_s
    assert refusals == 0


@pytest.mark.parametrize(("chat_id", "most_s"), [(PRIVATE, 3.0), (GROUP, 4.0)])
@pytest.mark.parametrize("gap_s", [0.0, 2.5, 20.0])
def test_no_chat_looks_dead_in_ten_answers(chat_id: int, most_s: float, gap_s: float) -> None:
    replies, refusals = row(chat_id, 10, gap_s)

    assert max(dark_s(reply) for reply in replies) <= most_s
    assert refusals == 0


def test_an_answer_that_ends_before_its_first_call_takes_two() -> None:
    reply = Reply([0.0, 0.01])

    Simulation([Chat(GROUP, [reply])], Limits(), Server(Limits()), random.Random(1)).run()

    assert reply.calls == 2


def test_answers_are_not_dark_until_they_end_where_calls_are_scarce() -> None:
    scarce = Limits(group_rate=10)

    replies, refusals = row(GROUP, 16, 0.0, limits=scarce, server=Server(scarce))

    assert lag(replies[8:]) < 2.6
    assert max(reply.shown[0][0] - reply.arrivals[0] for reply in replies) < 6.2
    assert refusals == 0


def test_half_the_rate_hidden_in_slow_calls_is_found_within_two_replies() -> None:
    true = Limits(chat_rate=0.5)

    found, refusals = row(PRIVATE, 8, 2.5, server=Server(true, absorb_s=8.0))
    known, _ = row(PRIVATE, 8, 2.5, limits=true, server=Server(true))

    assert lag(found[2:]) <= 1.3 * lag(known[2:])
    assert refusals == 0


@pytest.mark.parametrize(
    ("chat_id", "true"),
    [(PRIVATE, Limits(chat_rate=0.5)), (GROUP, Limits(group_rate=10)), (GROUP, Limits(group_rate=7))],
)
@pytest.mark.parametrize(("gap_s", "lasting_s"), [(2.5, 8.8), (10.0, 25.0), (60.0, 25.0)])
def test_a_rate_that_was_found_again_and_again_is_kept_to(
    chat_id: int, true: Limits, gap_s: float, lasting_s: float
) -> None:
    found, refusals = row(chat_id, 20, gap_s, lasting_s=lasting_s, server=Server(true, absorb_s=8.0))
    known, _ = row(chat_id, 20, gap_s, lasting_s=lasting_s, limits=true, server=Server(true))

    assert lag(found[8:]) <= 1.2 * lag(known[8:])
    assert refusals == 0


def test_the_best_row_is_the_better_the_more_time_lies_between() -> None:
    lags = [in_a_row(Lengths(), ((gap_s, 1.0),), 1.0, 5.0).lag_s for gap_s in (0.5, 2.5, 60.0)]

    assert lags == sorted(lags, reverse=True)
    assert lags[-1] == pytest.approx(0.36, abs=0.01)


def test_a_restart_does_not_forget_how_a_chat_talks() -> None:
    streams, noted = Streams(), []
    for i in range(5):
        noted += [Noted(Kind.BEGUN, 7, 1000.0 + 12 * i), Noted(Kind.ENDED, 7, 1009.5 + 12 * i)]

    streams.recall(noted, now=50.0, wall=1060.0)

    assert streams.habits(7).gaps.shares[2] > 0.5
    assert streams.habits(7).lengths.weight > 10


def test_who_does_not_ask_again_has_paused() -> None:
    streams = Streams()
    for chat_id in range(1, 10):
        streams.begun(chat_id, 1.0)
        streams.lasted(chat_id, 5.0, 6.0)

    streams.begun(100, 200.0)

    assert streams.habits(1).gaps.shares[-1] > Pauses().shares[-1]
