"""The entities of a text as Telegram keeps them: none cross, styles are cut where others begin, 100 at the most.

After tdlib td/telegram/MessageEntity.cpp: fix_entities, split_entities, merge_new_entities, get_input_message_entities.
"""

from collections.abc import Iterable, Iterator, Sequence

from telegram_playground.text.spans import SPLITTABLE, Span, ordered

MAX_ENTITIES = 100  # MAX_USER_ENTITY_COUNT
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_CODE = frozenset({"code", "pre"})
_UNCOUNTED = "custom_emoji"
_FAR = 1 << 40  # characters: after every text


def normal(spans: Iterable[Span]) -> list[Span]:
    """Return the spans without those that cross or repeat others, and styles cut as Telegram cuts them."""
    styles, quotes, continuous = _sorted_out(spans)
    quotes = _apart(quotes)
    return _with_styles(styles, [*_beside(_apart(continuous), quotes), *quotes])


def kept(spans: Iterable[Span]) -> list[Span]:
    """Return those of the normal spans that are sent on: the first 100, styles last; the others go in silence."""
    left, result = MAX_ENTITIES, []
    styles, quotes, continuous = _sorted_out(spans)
    for span in ordered([*quotes, *continuous]):
        if span.kind == _UNCOUNTED:
            result.append(span)
        elif left:
            left -= 1
            result.append(span)
    return normal([*result, *_with_styles(styles, [])[:left]])


def with_found(spans: Sequence[Span], found: Sequence[Span]) -> list[Span]:
    """Put what was found in a text among its normal spans, as far as there is room."""
    styles, quotes, continuous = _sorted_out(spans)
    room = max(MAX_ENTITIES - len(spans), 0)
    new = [span for span in _beside(found, quotes) if not any(_overlap(span, other) for other in continuous)]
    return _with_styles(styles, [*continuous, *new[:room], *quotes])


def _sorted_out(spans: Iterable[Span]) -> tuple[list[Span], list[Span], list[Span]]:
    """Return the styles, the quotations and the others, each in order."""
    styles, quotes, continuous = list[Span](), list[Span](), list[Span]()
    for span in ordered(span for span in spans if span.end > span.start):
        (styles if span.kind in SPLITTABLE else quotes if span.kind in _QUOTES else continuous).append(span)
    return styles, quotes, continuous


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Leave out each that begins inside an earlier one."""
    result: list[Span] = []
    for span in spans:
        if not result or span.start >= result[-1].end:
            result.append(span)
    return result


def _beside(spans: Iterable[Span], quotes: Sequence[Span]) -> Iterator[Span]:
    """Leave out what crosses the border of a quotation, or has one inside."""
    at = 0
    for span in spans:
        while at < len(quotes) and quotes[at].end <= span.start:
            at += 1
        if at < len(quotes) and (quotes[at].end < span.end or span.start < quotes[at].start < span.end):
            continue
        yield span


def _with_styles(styles: Sequence[Span], others: Iterable[Span]) -> list[Span]:
    """Cut styles where another style begins and where one of the others begins or ends; there are none in code."""
    others = ordered(others)
    cutter, around = _Cutter(styles), list[Span]()
    for other in [*others, Span("", _FAR, _FAR + 1)]:
        while around and other.start >= around[-1].end:
            cutter.leave(around.pop())
        cutter.go(other.start)
        around.append(other)
    return ordered([*others, *cutter.result])


class _Cutter:
    """Goes along a text and cuts the styles on its way."""

    def __init__(self, styles: Sequence[Span]) -> None:
        self.result: list[Span] = []
        self._coming = list(reversed(styles))
        self._open: dict[str, tuple[int, int]] = {}

    def leave(self, other: Span) -> None:
        """Go to the end of another span."""
        before = len(self.result)
        self.go(other.end)
        if other.kind in _CODE:
            del self.result[before:]

    def go(self, place: int) -> None:
        """Take the styles that begin before a place, and cut there what is open."""
        while self._coming and self._coming[-1].start < place:
            style = self._coming.pop()
            start, end = self._open.get(style.kind, (0, -1))
            if style.start <= end:
                self._open[style.kind] = start, max(end, style.end)
            else:
                self._cut(style.start)
                self._open[style.kind] = style.start, style.end
        self._cut(place)

    def _cut(self, place: int) -> None:
        for kind in SPLITTABLE:
            start, end = self._open.get(kind, (place, place))
            if start >= place:
                continue
            self.result.append(Span(kind, start, min(end, place)))
            if end <= place:
                del self._open[kind]
            else:
                self._open[kind] = place, end


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
