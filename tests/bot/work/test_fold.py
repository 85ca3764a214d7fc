"""The text of an answer, folded from its deltas."""

from hypothesis import given
from hypothesis import strategies as st

from bot.work.fold import Completion
from providers.base import Reasoning, Revised, Usage


def test_deltas_make_one_text() -> None:
    completion = Completion(limit=100)

    changed = [completion.add(delta) for delta in ("Hel", "lo", "!")]

    assert completion.text == "Hello!"
    assert changed == [True, True, True]


def test_a_revised_text_replaces_what_was_said() -> None:
    completion = Completion(limit=100)
    for delta in ("The answer is 41", Revised("The answer is 42"), "."):
        completion.add(delta)

    assert completion.text == "The answer is 42."


def test_reasoning_and_usage_are_no_part_of_the_answer() -> None:
    completion = Completion(limit=100)

    assert not completion.add(Reasoning("let me think"))
    assert not completion.add(Usage(3, 4))

    assert completion.text == ""
    assert completion.reasoning == "let me think"
    assert completion.usage == Usage(3, 4)


def test_an_answer_ends_at_its_limit() -> None:
    completion = Completion(limit=10)

    completion.add("0123456789abc")

    assert completion.full
    assert completion.text == "0123456789"


@given(st.text(st.characters(), max_size=40).map(lambda text: text.encode("utf-16", "surrogatepass")), st.data())
def test_a_pair_of_surrogates_that_came_in_two_deltas_is_one_character(encoded: bytes, data: st.DataObject) -> None:
    units = encoded[2:]
    whole = units.decode("utf-16-le", "replace")
    pieces = [units[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(units), 2)]
    completion = Completion(limit=10_000)

    for piece in pieces:
        completion.add(piece)
        if data.draw(st.booleans()):
            completion.text.encode()  # whoever looks in between gets valid text

    assert completion.text == whole


def test_a_lone_surrogate_is_replaced() -> None:
    completion = Completion(limit=10)

    completion.add("a\ud83eb")

    assert completion.text == "a\ufffdb"
