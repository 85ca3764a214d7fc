"""Whether a person sees anything of a text."""

import pytest

from providers.visible import is_visible

UNSEEN = [0x00, 0x1B, 0xA0, 0xAD, 0x301, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180E, 0x200B, 0x200D, 0x200E, 0x202E]
UNSEEN += [
    0x2028,
    0x2060,
    0x2064,
    0x2066,
    0x20E3,
    0x2800,
    0x3000,
    0x3164,
    0xD83D,
    0xFE0F,
    0xFEFF,
    0xFFA0,
    0xFFF9,
    0xFFFC,
]
UNSEEN += [0x1D159, 0x1D173, 0xE0041, 0xE0100]


@pytest.mark.parametrize("blank", ["", " ", "\n", "\t", *map(chr, UNSEEN), "".join(map(chr, UNSEEN))])
def test_blanks_and_what_leaves_no_ink_are_not_seen(blank: str) -> None:
    assert not is_visible(blank * 3)


@pytest.mark.parametrize("sign", [*".▌…─•😀漢\ue000\ufffd\u0600\u06dd\u0903\U0001fae9", "e\u0301", "\u200bx", "👩‍👩‍👧"])
def test_whatever_leaves_ink_is_seen(sign: str) -> None:
    assert is_visible(sign)
    assert is_visible(f" \u200b{sign}\n")
