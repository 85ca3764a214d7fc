"""What Telegram makes of the entities that it is given: cases of tdlib's fix_formatted_text."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from telegram_playground.protocol.errors import ApiError
from telegram_playground.text.message_text import parse, settle


def given(spans: str) -> list[SimpleNamespace]:
    """Read entities off words: "bold 0-2 text_link 1-3"."""
    words = spans.split()
    places = [[int(end) for end in place.split("-")] for place in words[1::2]]
    return [
        SimpleNamespace(type=kind, offset=start, length=end - start, url="http://a.b" if kind == "text_link" else None)
        for kind, (start, end) in zip(words[::2], places, strict=True)
    ]


def stored(text: str, entities: Sequence[SimpleNamespace], *, can_be_empty: bool = False) -> tuple[str, str]:
    formatted = settle(parse(text, None, entities), lambda number: {"id": number}, can_be_empty=can_be_empty)
    spans = [f"{each['type']} {each['offset']}-{each['offset'] + each['length']}" for each in formatted.entities]
    return formatted.text, " ".join(spans)


@pytest.mark.parametrize(
    ("spans", "normal"),
    [
        # one of a kind: joined where it touches or overlaps itself
        ("bold 0-3 bold 3-6", "bold 0-6"),
        ("bold 0-3 bold 1-6", "bold 0-6"),
        ("bold 0-6 bold 1-3", "bold 0-6"),
        ("bold 4-6 bold 0-2", "bold 0-2 bold 4-6"),
        # styles: each is cut where another one begins
        ("bold 0-6 italic 2-4", "bold 0-2 bold 2-6 italic 2-4"),
        ("bold 0-4 italic 2-6", "bold 0-2 italic 2-6 bold 2-4"),
        ("italic 0-4 bold 0-4", "bold 0-4 italic 0-4"),
        ("underline 0-2 spoiler 0-1", "underline 0-2 spoiler 0-1"),
        ("bold 0-8 italic 2-3 strikethrough 5-6", "bold 0-2 bold 2-5 italic 2-3 bold 5-8 strikethrough 5-6"),
        ("bold 0-2 italic 2-4", "bold 0-2 italic 2-4"),
        # code: no styles in it, and it is in nothing but a quotation
        ("bold 0-8 code 2-4", "bold 0-2 code 2-4 bold 4-8"),
        ("bold 0-8 pre 2-4", "bold 0-2 pre 2-4 bold 4-8"),
        ("code 0-8 bold 2-4", "code 0-8"),
        ("code 0-4 bold 2-6", "code 0-4 bold 4-6"),
        ("blockquote 0-8 code 2-4", "blockquote 0-8 code 2-4"),
        ("code 0-4 code 2-6", "code 0-4"),
        ("code 0-4 pre 0-4", "pre 0-4"),
        ("text_link 0-8 code 2-4", "text_link 0-8"),
        ("text_link 0-4 code 0-4", "code 0-4"),
        # links: styles are cut at their borders
        ("bold 0-8 text_link 2-4", "bold 0-2 text_link 2-4 bold 2-4 bold 4-8"),
        ("text_link 0-8 bold 2-4", "text_link 0-8 bold 2-4"),
        ("text_link 0-4 text_link 2-6", "text_link 0-4"),
        # quotations
        ("blockquote 0-4 blockquote 2-6", "blockquote 0-4"),
        ("blockquote 0-8 bold 2-4", "blockquote 0-8 bold 2-4"),
        ("blockquote 2-6 bold 0-4", "bold 0-2 blockquote 2-6 bold 2-4"),
        ("pre 0-8 blockquote 2-4", "blockquote 2-4"),
        ("text_link 0-4 blockquote 2-6", "blockquote 2-6"),
        ("blockquote 0-4 text_link 2-6", "blockquote 0-4"),
        # what is nothing
        ("bold 2-2", ""),
        ("bold 0-3 hashtag 4-6 url 0-3", "bold 0-3"),
    ],
)
def test_entities_are_cut_and_joined(spans: str, normal: str) -> None:
    assert stored("abcdefgh", given(spans)) == ("abcdefgh", normal)


@pytest.mark.parametrize(
    ("text", "spans", "kept", "normal"),
    [
        # styles are cut at what is found; what is found in code or a link is not
        ("@tests @tests", "italic 0-13", "@tests @tests", "mention 0-6 italic 0-6 italic 6-7 mention 7-13 italic 7-13"),
        ("see a.com now", "bold 0-13", "see a.com now", "bold 0-4 url 4-9 bold 4-9 bold 9-13"),
        ("see a.com now", "code 0-13", "see a.com now", "code 0-13"),
        ("see a.com now", "text_link 4-5", "see a.com now", "text_link 4-5"),
        ("see a.com now", "blockquote 0-6", "see a.com now", "blockquote 0-6"),
        # what goes with the characters that go
        ("  ab  ", "bold 3-6", "ab", "bold 1-2"),
        ("  ab  ", "bold 1-4", " ab", "bold 0-3"),
        ("a\rb\u202ec", "bold 0-2 bold 2-5", "abc", "bold 0-3"),
        ("a\rb", "bold 1-2", "ab", ""),
        ("a ", "italic 0-2 bold 0-1", "a", "bold 0-1 italic 0-1"),
        ("a\tb\x1fc", "code 1-2", "a b c", "code 1-2"),
        # signs of direction: all of a run but the last
        ("\u200e\u200f\u200ea\u200f", "", "\u200c\u200c\u200ea\u200f", ""),
        ("😀 x", "bold 0-2 bold 3-4", "😀 x", "bold 0-2 bold 3-4"),
    ],
)
def test_text_and_entities_are_cleaned_together(text: str, spans: str, kept: str, normal: str) -> None:
    assert stored(text, given(spans)) == (kept, normal)


@pytest.mark.parametrize("text", [" \n", "\u200b", "\u2800\u200e\u200f", "\u00a0\ufeff", "\u202e", "\U000e0041"])
def test_a_text_of_nothing_to_see_is_empty(text: str) -> None:
    with pytest.raises(ApiError, match="text must be non-empty"):
        stored(text, [])


def test_a_caption_may_be_empty() -> None:
    assert stored(" \n", [], can_be_empty=True) == ("", "")


def test_the_hundred_are_counted_after_the_cut_styles_last() -> None:
    nested = given(" ".join(f"bold {at}-{at + 5} italic {at + 1}-{at + 2}" for at in range(0, 400, 8)))
    codes = given(" ".join(f"code {at}-{at + 1}" for at in range(0, 480, 8)))

    assert stored("x" * 500, nested)[1].count("-") == 100
    assert stored("x" * 500, nested)[1].count("italic") == 33
    assert stored("x" * 500, [*nested, *codes])[1].count("code") == 60
    assert stored("x" * 500, [*nested, *codes])[1].count("-") == 100


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ApiError, match="Unsupported type specified"):
        stored("abc", given("loud 0-3"))
