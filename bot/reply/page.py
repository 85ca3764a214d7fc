"""Page: a text as it is shown in parts, rendered and cut no further than they go; pure."""

import re
from bisect import bisect_left
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from bot.reply.markdown.canvas import Canvas
from bot.reply.markdown.nesting import Span
from bot.reply.markdown.painting import Painting
from bot.reply.markdown.rendered import Rendered, from_units, to_units
from bot.reply.markdown.renderer import WINDOW, Renderer
from bot.reply.markdown.source import normal, pieces
from bot.reply.marks import CURSOR
from bot.reply.split import MAX_PART, Parts

LIMIT = MAX_PART - len(CURSOR)  # UTF-16 units of a part: the cuts keep room for the cursor
STRIDE = 512  # characters: fewer are read again and again
ROUGHLY = 0.5  # of the last part: where whole lines fill less, words are taken

_LINE = re.compile(r"\n")
_GAP = "\n\n"
_WORD = re.compile(r"\S{1,1000}\s?")


@dataclass(frozen=True, slots=True)
class _Best:
    """The longest beginning of a text that is known to fit."""

    end: int
    parts: list[Rendered]


@dataclass(frozen=True, slots=True)
class _Fit:
    """The beginning of a text, whole blocks of it, that fits in the parts there may be."""

    painting: Painting
    cutter: Parts


class Page:
    """The parts of one growing text: at most `most`, and one more where that is not all of it.

    `limit`: UTF-16 units of one. Its methods do their work in slices.
    """

    def __init__(self, most: int, *, limit: int = LIMIT) -> None:
        self._most = most
        self._limit = limit
        self._renderer = Renderer()
        self._beginning = 0  # which of the renderer's texts the parts are of
        self._cutter = self._fresh()
        self._fit = _Fit(Painting(), self._fresh())
        self._quote = ""
        self._units = ""  # of what stands above the text
        self._spans: tuple[Span, ...] = ()

    def stands_under(self, quote: str) -> None:
        """Put a quotation, as it is written, above the text: folded, and none of it."""
        if quote == self._quote:
            return
        self._quote = quote
        canvas = Canvas()
        canvas.open("expandable_blockquote")
        canvas.write("\n".join(line.strip() for line in quote.splitlines()).strip())
        canvas.close()
        units = canvas.units()
        self._units = f"{units}{_GAP}" if units else ""
        self._spans = tuple(canvas.stored()) if units else ()
        self._cutter = self._fresh()
        self._fit = _Fit(Painting(), self._fresh())

    def _cut_under(
        self, cutter: Parts, units: str, spans: Sequence[Span], *, settled: int = 0, plain: bool = False
    ) -> Generator[None, None, list[Rendered]]:
        """Return the parts of a painted text with what stands above it, once there is text."""
        if not self._units:
            return (yield from cutter.of(units, spans, settled=settled))
        if not units.strip():
            return []
        size = len(self._units)
        moved = [replace(span, start=span.start + size, end=span.end + size) for span in spans]
        above = () if plain else self._spans
        return (yield from cutter.of(self._units + units, [*above, *moved], settled=settled + size if settled else 0))

    def parts(self, text: str, *, is_final: bool, plain: bool = False) -> Generator[None, None, list[Rendered]]:
        """Return the parts of a text, a final one or one that goes on; `plain`: as it is written."""
        if plain:
            written = yield from _as_written(text)
            return (yield from self._cut_under(self._fresh(), written.units, (), plain=True))
        work, settled = self._renderer.paint(text, partial=not is_final), self._renderer.settled
        while True:
            try:
                next(work)
            except StopIteration as end:
                return (yield from self._cut(end.value))
            yield
            if settled is not self._renderer.settled:
                settled = self._renderer.settled
                parts = yield from self._cut(settled)
                if len(parts) > self._most <= self._cutter.full:
                    return parts

    def fitting(self, text: str, *, plain: bool = False) -> Generator[None, None, tuple[str, str, list[Rendered]]]:
        """Cut a final text that is too long: return what fits, in whole lines or else words, the rest, and the parts of
        what fits. `parts` was asked for it before.
        """
        text = yield from normal(text)
        fit = _Fit(Painting(), self._fresh()) if plain else self._fit
        parts = yield from self._cut_under(fit.cutter.copy(), fit.painting.units, fit.painting.spans, plain=plain)
        best = _Best(fit.painting.end, parts)
        end = len(text) if plain else best.end + WINDOW
        for unit in (_LINE, _WORD):
            if unit is _LINE or len(best.parts) < self._most or len(best.parts[-1].text) < self._limit * ROUGHLY:
                places = [match.end() for match in unit.finditer(text, best.end, end)]
                best = yield from self._last(text, places, best, fit, plain=plain)
        return text[: best.end], text[best.end :], best.parts

    def _last(
        self, text: str, places: Sequence[int], best: _Best, fit: _Fit, *, plain: bool
    ) -> Generator[None, None, _Best]:
        """Return the last of the ascending `places` up to which the text fits, found by halving from guesses on.

        What fits is not read again for the places behind it, as far as its blocks are complete.
        """
        low, high, step = 0, len(places), 4
        middle, is_guessed = bisect_left(places, best.end + self._room(fit, best)), False
        while low < high:
            middle = min(max(middle, low), high - 1)
            head = text[: places[middle]]
            painting = yield from _as_written(head) if plain else Renderer(text, fit.painting).paint(head)
            parts = yield from self._cut_under(fit.cutter.copy(), painting.units, painting.spans, plain=plain)
            if len(parts) <= self._most:
                low, best = middle + 1, _Best(len(head), parts)
                middle = min((low + high) // 2, low + step)
                if not plain and len(head) - fit.painting.end > STRIDE:
                    renderer = Renderer(text, fit.painting)
                    yield from renderer.paint(head, partial=True)
                    fit = replace(fit, painting=renderer.settled)
            elif is_guessed:
                high = middle
                middle = max((low + high) // 2, high - step)
            else:
                high, is_guessed, step = middle, True, 1
                middle = bisect_left(places, self._fitted(fit, painting, parts, len(head)))
            step *= 4
        return best

    def _room(self, fit: _Fit, best: _Best) -> int:
        """Return roughly how many characters more will fit."""
        free = self._limit * self._most - sum(len(part.text) for part in best.parts)
        return free * fit.painting.end // max(len(fit.painting.units), 1) if fit.painting.end else free

    def _fitted(self, fit: _Fit, painting: Painting, parts: Sequence[Rendered], end: int) -> int:
        """Return roughly how many characters of a text of `end` fit, whose painting has these parts and too many."""
        units, settled = len(painting.units), len(fit.painting.units)
        shown = sum(len(part.text) for part in parts[: self._most])
        return fit.painting.end + (end - fit.painting.end) * max(shown - settled, 0) // max(units - settled, 1)

    def _cut(self, painting: Painting) -> Generator[None, None, list[Rendered]]:
        if self._beginning != self._renderer.beginning:
            self._beginning = self._renderer.beginning
            self._cutter = self._fresh()
            self._fit = _Fit(Painting(), self._fresh())
        settled = self._renderer.settled
        parts = yield from self._cut_under(self._cutter, painting.units, painting.spans, settled=len(settled.units))
        if len(parts) <= self._most:
            self._fit = _Fit(settled, self._cutter.copy())
        return parts

    def _fresh(self) -> Parts:
        return Parts(limit=self._limit, most=self._most + 1)


def beneath(part: Rendered) -> Rendered:
    """Return a first part without the folded quotation above it."""
    first = part.entities[0] if part.entities else None
    if first is None or first.type != "expandable_blockquote" or first.offset:
        return part
    below = from_units(to_units(part.text)[first.length :])
    cut = first.length + len(to_units(below)) - len(to_units(below.lstrip()))
    kept = (each for each in part.entities[1:] if each.offset >= cut)
    moved = (each.model_copy(update={"offset": each.offset - cut}) for each in kept)
    return Rendered(below.strip(), tuple(moved))


def _as_written(text: str) -> Generator[None, None, Painting]:
    units = []
    for piece in pieces(text.strip()):
        canvas = Canvas()
        canvas.write(piece)
        units.append(canvas.units())
        yield
    return Painting(units="".join(units))
