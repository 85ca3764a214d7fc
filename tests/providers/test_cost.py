"""What an answer costs: exactly, by prices or as the service tells."""

import json
from decimal import Decimal

import pytest

from providers.base import Usage
from providers.capabilities import Capabilities, capabilities_in, price_in
from providers.care.arrangement import MediaPrices, Prices
from providers.cost import cost_of, cost_of_media
from providers.wire.chat_completion import ChatCompletion

PRICED = Capabilities(input_price=Decimal("0.1"), output_price=Decimal("0.3"))


def test_the_sum_is_exact_where_floats_are_not() -> None:
    assert cost_of(Usage(1, 1), PRICED) == Decimal("0.0000004")
    assert sum([cost_of(Usage(1, 0), PRICED) or 0] * 3) == Decimal("0.0000003")


def test_what_was_in_the_cache_costs_what_is_said_of_it() -> None:
    usage = Usage(1_000_000, 0, cached_tokens=900_000)

    assert cost_of(usage, PRICED) == Decimal("0.1")
    told = Capabilities(input_price=Decimal(1), output_price=Decimal(2), cached_price=Decimal("0.1"))
    assert cost_of(usage, told) == Decimal("0.19")
    assert cost_of(Usage(10, 0, cached_tokens=99), told) == cost_of(Usage(10, 0, cached_tokens=10), told)


@pytest.mark.parametrize(
    ("usage", "counts", "dollars"),
    [
        (Usage(9, 9, cost=Decimal("0.5")), {"pictures": 1}, "0.5"),  # as the service told
        (Usage(9, 9), {"pictures": 2}, "0.08"),
        (None, {"seconds": 90.0}, "0.009"),
        (None, {"characters": 2_000}, "0.03"),
        (Usage(1_000_000, 0), {}, "3"),  # by the tokens
        (None, {}, None),
    ],
)
def test_what_comes_beside_the_chat_costs_what_is_said_of_it(
    usage: Usage | None, counts: dict[str, int], dollars: str | None
) -> None:
    media = MediaPrices(picture=Decimal("0.04"), minute=Decimal("0.006"), characters=Decimal(15))
    tokens = Prices(input=Decimal(3), output=Decimal(6))

    found = cost_of_media(tokens, media, usage, **counts)

    assert found == (None if dollars is None else Decimal(dollars))
    assert cost_of_media(None, MediaPrices(), Usage(9, 9), **counts) is None


def test_what_the_service_tells_counts_before_any_price() -> None:
    assert cost_of(Usage(5, 5, cost=Decimal("0.02")), PRICED) == Decimal("0.02")
    assert cost_of(Usage(5, 5), Capabilities(input_price=Decimal(1))) is None


def test_a_price_of_nothing_is_a_price() -> None:
    free = Capabilities(input_price=Decimal(0), output_price=Decimal(0))

    assert cost_of(Usage(5, 5), free.over(PRICED)) == 0


def test_openrouter_tells_what_it_takes_per_token_and_for_the_cache() -> None:
    entry = {"pricing": {"prompt": "0.00000015", "completion": "0.0000006", "input_cache_read": "0.000000075"}}

    able = capabilities_in(entry)

    assert (able.input_price, able.output_price, able.cached_price) == (
        Decimal("0.15"),
        Decimal("0.6"),
        Decimal("0.075"),
    )


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e999999999", "x", "", None, True, [], "9" * 50, 1e300, "0x1"])
def test_what_makes_no_sense_is_no_price(value: object) -> None:
    assert price_in(value) is None


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 4}, "cost": 0.00014}, Usage(9, 2, 4, Decimal("0.00014"))),
        ({"prompt_cache_hit_tokens": 8}, Usage(9, 2, 8)),
        ({"prompt_tokens_details": [], "cost": "much"}, Usage(9, 2)),
        ({"prompt_tokens_details": {"cached_tokens": "x"}, "cost": -1}, Usage(9, 2)),
        ({"cost": 1e12}, Usage(9, 2)),
        ({"cost": True}, Usage(9, 2)),
    ],
)
def test_what_the_service_counts_is_read(usage: dict[str, object], found: Usage) -> None:
    completion = ChatCompletion()

    completion.take({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2, **usage}})

    assert completion.usage == found


def test_a_number_without_end_is_no_cost() -> None:
    completion = ChatCompletion()

    completion.take(json.loads('{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": NaN}}'))

    assert completion.usage == Usage(1, 1)
