"""Painting: the beginning of a source, and what it looks like for good."""

from dataclasses import dataclass, replace

from bot.reply.markdown.canvas import Canvas
from bot.reply.markdown.nesting import Span
from bot.reply.markdown.rendered import Rendered, clip


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of a source has to know of the part above it.

    `line` is the last line above (None: nothing is above), `gap` what parts the rest from it where the source was cut
    inside a line, `number` that of the next item where it was cut inside a list. Where it was cut inside a block,
    `lines` are read once more above the rest (the fence of a code block, the head of a table), and `indent` blanks are
    not read at the beginning of each line (of a list's item).
    """

    line: str | None = None
    gap: str | None = None
    number: int | None = None
    lines: str = ""
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Painting:
    """The first `end` characters of a source, as one item per UTF-16 unit and spans, not trimmed."""

    end: int = 0
    units: str = ""
    spans: tuple[Span, ...] = ()
    context: Context = Context()

    def plus(self, canvas: Canvas) -> "Painting":
        """Return this one with what a canvas of this size shows."""
        return replace(self, units=self.units + canvas.units(), spans=(*self.spans, *canvas.stored()))

    def rendered(self) -> Rendered:
        """Return what Telegram's server makes of it: trimmed, and empty where there is nothing to see."""
        return clip(self.units, self.spans, 0, len(self.units))
