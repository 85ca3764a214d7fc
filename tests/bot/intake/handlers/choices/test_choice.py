"""Buttons that carry values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.handlers.choices.choice import MAX_DATA, Option, chosen, data, keyboard
from tests.signs import SIGNS


@given(st.text(SIGNS, min_size=1, max_size=200))
def test_whatever_a_value_is_its_button_is_short_enough_and_leads_back_to_it(value: str) -> None:
    carried = data("model", value)

    assert len(carried.encode()) <= MAX_DATA
    assert chosen("model", carried, ["other", value, "another"]) == value


def test_a_button_for_a_value_that_is_gone_leads_nowhere() -> None:
    assert chosen("model", "model:gone", ["a", "b"]) is None


def test_the_present_value_is_marked_and_so_is_what_fails() -> None:
    markup = keyboard("provider", [Option("a", present=True), Option("b", marks=" ⚠️")])

    assert [[button.text for button in row] for row in markup.inline_keyboard] == [["● a", "b ⚠️"]]


@pytest.mark.parametrize(
    ("page", "first", "turns"),
    [
        (0, "m0", ["model-page:2", "model-page:0", "model-page:1"]),
        (2, "m16", ["model-page:1", "model-page:2", "model-page:0"]),
        (99, "m16", ["model-page:1", "model-page:2", "model-page:0"]),
        (None, "m8", ["model-page:0", "model-page:1", "model-page:2"]),
    ],
)
def test_many_values_come_in_pages_of_eight_beginning_at_the_present_one(
    page: int | None, first: str, turns: list[str]
) -> None:
    options = [Option(f"m{number}", present=number == 9) for number in range(20)]

    rows = keyboard("model", options, page=page).inline_keyboard

    assert rows[0][0].text.removeprefix("● ") == first
    assert [button.callback_data for button in rows[-1]] == turns
    assert len(rows) <= 9
