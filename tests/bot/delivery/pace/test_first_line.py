"""What is worth a first call."""

import pytest

from bot.delivery.pace.first_line import is_line


@pytest.mark.parametrize("text", ["Yes, it does. ", "Nein!\n", "好的。", "1. a list\n", "x" * 25])
def test_a_sentence_or_about_a_line_is(text: str) -> None:
    assert is_line(text)


@pytest.mark.parametrize("text", ["", "   ", "Deltagr", "3.14", "\n\n", "e.g"])
def test_the_beginning_of_one_is_not(text: str) -> None:
    assert not is_line(text)
