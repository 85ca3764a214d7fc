"""The model's reasoning where a server leaves it in the text, between <think> and </think>.

It is taken for reasoning only at the beginning of an answer: further on, an answer may well speak of the tag itself.
"""

from enum import Enum, auto

from providers.base import Reasoning

_TAGS = ("<think>", "<thinking>", "<thought>")


class _State(Enum):
    START = auto()
    REASONING = auto()
    TEXT = auto()


class Thinking:
    """Sort the text of one answer into text and reasoning, wherever the tags are cut."""

    def __init__(self) -> None:
        self._state = _State.START
        self._held = ""
        self._close = ""

    @property
    def is_over(self) -> bool:
        """Tell whether all that follows is text."""
        return self._state is _State.TEXT and not self._held

    def feed(self, text: str) -> list[str | Reasoning]:
        """Take more text; return what is certain by now."""
        self._held += text
        found: list[str | Reasoning] = []
        while self._held:
            state, held = self._state, self._held
            piece = self._next()
            if piece:
                found.append(piece)
            if (state, held) == (self._state, self._held):
                break
        return found

    def end(self) -> list[str | Reasoning]:
        """Return what was held back: the answer is over."""
        held, self._held = self._held, ""
        if not held:
            return []
        return [Reasoning(held) if self._state is _State.REASONING else held]

    def _next(self) -> str | Reasoning | None:
        if self._state is _State.START:
            self._start()
            return None
        if self._state is _State.REASONING:
            return self._reasoning()
        text, self._held = self._held, ""
        return text

    def _start(self) -> None:
        text = self._held.lstrip()
        tag = next((tag for tag in _TAGS if text.startswith(tag)), None)
        if tag:
            self._close = f"</{tag[1:]}"
            self._held = text[len(tag) :]
            self._state = _State.REASONING
        elif not any(tag.startswith(text) for tag in _TAGS):
            self._held = text if self._close else self._held  # blanks between reasoning and answer belong to neither
            self._state = _State.TEXT

    def _reasoning(self) -> Reasoning | None:
        text, closed, rest = self._held.partition(self._close)
        if closed:
            self._state = _State.START
        else:
            kept = next((n for n in range(len(self._close) - 1, 0, -1) if text.endswith(self._close[:n])), 0)
            rest = text[len(text) - kept :]
            text = text[: len(text) - kept]
        self._held = rest
        return Reasoning(text) if text else None
