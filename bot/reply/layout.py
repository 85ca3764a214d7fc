"""Layout: what the messages of a reply show for a text, growing or final; pure."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.reply.markdown.rendered import Rendered, to_units
from bot.reply.marks import CURSOR, PLACEHOLDER
from bot.reply.page import LIMIT, Page
from bot.reply.split import MAX_PART
from bot.slices import finished

FULL = 4_000  # UTF-16 units: there is no room for a note under a longer part
NOTED = 300  # UTF-16 units that are left for notes where what exceeds a part is left out
_FENCE = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)([^`\n]*+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Versions:
    """The answer that a reply shows (`shown`), and all that it can show, oldest first; `again`: it can be had anew."""

    shown: int
    ids: tuple[int, ...] = ()
    again: bool = True

    @property
    def number(self) -> int:
        """Which of them it is, from 1 on."""
        return self.ids.index(self.shown) + 1

    def beside(self, steps: int) -> int:
        """Return the version so many steps on; at an end the one that is shown."""
        place = self.number - 1 + steps
        return self.ids[place] if place in range(len(self.ids)) else self.shown


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that is shown, told from others by its SHA-256; `data`: b"" where it stands already.

    `as_file`: Telegram does not take it as a picture.
    """

    sha256: str
    media_type: str
    as_file: bool = False
    data: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message shows; `button` is the callback data of its Stop or Retry button.

    `document`: the message is a file with this Markdown, and `text` its caption; `picture`: it is this picture.
    `versions`: those that a reader can choose from beside Retry. `has_more`: it is not all, a button brings the whole.
    """

    text: Rendered
    button: str | None = None
    document: str | None = None
    versions: Versions | None = None
    picture: Shot | None = None
    has_more: bool = False

    @property
    def is_media(self) -> bool:
        """Tell whether the message is no text."""
        return self.document is not None or self.picture is not None


def stop(answer_id: int, number: int) -> str:
    """Return the callback data of the Stop button that a part is opened with."""
    return f"stop:{answer_id}:{number}"


class Layout:
    """Lays an answer's text out in frames, one per part.

    While the text grows, its last part ends in the cursor and carries the Stop button; at the end it carries Retry.
    The cuts keep room for the cursor, so that they are the same at the end. What exceeds `max_parts` messages comes in
    a file at the end; where there can be none, a line says that there is `more`. `room_utf16`: of a part. `lay_out`
    does its work in slices, `growing` and `final` do all of it at once.
    """

    def __init__(
        self, answer_id: int, *, max_parts: int, room_utf16: int | None = None, more: str | None = None
    ) -> None:
        self._answer_id = answer_id
        self._stop = partial(stop, answer_id)
        self.ends_as(Versions(answer_id))
        self._max_parts = max_parts
        self._room_utf16 = room_utf16
        self._more = more
        self._brings_more = True
        self._page = Page(max_parts, limit=room_utf16 or LIMIT)
        self._full: tuple[str, list[Frame], bool] | None = None  # a text that fills all messages, their frames, plain

    def anew(self) -> "Layout":
        """Return one that knows nothing of the texts so far."""
        other = Layout(self._answer_id, max_parts=self._max_parts, room_utf16=self._room_utf16, more=self._more)
        other._brings_more = self._brings_more
        return other

    def shorten(self, parts: int, more: str) -> None:
        """Lay out in no more than so many parts; a line says that there is `more`, and no button brings it."""
        self._max_parts, self._more, self._brings_more, self._full = parts, more, False, None
        self._room_utf16 = (self._room_utf16 or LIMIT) - NOTED
        self._page = Page(parts, limit=self._room_utf16)

    def ends_as(self, versions: Versions) -> None:
        """Say which answer stands at the end: Retry names it, and the buttons beside it the versions around it."""
        self._retry = f"retry:{versions.shown}" if versions.again else None
        self._versions = versions if len(versions.ids) > 1 else None

    def growing(self, text: str, *, plain: bool = False) -> list[Frame]:
        """Return the frames of a text that goes on; none where there is nothing to see yet."""
        return finished(self.lay_out(text, is_final=False, plain=plain))

    def final(
        self, text: str, *, note: str = "", plain: bool = False, is_cut: bool = False, quote: str = ""
    ) -> list[Frame]:
        """Return the frames of a final text, at least one; a text without anything to see is shown as written.

        `note`: a last line that is no part of the text, and of no code or list in which that breaks off. `is_cut`: it
        does break off, so what it has begun is formatted as while it grew.
        """
        return finished(self.lay_out(text, is_final=True, note=note, plain=plain, is_cut=is_cut, quote=quote))

    def lay_out(
        self,
        text: str,
        *,
        is_final: bool,
        note: str = "",
        plain: bool = False,
        is_cut: bool = False,
        quote: str = "",
    ) -> Generator[None, None, list[Frame]]:
        """Return the frames of a text, in slices of work; `quote` stands above it as it is written, folded."""
        self._page.stands_under(quote)
        if is_final:
            return (yield from self._final(text, note, plain=plain, is_cut=is_cut))
        return (yield from self._growing(text, plain=plain))

    def _growing(self, text: str, *, plain: bool) -> Generator[None, None, list[Frame]]:
        if self._full and self._full[2] is plain and text.startswith(self._full[0]):
            return self._full[1]
        texts = yield from self._page.parts(text, is_final=False, plain=plain)
        shown, last = texts[: self._max_parts], min(len(texts), self._max_parts) - 1
        frames = [Frame(part) if number < last else self._unfinished(part, last) for number, part in enumerate(shown)]
        self._full = (text, frames, plain) if len(texts) > self._max_parts else None
        return frames

    def _final(self, text: str, note: str, *, plain: bool, is_cut: bool) -> Generator[None, None, list[Frame]]:
        texts = yield from self._page.parts(text, is_final=not is_cut, plain=plain)
        if len(texts) > self._max_parts:
            head, rest, shown = yield from self._page.fitting(text, plain=plain)
            if self._more is not None:
                return self.more(shown, note)
            document = _fence_before(head) + rest.strip("\n")
            return [*map(Frame, shown), Frame(Rendered(note), self._retry, document, self._versions)]
        if not texts:
            texts = yield from self._page.parts(text, is_final=True, plain=True)
        *full, last = _noted(texts or [Rendered(PLACEHOLDER)], note)
        return [*map(Frame, full), Frame(last, self._retry, versions=self._versions)]

    def opening(self, number: int, frame: Frame) -> Frame:
        """Return what a part is opened with on its way to `frame`: never the complete text."""
        if frame.is_media:
            return replace(frame, button=self._stop(number), versions=None)
        return frame if frame.button == self._stop(number) else self._unfinished(frame.text, number)

    def placeholder(self, line: str) -> Frame:
        """Return what stands where there is no text yet."""
        return Frame(Rendered(line), self._stop(0))

    def working(self, frame: Frame, line: str) -> Frame:
        """Return a last frame with the line of a tool that runs under its text, where there is room for it."""
        text = f"{frame.text.text.removesuffix(CURSOR)}\n\n{line}{CURSOR}"
        return replace(frame, text=Rendered(text, frame.text.entities)) if len(to_units(text)) <= MAX_PART else frame

    def preview(self, shot: Shot) -> Frame:
        """Return what stands there while a picture is being made."""
        return Frame(Rendered(""), self._stop(0), picture=shot)

    def pictured(self, frames: Sequence[Frame], shots: Sequence[Shot], note: str = "") -> list[Frame]:
        """Return final frames with pictures after them; without a text the note stands under the last picture."""
        if not shots:
            return [*frames]
        *before, last = shots
        above = [replace(frame, button=None, versions=None) for frame in frames]
        shown = [Frame(Rendered(""), picture=shot) for shot in before]
        ending = Frame(Rendered("" if frames else note), self._retry, versions=self._versions, picture=last)
        return [*above, *shown, ending]

    def thinking(self, thought: Rendered) -> Frame:
        """Return what stands there while the model thinks."""
        return self._unfinished(thought, 0)

    def kept(self, standing: Sequence[Rendered], note: str) -> list[Frame]:
        """Return the frames of what stands already, with a note under it."""
        *full, last = _noted(standing, note)
        return [*map(Frame, full), Frame(last, self._retry, versions=self._versions)]

    def more(self, texts: Sequence[Rendered], note: str = "") -> list[Frame]:
        """Return final frames that are not all there is to see."""
        *full, last = _noted(texts or [Rendered("")], "\n".join(filter(None, (self._more, note))))
        return [*map(Frame, full), Frame(last, self._retry, versions=self._versions, has_more=self._brings_more)]

    def _unfinished(self, text: Rendered, number: int) -> Frame:
        return Frame(Rendered(text.text + CURSOR, text.entities), self._stop(number))


def _noted(texts: Sequence[Rendered], note: str) -> list[Rendered]:
    """Return the texts of the parts with a note under the last one, or where that is full as one part more."""
    *full, last = texts
    if len(to_units(last.text)) > FULL:
        return [*texts, Rendered(note)] if note else list(texts)
    return [*full, Rendered(f"{last.text}\n\n{note}" if last.text else note, last.entities) if note else last]


def _fence_before(text: str) -> str:
    """Return the line that opens the code block in which `text` ends, empty where it ends in none."""
    opened = ""
    for fence, info in _FENCE.findall(text):
        if not opened:
            opened = f"{fence}{info}\n"
        elif not info.strip() and fence[0] == opened[0] and len(fence) >= len(opened) - len(opened.lstrip(fence[0])):
            opened = ""
    return opened
