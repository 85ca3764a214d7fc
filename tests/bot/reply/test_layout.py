"""What the messages of a reply show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply.layout import Layout
from bot.reply.markdown import Rendered
from bot.reply.marks import CURSOR
from bot.reply.split import MAX_PART
from tests.signs import SIGNS

LONG = "\n\n".join(f"Paragraph {number}: " + "some words " * 30 for number in range(40))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_growing_text_ends_in_the_cursor_and_carries_the_stop_button() -> None:
    (frame,) = Layout(7, max_parts=50).growing("Hello **wor")

    assert frame.text.text == f"Hello wor{CURSOR}"
    assert frame.button == "stop:7:0"


def test_a_final_text_is_exact_and_carries_the_retry_button() -> None:
    (frame,) = Layout(7, max_parts=50).final("Hello **world**")

    assert frame.text.text == "Hello world"
    assert [entity.type for entity in frame.text.entities] == ["bold"]
    assert frame.button == "retry:7"


def test_nothing_to_see_yet_is_no_frame() -> None:
    assert Layout(7, max_parts=50).growing("") == []
    assert Layout(7, max_parts=50).growing("  \n") == []


def test_a_final_text_without_anything_to_see_is_shown_as_written() -> None:
    (frame,) = Layout(7, max_parts=50).final("# ")

    assert frame.text.text == "#"


def test_only_the_last_part_has_cursor_and_button() -> None:
    frames = Layout(7, max_parts=50).growing(LONG)

    assert len(frames) > 2
    assert [frame.button for frame in frames] == [None] * (len(frames) - 1) + [f"stop:7:{len(frames) - 1}"]
    assert [frame.text.text.endswith(CURSOR) for frame in frames] == [False] * (len(frames) - 1) + [True]


def test_the_parts_of_the_final_text_are_those_of_the_growing_one() -> None:
    layout = Layout(7, max_parts=50)

    growing, final = layout.growing(LONG), layout.final(LONG)

    assert growing[:-1] == final[:-1]
    assert growing[-1].text.text.removesuffix(CURSOR) == final[-1].text.text


@given(st.text(SIGNS, min_size=1, max_size=300), st.integers(1, 60))
def test_what_a_part_is_opened_with_is_never_complete_and_never_too_long(text: str, times: int) -> None:
    layout = Layout(7, max_parts=50)

    for number, frame in enumerate(layout.final(text * times)):
        opening = layout.opening(number, frame)

        assert opening.text.text != frame.text.text
        assert opening.button == f"stop:7:{number}"
        assert 0 < units(opening.text.text) <= MAX_PART


def test_plain_text_is_not_taken_for_markdown() -> None:
    (frame,) = Layout(7, max_parts=50).final("2 * 3 * 4 **", plain=True)

    assert frame.text.text == "2 * 3 * 4 **"
    assert frame.text.entities == ()


def test_what_exceeds_the_messages_comes_as_a_file_and_nothing_is_lost() -> None:
    *shown, file = Layout(7, max_parts=2).final(LONG)

    assert len(shown) == 2
    assert file.document is not None
    assert file.button == "retry:7"
    told = "\n\n".join(frame.text.text for frame in shown) + "\n\n" + file.document
    assert told.split() == LONG.split()


HALF = "one two three four five six seven eight nine ten\n\n" * 40  # of a message
LINE = "word " * 900  # more than a message


@pytest.mark.parametrize("former", [None, HALF, "something else\n\n" * 900])
@pytest.mark.parametrize("text", [f"{HALF}{LINE}{HALF}", f"{HALF}\n\n{LINE}{HALF}", f"{LINE}\n\n{HALF}{HALF}"])
def test_what_a_file_goes_on_with_is_not_in_the_message_too(text: str, former: str | None) -> None:
    layout = Layout(7, max_parts=1)
    if former:
        layout.growing(former)

    message, file = layout.final(text)

    assert "".join(f"{message.text.text}{file.document}".split()) == "".join(text.split())


def test_a_file_that_begins_inside_a_code_block_opens_it_again() -> None:
    code = "".join(f"print({number})\n" for number in range(2_000))

    *shown, file = Layout(7, max_parts=1).final(f"Look:\n\n```python\n{code}```\nDone.")

    assert len(shown) == 1
    assert file.document is not None
    assert file.document.startswith("```python\nprint(")
    assert file.document.endswith("```\nDone.")


def test_one_endless_line_is_cut_between_words() -> None:
    text = "word " * 20_000

    *shown, file = Layout(7, max_parts=3).final(text)

    assert len(shown) == 3
    assert (" ".join(frame.text.text for frame in shown) + " " + (file.document or "")).split() == text.split()


def test_a_text_that_fills_all_messages_costs_nothing_more_while_it_grows() -> None:
    layout = Layout(7, max_parts=2)
    full = layout.growing(LONG)

    assert layout.growing(LONG + " and more") is full
    assert layout.growing("Something else") is not full


def test_a_text_that_fills_all_messages_is_plain_where_its_looks_are_given_up() -> None:
    layout = Layout(7, max_parts=1)
    text = f"**bold** {LONG}"

    (rich,) = layout.growing(text)
    (plain,) = layout.growing(text, plain=True)

    assert rich.text.entities
    assert not plain.text.entities
    assert plain.text.text.startswith("**bold**")


@pytest.mark.parametrize("text", ["Look:\n\n```python\nx = 1", "- one\n- two", "**bold", "| a |\n|---|\n| 1", "> said"])
def test_a_note_is_no_part_of_what_breaks_off(text: str) -> None:
    (bare,) = Layout(7, max_parts=5).final(text)

    (frame,) = Layout(7, max_parts=5).final(text, note="⏹ Stopped")

    assert frame.text == Rendered(f"{bare.text.text}\n\n⏹ Stopped", bare.text.entities)


def test_a_note_moves_no_look_of_an_answer_that_begins_with_blanks() -> None:
    (frame,) = Layout(7, max_parts=5).final("```py\n    return x", note="⏹")
    (kept,) = Layout(7, max_parts=5).kept([Rendered("    return x", frame.text.entities)], "⏹")

    assert frame.text == kept.text
    assert frame.text.text == "    return x\n\n⏹"
    assert [(entity.type, entity.offset, entity.length) for entity in frame.text.entities] == [("pre", 0, 12)]


def test_the_note_of_a_text_that_goes_on_in_a_file_is_under_the_file() -> None:
    *shown, file = Layout(7, max_parts=2).final(LONG, note="⏹ Stopped")

    assert file.text.text == "⏹ Stopped"
    assert all("⏹" not in frame.text.text for frame in shown)


@pytest.mark.parametrize(
    ("text", "shown", "kind"),
    [
        ("see `docs/arch", "see docs/arch", "code"),
        ("it is **very impor", "it is very impor", "bold"),
        ("```python\nprint(", "print(", "pre"),
    ],
)
def test_what_a_text_that_breaks_off_has_begun_is_formatted(text: str, shown: str, kind: str) -> None:
    (frame,) = Layout(7, max_parts=5).final(text, note="Stopped.", is_cut=True)

    assert frame.text.text == f"{shown}\n\nStopped."
    assert [entity.type for entity in frame.text.entities] == [kind]
