"""Reasoning in tags at the beginning of an answer, wherever the deltas are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Reasoning
from providers.wire.thinking import Thinking


def sort(*deltas: str) -> tuple[str, str]:
    """Return reasoning and text."""
    thinking = Thinking()
    pieces = [piece for delta in deltas for piece in thinking.feed(delta)] + thinking.end()
    reasoning = "".join(piece.text for piece in pieces if isinstance(piece, Reasoning))
    return reasoning, "".join(piece for piece in pieces if isinstance(piece, str))


CASES = [
    ("<think>Hm.</think>\n\nYes.", "Hm.", "Yes."),
    ("\n <think>\nHm.\n</think>Yes.", "\nHm.\n", "Yes."),
    ("<thinking>a</think>b</thinking> c", "a</think>b", "c"),
    ("<think></think>Yes.", "", "Yes."),
    ("<think>a</think>\n<think>b</think>\nc", "ab", "c"),
    ("<think>never closed", "never closed", ""),
    ("<think>cut </thi", "cut </thi", ""),
    ("No tags <think>at all</think>.", "", "No tags <think>at all</think>."),
    ("<b>bold</b>", "", "<b>bold</b>"),
    ("  indented", "", "  indented"),
    ("<th", "", "<th"),
    ("", "", ""),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_reasoning_is_told_from_the_text(text: str, reasoning: str, answer: str) -> None:
    assert sort(text) == (reasoning, answer)
    assert sort(*text) == (reasoning, answer)


@given(st.sampled_from(CASES), st.lists(st.integers(0, 40)))
def test_it_does_not_matter_where_the_deltas_are_cut(case: tuple[str, str, str], marks: list[int]) -> None:
    text, *expected = case
    edges = [0, *sorted(min(mark, len(text)) for mark in marks), len(text)]

    deltas = [text[start:stop] for start, stop in pairwise(edges)]

    assert sort(*deltas) == tuple(expected)


def test_text_is_not_held_back_once_it_is_certain() -> None:
    thinking = Thinking()

    assert thinking.feed("Y") == ["Y"]
    assert thinking.feed("es") == ["es"]


def test_reasoning_is_not_held_back_but_for_what_may_be_its_end() -> None:
    thinking = Thinking()

    assert thinking.feed("<think>Hm") == [Reasoning("Hm")]
    assert thinking.feed("m </") == [Reasoning("m ")]
    assert thinking.feed("b>") == [Reasoning("</b>")]
