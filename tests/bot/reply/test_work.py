"""How much work it is to lay out the worst documents: counted in calls of functions, which no other program changes."""

import sys
from collections.abc import Generator
from types import FrameType

import pytest

from bench.worst import documents
from bot.reply.layout import Layout
from bot.reply.markdown.renderer import WINDOW

SIZE = WINDOW + 2048
AT_ONCE = 100_000  # calls, about 25 ms
PER_CHARACTER = 80  # calls
DOCUMENTS = documents(SIZE)
COSTLY: tuple[str, ...] = (
    "bangs",
    "images in images",
    "open links",
    "runs of stars",
    "bold in bold",
    "open displays",
    "backticks",
)
COSTLY += ("short rows", "wide table", "tables of one row", "bold lines", "colons in paragraphs", "deep lines")
COSTLY += ("rules", "underlines", "items and rules", "heads without rows", "labels", "unfinished addresses")


@pytest.mark.parametrize("name", COSTLY)
def test_no_document_holds_the_loop_or_costs_more_than_its_length(name: str) -> None:
    slices = calls(Layout(1, max_parts=50).lay_out(DOCUMENTS[name], is_final=True))

    assert max(slices) <= AT_ONCE
    assert sum(slices) <= PER_CHARACTER * SIZE


def test_a_frame_of_a_long_answer_costs_no_more_than_its_last_window() -> None:
    layout, text = Layout(1, max_parts=50), DOCUMENTS["styles"] * 4
    calls(layout.lay_out(text, is_final=False))

    frame = calls(layout.lay_out(text + " and more", is_final=False))

    assert sum(frame) <= 2 * PER_CHARACTER * WINDOW


@pytest.mark.parametrize("name", ["windows lines", "stars and lines"])
def test_the_last_message_is_filled_by_reading_little_again(name: str) -> None:
    text = DOCUMENTS[name] * 3

    shown = sum(calls(Layout(1, max_parts=5).lay_out(text, is_final=False)))

    assert sum(calls(Layout(1, max_parts=5).lay_out(text, is_final=True))) <= shown + 5 * PER_CHARACTER * WINDOW


def test_what_the_messages_do_not_show_costs_nothing() -> None:
    text = DOCUMENTS["list"]

    shown = sum(calls(Layout(1, max_parts=1).lay_out(text, is_final=True)))

    assert sum(calls(Layout(1, max_parts=1).lay_out(text * 8, is_final=True))) < 1.2 * shown


def calls(work: Generator[None, None, object]) -> list[int]:
    """Return how many functions each slice of `work` calls."""
    slices = [0]

    def count(frame: FrameType, event: str, argument: object) -> None:
        slices[-1] += event == "call"

    while True:
        sys.setprofile(count)
        try:
            next(work)
        except StopIteration:
            return slices
        finally:
            sys.setprofile(None)
        slices.append(0)
