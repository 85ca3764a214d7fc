"""Which spans of a text Telegram keeps, and where it cuts them.

After tdlib td/telegram/MessageEntity.cpp (fix_entities, split_entities): links and code never overlap, styles are cut
out of code, and where styles cross or nest each is cut where another one begins. So what goes in is what is stored, and
a message's limit of entities counts it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_CODE = frozenset({"code", "pre"})
_RANKS = {"blockquote": 0, "expandable_blockquote": 0, "pre": 10, "code": 20, "text_link": 49}
_RANKS |= {kind: 90 + number for number, kind in enumerate(STYLES)}
_FAR = 1 << 40  # units: after every text


@dataclass(slots=True)
class Span:
    """A range of UTF-16 units; `argument` is the address of a link or the language of a code block."""

    kind: str
    start: int
    end: int = -1
    argument: str | None = None


def order(kind: str, start: int, end: int) -> tuple[int, int, int]:
    """Return what Telegram sorts its entities by."""
    return start, -end, _RANKS[kind]


def stored(spans: Iterable[Span]) -> list[Span]:
    """Return `spans` as Telegram's server stores them, sorted as it sorts them; of code in a link the link stays."""
    found = sorted((span for span in spans if span.end > span.start), key=_order)
    links = [span for span in found if span.kind == "text_link"]
    codes = [span for span in found if span.kind in _CODE]
    codes = [code for code, is_inside in zip(codes, _inside(codes, links), strict=True) if not is_inside]
    quotes = _apart(span for span in found if span.kind in _QUOTES)
    closed = _apart(sorted([*links, *codes], key=_order))
    others = sorted([*quotes, *closed], key=_order)
    styles = _Styles([span for span in found if span.kind in STYLES]).split(others)
    return sorted([*others, *styles], key=_order) if styles else others


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Leave out what begins inside an earlier one."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _inside(spans: Iterable[Span], links: Sequence[Span]) -> Iterator[bool]:
    """Tell of each of the sorted `spans` whether it is inside one of the sorted `links`."""
    following = iter(links)
    link = next(following, None)
    for span in spans:
        while link and link.end <= span.start:
            link = next(following, None)
        yield link is not None and link.start <= span.start


class _Styles:
    """Cuts sorted styles: where another one begins, and where one of the other spans begins or ends."""

    def __init__(self, styles: Sequence[Span]) -> None:
        self._styles = styles
        self._next = 0
        self._open: dict[str, Span] = {}
        self._cut: list[Span] = []

    def split(self, others: Sequence[Span]) -> list[Span]:
        around: list[Span] = []
        for other in [*others, Span("", _FAR, _FAR + 1)]:
            while around and other.start >= around[-1].end:
                self._leave(around.pop())
            self._up_to(other.start)
            around.append(other)
        return self._cut

    def _leave(self, other: Span) -> None:
        """Go to the end of another span; inside code there are no styles."""
        kept = len(self._cut)
        self._up_to(other.end)
        if other.kind in _CODE:
            del self._cut[kept:]

    def _up_to(self, place: int) -> None:
        while self._next < len(self._styles) and self._styles[self._next].start < place:
            style = self._styles[self._next]
            self._next += 1
            opened = self._open.get(style.kind)
            if opened and style.start <= opened.end:
                opened.end = max(opened.end, style.end)
            else:
                self._flush(style.start)
                self._open[style.kind] = Span(style.kind, style.start, style.end)
        self._flush(place)

    def _flush(self, place: int) -> None:
        """Cut what is open at `place`."""
        for kind in [kind for kind in STYLES if kind in self._open]:
            opened = self._open[kind]
            if opened.start >= place:
                continue
            self._cut.append(Span(kind, opened.start, min(opened.end, place)))
            if opened.end <= place:
                del self._open[kind]
            else:
                opened.start = place


def _order(span: Span) -> tuple[int, int, int]:
    return order(span.kind, span.start, span.end)
