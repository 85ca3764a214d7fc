"""Visible: whether a person sees anything of a text."""

import regex  # type: ignore[import-untyped]  # it ships no types

# Blanks, what directs or joins other characters, marks without a letter, and letters without ink. Telegram's server
# refuses a text of some of them (tdlib misc.cpp, strip_empty_characters); of the others a reader sees as little.
_BLANK = (
    r"[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{C}\p{M}\u2800\ufffc\U0001d159"
    r"--\p{Prepended_Concatenation_Mark}--\p{Mc}--\p{Cn}--\p{Co}]"
)
_VISIBLE = regex.compile(_BLANK.replace("[", "[^", 1), regex.VERSION1)


def is_visible(text: str) -> bool:
    """Tell whether there is anything to see in `text`; any text is taken."""
    return _VISIBLE.search(text) is not None
