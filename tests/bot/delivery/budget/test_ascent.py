"""The whole bot goes beyond its configured rate only where the operator lets it, and Telegram does."""

import random

import pytest

from bench.pace_simulation import Chat, Reply, Server, Simulation
from bench.streams import steady
from bot.delivery.budget.ascent import BACK, BUSY_S, REST_S, STEP
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.priority import Priority
from tests.thorough import chosen, times

LIMITS = Limits(bot_rate=10, bot_ceiling=12)


def press(budget: Budget, seconds: float, since: float = 0.0) -> float:
    """Make calls as fast as the whole bot may; return the time then."""
    now, chat_id = since, 0
    while now < since + seconds:
        now += budget.bot_ready_in(1, now)
        chat_id = chat_id % 500 + 1
        budget.spend(chat_id, Priority.NOTICE, now)
        budget.ended(chat_id, 0.05, now)
    return now


def test_a_rate_that_holds_calls_up_rises_by_small_steps_to_the_ceiling() -> None:
    budget = Budget(LIMITS, 0.0)

    now = press(budget, BUSY_S * 1.5)
    first = budget.bot_rate
    press(budget, BUSY_S * 20, now)

    assert first == pytest.approx(10 * (1 + STEP))
    assert budget.bot_rate == 12


def test_without_a_ceiling_it_stays() -> None:
    budget = Budget(Limits(bot_rate=10), 0.0)

    press(budget, BUSY_S * 5)

    assert budget.bot_rate == 10


def test_a_rate_that_holds_nothing_up_proves_nothing() -> None:
    budget = Budget(LIMITS, 0.0)

    for second in range(1000):
        budget.spend(1 + second % 50, Priority.NOTICE, second)
        budget.ended(1 + second % 50, 0.05, second)

    assert budget.bot_rate == 10


def test_one_refusal_ends_it_for_a_week_and_after_a_restart_too() -> None:
    budget = Budget(LIMITS, 0.0)
    now = press(budget, BUSY_S * 30)

    budget.refused(7, 3, now)
    fallen = budget.bot_rate
    learned = budget.penalties(7, now, 1_000.0)
    press(budget, BUSY_S * 5, now)
    restarted = Budget(LIMITS, 0.0)
    restarted.restore(learned, 0.0, 1_060.0)
    press(restarted, BUSY_S * 5, 60.0)

    assert fallen == pytest.approx(max(10, 12 * BACK))
    assert budget.bot_rate == restarted.bot_rate == fallen
    assert max(each.paused_until for each in learned) == pytest.approx(1_000 + REST_S)


@pytest.mark.parametrize(("true", "most"), chosen([(8.0, 0), (5.0, 1)], (5.0, 1)))
def test_a_looser_server_is_used_and_a_strict_one_refuses_once(true: float, most: int) -> None:
    rng, server = random.Random(3), Server(Limits(bot_rate=true))
    chats = [Chat(n, [Reply(steady(5)(rng, 15.0)) for _ in range(80)], pause_s=lambda: 1.0) for n in range(1, 13)]
    simulation = Simulation(chats, Limits(bot_rate=5, bot_ceiling=7), server, rng)

    simulation.run(times(400, 900))

    assert server.refusals <= most
    assert simulation.budget.bot_rate > 5 or true == 5
