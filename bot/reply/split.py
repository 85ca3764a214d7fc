"""Cut a rendered text into the parts of a reply.

A cut depends only on the text up to the limit of its part. So text added at the end never moves a cut, and a full part
stays as it is.
"""

import re
from bisect import bisect_left
from collections.abc import Generator, Iterator, Sequence

import regex  # type: ignore[import-untyped]  # it ships no types

from bot.reply.markdown.nesting import Span
from bot.reply.markdown.rendered import Rendered, clip, from_units, spans, to_units
from bot.slices import finished

MAX_PART = 4096  # UTF-16 units of one message, core.telegram.org/bots/api#sendmessage
MAX_ENTITIES = 100  # of one message; further ones are dropped in silence, tdlib MessageEntity.cpp MAX_USER_ENTITY_COUNT

_BLANK_LINES = re.compile(r"[ \n]*\n")
_BLANKS = re.compile(r" *")
_PARAGRAPH = re.compile(r"\n[ \n]*\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"""[.!?…]["'»”’)\]]*(?=\s)|[。！？]""")
_WORD = re.compile(r"\s")
_GRAPHEME = regex.compile(r"\X")
_LOOKBACK = 256  # units; a longer grapheme is no writing of any language and may be cut


def split(rendered: Rendered, *, limit: int = MAX_PART) -> list[Rendered]:
    """Cut a text into all its parts; see `Parts`."""
    return finished(Parts(limit=limit).of(to_units(rendered.text), spans(rendered)))


class Parts:
    """Cuts one growing text into parts of at most `limit` UTF-16 units and 100 entities, never inside a grapheme.

    Breaks after a paragraph, else a line, sentence or word that leaves the part at least half full, else hard; where it
    can be helped, not inside the text of a link or inline code, nor after a heading or a colon. Entities are cut and
    shifted with the text. Only blanks at the breaks go. `limit` is at least 2. No part is blank. Parts that will stay
    as they are are cut once; from `most` parts on it stops.
    """

    def __init__(self, *, limit: int = MAX_PART, most: int | None = None) -> None:
        self._limit = limit
        self._most = most
        self._full: list[Rendered] = []
        self._place = (0, 0)  # where the part after them begins, and the first entity that is not before it

    def copy(self) -> "Parts":
        """Return another one, which knows as much."""
        other = Parts(limit=self._limit, most=self._most)
        other._full, other._place = self._full, self._place
        return other

    @property
    def full(self) -> int:
        """How many of the parts will stay as they are."""
        return len(self._full)

    def of(self, units: str, spans: Sequence[Span], *, settled: int = 0) -> Generator[None, None, list[Rendered]]:
        """Return the parts of a text, one item per UTF-16 unit, in slices of work; its first `settled` units stay."""
        found, (start, first) = list(self._full), self._place
        size = len(units.rstrip(" \n"))
        while start < size and (self._most is None or len(found) < self._most):
            while first < len(spans) and spans[first].end <= start:
                first += 1
            window = _Window(units, spans, start, first=first, size=size, limit=self._limit)
            cut = window.cut()
            part = clip(units, window.spans, start, cut)
            if part.text:
                found.append(part)
            start = window.after_blanks(cut)
            if max(start, window.limit) + 2 <= min(settled, size):
                self._full, self._place = list(found), (start, first)
            yield
        return found


class _Window:
    """As much of a text as a part can show, from `start` on."""

    def __init__(self, units: str, spans: Sequence[Span], start: int, *, first: int, size: int, limit: int) -> None:
        self.limit = start + limit
        self.spans: list[Span] = []
        self._units = units
        self._start = start
        self._size = size
        self._end = self.limit
        for index in range(first, len(spans)):
            span = spans[index]
            if span.start > self.limit:
                break
            if len(self.spans) == MAX_ENTITIES and span.start > start:
                self._end = min(span.start, self.limit)
                break
            if span.end > start:
                self.spans.append(span)
        self._whole = [span for span in self.spans if span.kind in ("text_link", "code")]

    def cut(self) -> int:
        """Return where the part ends."""
        if self._size <= self._end:
            return self._size
        code = [span for span in self.spans if span.kind == "pre"]
        headings = _headings(self.spans)
        lines = [cut for cut in self._breaks(_LINE) if not _inside(cut, self._whole)]
        for cuts in ((cut for cut in self._breaks(_PARAGRAPH) if not _inside(cut, code)), lines):
            for cut in reversed(list(cuts)):
                if not self._introduces(cut, headings):
                    return cut
        if lines:
            return lines[-1]
        for breaks in (self._sentences, self._words):
            for cut in reversed(breaks()):
                if not _inside(cut, self._whole):
                    return cut
        return self._hard()

    def after_blanks(self, cut: int) -> int:
        """Return where the part after `cut` begins: in a code block with the blanks of its first line."""
        blank_lines = _BLANK_LINES.match(self._units, cut)
        start = blank_lines.end() if blank_lines else cut
        if not any(span.kind == "pre" and span.start <= start < span.end for span in self.spans):
            blanks = _BLANKS.match(self._units, start)
            start = blanks.end() if blanks else start
        return start

    @property
    def _half(self) -> int:
        return self._start + (self._end - self._start) // 2

    def _breaks(self, pattern: re.Pattern[str]) -> list[int]:
        found = (match.start() for match in pattern.finditer(self._units, self._half, self._end + 2))
        return [cut for cut in found if self._half < cut <= self._end]

    def _sentences(self) -> list[int]:
        found = (match.end() for match in _SENTENCE.finditer(self._units, self._half, self._end + 1))
        return [cut for cut in found if cut <= self._end]

    def _words(self) -> list[int]:
        return self._breaks(_WORD)

    def _introduces(self, cut: int, headings: dict[int, int]) -> bool:
        """Tell whether the line before `cut` belongs to what follows: it is a heading or ends in a colon."""
        return self._units[cut - 1] == ":" or headings.get(self._units.rfind("\n", self._start, cut) + 1) == cut

    def _hard(self) -> int:
        """Return the last place up to the end that is inside no grapheme, and inside no link where it can be helped."""
        start, end, units = self._start, self._end, self._units
        outer = next((span for span in self._whole if start < span.start < end < span.end), None)
        if outer:
            return outer.start
        cut = max(_graphemes(units, max(start, end - _LOOKBACK), end), default=start)
        if cut > start:
            return cut
        return end - 1 if end - 1 > start and "\udc00" <= units[end] <= "\udfff" else end


def _headings(spans: Sequence[Span]) -> dict[int, int]:
    """Return the ends, by their beginnings, of what is bold (or code, between what is bold) without a gap."""
    found: dict[int, int] = {}
    begin = end = -1
    for span in spans:
        if span.kind not in ("bold", "code"):
            continue
        if span.start != end:
            begin = span.start
        end = span.end
        if span.kind == "bold" or begin in found:
            found[begin] = end
    return found


def _graphemes(units: str, start: int, end: int) -> Iterator[int]:
    """Yield the ends, up to `end`, of the graphemes of `units[start:]`."""
    if "\udc00" <= units[start] <= "\udfff":
        start += 1
    for match in _GRAPHEME.finditer(from_units(units[start : end + 2])):
        start += len(to_units(match[0]))
        if start <= end:
            yield start


def _inside(cut: int, apart: Sequence[Span]) -> bool:
    """Tell whether `cut` is inside one of the sorted spans, of which no two overlap."""
    following = bisect_left(apart, cut, key=_start)
    return following > 0 and cut < apart[following - 1].end


def _start(span: Span) -> int:
    return span.start
