"""Layout: what the messages of a reply show for a text, growing or final; pure."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from bot.markdown import Renderer
from bot.markdown.rendered import Rendered
from bot.split import MAX_PART, split

CURSOR = " ▌"
PLACEHOLDER = "…"
WIDEST = 4  # characters of Markdown for one that is shown, where links are long
_LINE = re.compile(r"\n")
_WORD = re.compile(r"\S{1,1000}\s?")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message shows; `button` is the callback data of its only button.

    `document`: the message is a file with this Markdown, and `text` its caption.
    """

    text: Rendered
    button: str | None = None
    document: str | None = None


class Layout:
    """Lays a turn's text out in frames, one per part.

    While the text grows, its last part ends in the cursor and carries the Stop button; at the end it carries Retry.
    The cuts keep room for the cursor, so that they are the same at the end. What exceeds `max_parts` messages comes in
    a file at the end.
    """

    def __init__(self, turn_id: int, *, max_parts: int) -> None:
        self._turn_id = turn_id
        self._max_parts = max_parts
        self._renderer = Renderer()

    def growing(self, text: str, *, plain: bool = False) -> list[Frame]:
        """Return the frames of a text that goes on; none where there is nothing to see yet."""
        texts = self._cut(self._rendered(text, plain=plain, partial=True))[: self._max_parts]
        last = len(texts) - 1
        return [Frame(part) if number < last else self._unfinished(part, number) for number, part in enumerate(texts)]

    def final(self, text: str, *, plain: bool = False) -> list[Frame]:
        """Return the frames of a final text, at least one; a text without anything to see is shown as written."""
        texts = self._cut(self._rendered(text, plain=plain, partial=False))
        if len(texts) > self._max_parts:
            return self._with_file(text, plain=plain)
        *full, last = texts or self._cut(Rendered(text.strip() or PLACEHOLDER))
        return [*map(Frame, full), Frame(last, f"retry:{self._turn_id}")]

    def _with_file(self, text: str, *, plain: bool) -> list[Frame]:
        """Show as many whole lines, or else words, as the messages hold; the rest is a file."""
        ends = [match.end() for match in _LINE.finditer(text, 0, WIDEST * MAX_PART * self._max_parts)]
        fits = bisect_left(ends, True, key=lambda end: self._overflows(text[:end], plain=plain))
        end = ends[fits - 1] if fits else 0
        if not fits or len(self._cut(self._rendered(text[:end], plain=plain, partial=False))) < self._max_parts:
            ends = [match.end() for match in _WORD.finditer(text, end, end + WIDEST * MAX_PART * self._max_parts)]
            fits = bisect_left(ends, True, key=lambda end: self._overflows(text[:end], plain=plain))
            end = ends[fits - 1] if fits else end
        texts = self._cut(self._rendered(text[:end], plain=plain, partial=False))
        rest = _fence_before(text[:end]) + text[end:].strip("\n")
        return [*map(Frame, texts), Frame(Rendered(""), f"retry:{self._turn_id}", rest)]

    def _overflows(self, text: str, *, plain: bool) -> bool:
        return len(self._cut(self._rendered(text, plain=plain, partial=False))) > self._max_parts

    def opening(self, number: int, frame: Frame) -> Frame:
        """Return what a part is opened with on its way to `frame`: never the complete text."""
        if frame.document is not None:
            return Frame(frame.text, self.stop(number), frame.document)
        return frame if frame.button == self.stop(number) else self._unfinished(frame.text, number)

    def placeholder(self) -> Frame:
        """Return what stands where there is no text yet."""
        return Frame(Rendered(PLACEHOLDER), self.stop(0))

    def stop(self, number: int) -> str:
        """Return the callback data of the Stop button that part `number` is opened with."""
        return f"stop:{self._turn_id}:{number}"

    def _rendered(self, text: str, *, plain: bool, partial: bool) -> Rendered:
        return Rendered(text.strip()) if plain else self._renderer.render(text, partial=partial)

    def _cut(self, rendered: Rendered) -> list[Rendered]:
        return split(rendered, limit=MAX_PART - len(CURSOR))

    def _unfinished(self, text: Rendered, number: int) -> Frame:
        return Frame(Rendered(text.text + CURSOR, text.entities), self.stop(number))


def _fence_before(text: str) -> str:
    """Return the line that opens the code block in which `text` ends, empty where it ends in none."""
    opened = ""
    for fence, info in _FENCE.findall(text):
        if not opened:
            opened = f"{fence}{info}\n"
        elif not info.strip() and fence[0] == opened[0] and len(fence) >= len(opened) - len(opened.lstrip(fence[0])):
            opened = ""
    return opened
