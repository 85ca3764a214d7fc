"""How much work it is to lay out the worst documents: counted in calls of functions, which no other program changes."""

import time
from collections.abc import Generator
from cProfile import Profile

import pytest

from bench.worst import documents
from bot.reply.layout import Layout
from bot.reply.markdown.renderer import WINDOW
from bot.reply.markdown.source import SLICE, normal
from bot.slices import finished
from tests.thorough import chosen

SIZE = WINDOW + 2048
AT_ONCE = 100_000  # calls, about 25 ms
PER_CHARACTER = 30  # calls
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
COSTLY += ("control signs", "letters in lines", "lines of tables", "italic in bold", "one styled line", "quoted list")
COSTLY += ("images of links",)
COSTLY += ("rules", "underlines", "items and rules", "heads without rows", "labels", "unfinished addresses")


@pytest.mark.parametrize("name", chosen(COSTLY, *COSTLY[::3]))
def test_no_document_holds_the_loop_or_costs_more_than_its_length(name: str) -> None:
    slices = calls(Layout(1, max_parts=50).lay_out(DOCUMENTS[name], is_final=True))

    assert max(slices) <= AT_ONCE
    assert sum(slices) <= PER_CHARACTER * SIZE


@pytest.mark.parametrize("name", ["surrogates", "surrogates and letters", "rings", "control signs", "windows lines"])
def test_odd_signs_are_read_in_slices(name: str) -> None:
    assert len(list(normal(documents(160_000)[name]))) >= 160_000 / SLICE / 2


def test_marks_beside_a_ring_take_no_time_by_the_square() -> None:
    text = documents(80_000)["rings and marks"]  # 5 s of processor time where they are sorted
    start = time.process_time()

    finished(normal(text))

    assert time.process_time() - start < 1


def test_a_ring_is_joined_with_its_letter_wherever_the_slices_end() -> None:
    for before in range(SLICE - 4, SLICE + 4):
        assert finished(normal("x" * before + "a\u030a\u0301" + "x" * SLICE)) == "x" * before + "ǻ" + "x" * SLICE


def test_a_text_shown_as_written_is_laid_out_in_slices() -> None:
    text = documents(160_000)["families"]

    assert len(calls(Layout(1, max_parts=1).lay_out(text, is_final=False, plain=True))) >= 160_000 / SLICE - 1


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
    """Return how many functions each slice of `work` calls, counted by what does so in C: it takes half the time."""
    slices: list[int] = []
    while True:
        counted = Profile(builtins=False)
        try:
            counted.runcall(next, work)
        except StopIteration:
            return slices
        finally:
            slices.append(sum(each.callcount for each in counted.getstats()))
