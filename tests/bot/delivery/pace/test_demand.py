"""A call is worth what its place of a window is worth to all that may grow until it is free again."""

import pytest

from bot.delivery.pace.demand import scarcity
from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.pauses import PAUSES_S, Pauses

PLACES = tuple((calls, 40.0 + calls) for calls in range(1, 20))


def always(pause_s: float) -> Pauses:
    return Pauses(tuple(float(each == pause_s) for each in PAUSES_S))


def test_the_sooner_the_next_reply_the_more_is_left_to_it() -> None:
    found = [scarcity(Lengths(), always(pause_s), 2.0, PLACES) for pause_s in PAUSES_S]

    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[-1]


def test_fewer_places_mean_longer_intervals() -> None:
    fewer = tuple((calls - 3, until_s) for calls, until_s in PLACES if calls > 3)

    assert scarcity(Lengths(), Pauses(), 2.0, fewer) > scarcity(Lengths(), Pauses(), 2.0, PLACES)


def test_a_pause_counts_by_the_square_of_what_is_missing_after_it() -> None:
    halves = Pauses(tuple(0.5 * (each in (0.0, 80.0)) for each in PAUSES_S))
    none, all_ = (scarcity(Lengths(), always(pause_s), 2.0, PLACES) for pause_s in (80.0, 0.0))

    assert scarcity(Lengths(), halves, 2.0, PLACES) ** 2 == pytest.approx((none**2 + all_**2) / 2)
