"""Layout: what the messages of a reply show for a text, growing or final; pure."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from bot.reply.markdown import Renderer
from bot.reply.markdown.rendered import Rendered, to_units
from bot.reply.split import MAX_PART, parts

CURSOR = " ▌"
PLACEHOLDER = "…"
WAITING = "⏳"  # begins the line that tells why there is no text yet; it ends in the placeholder
ROUGHLY = 0.5  # of the room: where whole lines fill less, words are taken
FULL = 4_000  # UTF-16 units: there is no room for a note under a longer part
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


def is_placeholder(text: str) -> bool:
    """Tell whether a message only holds the place of a text."""
    return text == PLACEHOLDER or (text.startswith(WAITING) and text.endswith(PLACEHOLDER))


def stop(turn_id: int, number: int) -> str:
    """Return the callback data of the Stop button that a part is opened with."""
    return f"stop:{turn_id}:{number}"


class Layout:
    """Lays a turn's text out in frames, one per part.

    While the text grows, its last part ends in the cursor and carries the Stop button; at the end it carries Retry.
    The cuts keep room for the cursor, so that they are the same at the end. What exceeds `max_parts` messages comes in
    a file at the end.
    """

    def __init__(self, turn_id: int, *, max_parts: int) -> None:
        self._stop = partial(stop, turn_id)
        self._retry = f"retry:{turn_id}"
        self._max_parts = max_parts
        self._renderer = Renderer()
        self._full: tuple[str, list[Frame], bool] | None = None  # a text that fills all messages, their frames, plain

    def growing(self, text: str, *, plain: bool = False) -> list[Frame]:
        """Return the frames of a text that goes on; none where there is nothing to see yet."""
        if self._full and self._full[2] is plain and text.startswith(self._full[0]):
            return self._full[1]
        texts = self._cut(self._rendered(text, plain=plain, partial=True))
        shown, last = texts[: self._max_parts], min(len(texts), self._max_parts) - 1
        frames = [Frame(part) if number < last else self._unfinished(part, last) for number, part in enumerate(shown)]
        self._full = (text, frames, plain) if len(texts) > self._max_parts else None
        return frames

    def final(self, text: str, *, note: str = "", plain: bool = False) -> list[Frame]:
        """Return the frames of a final text, at least one; a text without anything to see is shown as written.

        `note`: a last line that is no part of the text, and of no code or list in which that breaks off.
        """
        if self._full and text.startswith(self._full[0]) and len(text) > len(self._full[0]) + MAX_PART:
            return self._with_file(text, note=note, plain=plain)
        texts = self._cut(_under(self._rendered(text, plain=plain, partial=False), note))
        if len(texts) > self._max_parts:
            return self._with_file(text, note=note, plain=plain)
        *full, last = texts or self._cut(Rendered(text.strip() or PLACEHOLDER))
        return [*map(Frame, full), Frame(last, self._retry)]

    def _with_file(self, text: str, *, note: str, plain: bool) -> list[Frame]:
        """Show as many whole lines, or else words, as the messages hold; the rest is a file, with the note under it."""
        room = MAX_PART * self._max_parts

        def overflows(end: int) -> bool:
            return (
                len(self._cut(Renderer().render(text[:end]) if not plain else Rendered(text[:end]))) > self._max_parts
            )

        ends = [match.end() for match in _LINE.finditer(text, 0, WIDEST * room)]
        end = _last_that_fits(ends, overflows, near=room)
        if end < room * ROUGHLY:  # one endless line
            ends = [match.end() for match in _WORD.finditer(text, end, end + WIDEST * room)]
            end = _last_that_fits(ends, overflows, near=room) or end
        shown = self._cut(self._rendered(text[:end], plain=plain, partial=False))
        rest = _fence_before(text[:end]) + text[end:].strip("\n")
        return [*map(Frame, shown), Frame(Rendered(note), self._retry, rest)]

    def opening(self, number: int, frame: Frame) -> Frame:
        """Return what a part is opened with on its way to `frame`: never the complete text."""
        if frame.document is not None:
            return Frame(frame.text, self._stop(number), frame.document)
        return frame if frame.button == self._stop(number) else self._unfinished(frame.text, number)

    def placeholder(self, line: str) -> Frame:
        """Return what stands where there is no text yet."""
        return Frame(Rendered(line), self._stop(0))

    def kept(self, standing: Sequence[Rendered], note: str) -> list[Frame]:
        """Return the frames of what stands already, with a note under it."""
        *full, last = standing
        if note and len(to_units(last.text)) > FULL:
            return [*map(Frame, standing), Frame(Rendered(note), self._retry)]
        return [*map(Frame, full), Frame(_under(last, note), self._retry)]

    def _rendered(self, text: str, *, plain: bool, partial: bool) -> Rendered:
        return Rendered(text.strip()) if plain else self._renderer.render(text, partial=partial)

    def _cut(self, rendered: Rendered) -> list[Rendered]:
        """Return the parts of a text, one more than there may be at the most."""
        return list(islice(parts(rendered, limit=MAX_PART - len(CURSOR)), self._max_parts + 1))

    def _unfinished(self, text: Rendered, number: int) -> Frame:
        return Frame(Rendered(text.text + CURSOR, text.entities), self._stop(number))


def _under(rendered: Rendered, note: str) -> Rendered:
    return Rendered(f"{rendered.text}\n\n{note}".strip(), rendered.entities) if note else rendered


def _last_that_fits(ends: Sequence[int], overflows: Callable[[int], bool], *, near: int) -> int:
    """Return the last of the ascending `ends` up to which the text does not overflow, 0 if there is none.

    Looks from `near` on in growing steps, because each look costs a rendering.
    """
    high = bisect_left(ends, near)
    step = 1
    while high < len(ends) and not overflows(ends[high]):
        high += step
        step *= 2
    high = min(high, len(ends))
    low, step = high - 1, 1
    while low >= 0 and overflows(ends[low]):
        high, low, step = low, low - step, step * 2
    fits = bisect_left(ends, True, lo=max(low, 0), hi=high, key=overflows)
    return ends[fits - 1] if fits else 0


def _fence_before(text: str) -> str:
    """Return the line that opens the code block in which `text` ends, empty where it ends in none."""
    opened = ""
    for fence, info in _FENCE.findall(text):
        if not opened:
            opened = f"{fence}{info}\n"
        elif not info.strip() and fence[0] == opened[0] and len(fence) >= len(opened) - len(opened.lstrip(fence[0])):
            opened = ""
    return opened
