"""Repeats: lines of a stream that say what the one before said, but for one text; only that is parsed; pure.

    data: {"id":"x7","choices":[{"index":0,"delta":{"content":"Hel"}}]}
    data: {"id":"x7","choices":[{"index":0,"delta":{"content":"lo"}}]}
    ╰────────────────────────── head ──────────────────────╯╰text╯╰tail╯

What stands around the text is learned from a line that was parsed: with another text in its place that line must say
nothing else but this.
"""

import json
from collections.abc import Callable, Mapping

USUAL = "data: {"  # as most services begin a line
TRIES = 4  # lines that are learned from, and that no other line is like: there is something new in each
LONG = 4_000  # characters of a line that is not learned from: its text may stand at too many places
_OTHER = "\ufffd another text"

_DECODER = json.JSONDecoder()

TextIn = Callable[[Mapping[str, object]], str | None]  # the text of an object that says nothing else


class Repeats:
    """Knows the text in lines like the one before, by `text_in`; `joins`: neighbouring ones are wanted as one."""

    def __init__(self, text_in: TextIn, *, joins: bool = False) -> None:
        self.joins = joins
        self._text_in = text_in
        self._head = self._tail = ""
        self._tries = TRIES

    def text(self, line: str) -> str | None:
        """Return the text of a line, None where all of it must be parsed."""
        if not self._head or not line.startswith(self._head):
            return None
        try:
            text, end = _DECODER.raw_decode(line, len(self._head))
        except (ValueError, RecursionError):
            return None
        if not text or not isinstance(text, str) or line[end:] != self._tail:
            return None
        self._tries = TRIES
        return text

    def learn(self, line: str, item: Mapping[str, object]) -> None:
        """Take a line, and the object that it was parsed to."""
        if not self._tries or len(line) >= LONG or not line.startswith(USUAL):
            return
        if (text := self._text_in(item)) is None:
            return
        self._tries -= 1
        for written in {json.dumps(text, ensure_ascii=False), json.dumps(text)}:
            start = line.find(written)
            while start >= 0:
                head, tail = line[:start], line[start + len(written) :]
                if self._says(head + json.dumps(_OTHER) + tail):
                    self._head, self._tail = head, tail
                    return
                start = line.find(written, start + 1)

    def _says(self, line: str) -> bool:
        """Tell whether a line says another text, and nothing else."""
        try:
            item = json.loads(line.removeprefix(USUAL[:-1]))
        except (ValueError, RecursionError):
            return False
        return isinstance(item, dict) and self._text_in(item) == _OTHER
