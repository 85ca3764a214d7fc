"""The text of an answer, folded from its deltas."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.work.fold import Fold
from providers.base import Reasoning, Revised, Usage


def test_deltas_make_one_text() -> None:
    fold = Fold(limit=100)

    changed = [fold.add(delta) for delta in ("Hel", "lo", "!")]

    assert fold.text == "Hello!"
    assert changed == [True, True, True]


def test_a_revised_text_replaces_what_was_said() -> None:
    fold = Fold(limit=100)
    for delta in ("The answer is 41", Revised("The answer is 42"), "."):
        fold.add(delta)

    assert fold.text == "The answer is 42."


def test_reasoning_and_usage_are_no_part_of_the_answer() -> None:
    fold = Fold(limit=100)

    assert not fold.add(Reasoning("let me think"))
    assert not fold.add(Usage(3, 4))

    assert fold.text == ""
    assert fold.thought == "let me think"
    assert fold.usage == Usage(3, 4)


def test_what_its_rounds_took_is_counted_with_what_was_cached_and_paid() -> None:
    fold = Fold(limit=100)
    fold.add(Usage(30, 4, cached_tokens=20, cost=Decimal("0.5")))
    assert fold.usage == Usage(30, 4, cached_tokens=20, cost=Decimal("0.5"))

    fold.next_round()
    fold.add(Usage(40, 5, cached_tokens=30, cost=Decimal("0.25")))
    assert fold.usage == Usage(70, 9, cached_tokens=50, cost=Decimal("0.75"))

    fold.next_round()
    fold.add(Usage(1, 1))
    assert fold.usage == Usage(71, 10, cached_tokens=50, cost=None)  # not all told theirs: the prices count


def test_an_answer_ends_at_its_limit() -> None:
    fold = Fold(limit=10)

    fold.add("0123456789abc")

    assert fold.full
    assert fold.text == "0123456789"


@given(st.text(st.characters(), max_size=40).map(lambda text: text.encode("utf-16", "surrogatepass")), st.data())
def test_a_pair_of_surrogates_that_came_in_two_deltas_is_one_character(encoded: bytes, data: st.DataObject) -> None:
    units = encoded[2:]
    whole = units.decode("utf-16-le", "replace")
    pieces = [units[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(units), 2)]
    fold = Fold(limit=10_000)

    for piece in pieces:
        fold.add(piece)
        if data.draw(st.booleans()):
            fold.text.encode()  # whoever looks in between gets valid text

    assert fold.text == whole


def test_a_lone_surrogate_is_replaced() -> None:
    fold = Fold(limit=10)

    fold.add("a\ud83eb")

    assert fold.text == "a\ufffdb"
