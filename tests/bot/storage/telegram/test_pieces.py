"""Which messages are one question, and what they say together."""

import pytest

from bot.storage.telegram.pieces import FORWARD_S, FULL, MAX_MESSAGE, PASTE_S, Piece, composed, follows, window_s
from providers.blocks import Image, Text, holds_foreign, text_of

IMAGE = Image("9f", "image/jpeg", "", 5)


def piece(
    text: str, message_id: int = 1, *, sent_at: float = 0, forwarded_from: str | None = None, length: int = 0
) -> Piece:
    length = length or len(text)
    return Piece(message_id, (Text(text),), length, sent_at, forwarded_from=forwarded_from)


FULL_ONE = piece("a", length=FULL)
SHORT = piece("a")
FORWARDED = piece("a", forwarded_from="Bob")


@pytest.mark.parametrize(
    ("one", "expected"), [(SHORT, None), (FULL_ONE, PASTE_S), (FORWARDED, FORWARD_S), (piece("x" * FULL), PASTE_S)]
)
def test_only_what_something_follows_by_itself_opens_a_window(one: Piece, expected: float | None) -> None:
    assert window_s(one) == expected


@pytest.mark.parametrize(
    ("last", "next_", "directly", "expected"),
    [
        (FULL_ONE, piece("b", 2, sent_at=2), False, True),
        (FULL_ONE, piece("b", 2, sent_at=3), False, False),
        (FULL_ONE, piece("b", 2, sent_at=5), True, True),
        (FULL_ONE, piece("b", 2, sent_at=6), True, False),
        (SHORT, piece("b", 2), True, False),
        (FORWARDED, piece("b", 2, sent_at=2), True, True),
        (FORWARDED, piece("b", 2, sent_at=3), True, False),
        (SHORT, piece("b", 2, sent_at=2, forwarded_from=""), True, True),
        (SHORT, piece("b", 2, sent_at=3, forwarded_from=""), True, False),
        (piece("a", 3, length=FULL), piece("b", 2), True, False),
        (piece("a", sent_at=2, length=FULL), piece("b", 2, sent_at=1), True, False),
    ],
)
def test_what_comes_soon_after_belongs_together(last: Piece, next_: Piece, directly: bool, expected: bool) -> None:
    assert follows(next_, last, directly=directly) is expected


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([SHORT], "a"),
        ([FORWARDED], "a"),
        ([FULL_ONE, piece("b", 2)], "a\nb"),
        ([piece("a", length=MAX_MESSAGE), piece("b", 2)], "ab"),
        ([SHORT, piece("one\ntwo", 2, forwarded_from="Bob")], "a\n\n> Bob:\n> one\n> two"),
        ([piece("one", forwarded_from=""), piece("and?", 2)], "> one\n\nand?"),
    ],
)
def test_they_say_together_what_was_written(pieces: list[Piece], expected: str) -> None:
    said = composed(pieces)

    assert text_of(said) == expected
    assert holds_foreign(said) is ("> " in expected)
    assert all(isinstance(block, Text) for block in said)


def test_other_blocks_keep_their_place() -> None:
    pieces = [Piece(1, (IMAGE, Text("look"))), Piece(2, (IMAGE,)), Piece(3, ())]

    assert composed(pieces) == (IMAGE, Text("look"), IMAGE, Text(""))
