"""Halves of characters, which JSON escapes can bring alone and which no UTF-8 text can hold.

A character beyond U+FFFF is escaped as two surrogates (`\\ud83e\\udd8a`). Services that cut their text anywhere send
one of them at the end of a delta and the other at the beginning of the next.
"""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def whole_characters(text: str) -> str:
    """Join the surrogates of a text that belong together and replace those that are alone. Raises nothing."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class HalfCharacter:
    """Keeps the first half of a character back until the second one arrives."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """Return the text that is complete so far, without surrogates."""
        if not self._half and text.isascii():
            return text
        text = self._half + text
        cut = len(text) - (text[-1:] >= "\ud800" and text[-1:] <= "\udbff")
        self._half = text[cut:]
        return whole_characters(text[:cut])

    def end(self) -> str:
        """Return what stands for a half that stayed alone, if there is one."""
        return REPLACEMENT if self._half else ""
