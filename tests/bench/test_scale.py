"""The simulation of many bots: nothing gets lost in it, queues wait as theory says, members share as the bot's do."""

from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

import pytest

from bench.scale.chart import Axis, Curve, chart
from bench.scale.cluster import LEASE_S, Line, Member, Rules
from bench.scale.costs import Costs, Prices
from bench.scale.simulation import Found, Simulation, World
from bench.scale.size import Load, limits, wanted

FREE = Costs(question_s=0, delta_s=0, read_s=0, server_s=0, synced_s=0, takeover_s=0, settled_s=0, calls=1)
SMALL = World(bots=6, members=3, asked_per_s=0.5)
FAULTS: dict[str, Callable[[Simulation], None]] = {
    "none": lambda _: None,
    "a machine dies": lambda run: run.machine_ends(20, 1, 15),
    "restarted": lambda run: run.restarted(20, 1, 5, 2),
    "the database away": lambda run: run.database_away(20, 9),
}


def after(world: World, fault: str, seed: int = 1) -> Found:
    run = Simulation(world, seed)
    FAULTS[fault](run)
    return run.run(40)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_question_is_answered_or_still_waits(fault: str) -> None:
    found = after(SMALL, fault)

    assert found.asked == found.answered + len(found.open_waits) > 50
    assert found.answered == len(found.waits) > 30


def test_a_seed_gives_the_same_again_and_another_one_does_not() -> None:
    first, again, other = (after(SMALL, "a machine dies", seed) for seed in (7, 7, 8))

    assert first == again != other


def test_questions_wait_for_telegrams_limit_as_in_a_queue_of_one_server() -> None:
    service_s, busy = 0.1, 0.6
    world = World(1, 1, 1, busy / service_s, costs=replace(FREE, call_rate=1 / service_s))

    found = Simulation(world, 1).run(600)

    theory_s = service_s + busy * service_s / (2 * (1 - busy))  # M/D/1, Pollaczek and Khinchine
    assert fmean(found.waits) == pytest.approx(theory_s, rel=0.06)


def test_one_that_serves_in_order_keeps_others_waiting() -> None:
    line = Line()

    assert [line.take(at, 2.0) for at in (0.0, 1.0, 10.0)] == [2.0, 4.0, 12.0]


def test_a_bot_of_a_stopped_process_is_anothers_when_its_lease_is_over() -> None:
    times: list[float] = []
    for seed in range(20):
        run = Simulation(World(1, 3, 3, 0.1), seed)
        run.events.at(20 + seed / 20, _stop_owner, run)
        times += run.run(20).takeovers

    assert len(times) == 20
    assert LEASE_S - 1 < min(times) < max(times) < LEASE_S + 1.1


def test_after_a_database_that_was_away_each_has_what_it_had() -> None:
    careful, careless = (
        after(World(bots=12, members=3, rules=Rules(asked_s=asked_s)), "the database away") for asked_s in (3, 0)
    )

    assert (careful.most, careful.takeovers) == (4, [])
    assert careless.most == 12


def test_what_comes_back_is_given_its_share_only_where_others_give_back() -> None:
    keeps, levels = (
        after(World(bots=12, members=3, rules=Rules(levels=each)), "a machine dies") for each in (False, True)
    )

    assert (keeps.most, levels.most) == (6, 4)


def test_more_bots_than_a_database_carries_want_more_databases() -> None:
    few, many = (wanted(Load(bots), Costs(), Prices()) for bots in (100, 1_000))

    assert few.installations == 1 < many.installations
    assert few.dollars < many.dollars
    assert wanted(Load(100), Costs(), Prices(core=40)).dollars > few.dollars
    assert [bots for _, bots in limits(Load(), Costs())] == sorted(bots for _, bots in limits(Load(), Costs()))


def test_a_picture_holds_its_curves() -> None:
    picture = chart("Cores", Axis("bots", (0, 10)), Axis("", (0, 1)), [Curve("one & two", [(0, 0), (20, 1)])])

    assert "one &amp; two" in picture
    assert picture.count("<path") == 4


def _stop_owner(run: Simulation) -> None:
    owner: Member = next(each for each in run.cluster.members if each.row and each.row.bots)
    run.cluster.kill(owner)
