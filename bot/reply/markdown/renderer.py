"""Markdown shown with Telegram's entities: `render` for a text, `Renderer` for one that grows."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from markdown_it.token import Token

from bot.reply.markdown import dialect, growing
from bot.reply.markdown.canvas import Canvas
from bot.reply.markdown.excerpt import Excerpt, cut, inside
from bot.reply.markdown.painter import Painter
from bot.reply.markdown.painting import Painting
from bot.reply.markdown.rendered import Rendered
from bot.reply.markdown.source import normal
from bot.slices import finished

WINDOW = 8192  # characters that are read at once; a block that is longer is cut
LINES = 512  # the same


def render(markdown: str, *, partial: bool = False) -> Rendered:
    """Return what `markdown` looks like, cleaned and trimmed as Telegram will store it; any text is valid.

    `partial` says that the text is still growing: marks at its end whose meaning only the next characters will tell are
    held back, and what is open there is shown as if it were closed.
    """
    return Renderer().render(markdown, partial=partial)


class Renderer:
    """Renders one growing text again and again, each time only the blocks that can still change.

    What it returns equals what `render` returns. A text that does not continue the last one is rendered from its start.
    No more than `WINDOW` characters are read at once, so that no text takes more than its share of time.
    """

    def __init__(self, source: str = "", settled: Painting | None = None) -> None:
        self._source = source
        self.settled = settled or Painting()  # the part of the text that will stay as it is
        self.beginning = 0  # how many times a text did not continue the last one

    def render(self, markdown: str, *, partial: bool = False) -> Rendered:
        """Do what `render` does."""
        return finished(self.paint(markdown, partial=partial)).rendered()

    def paint(self, markdown: str, *, partial: bool = False) -> Generator[None, None, Painting]:
        """Return what `markdown` looks like, in slices of work; `settled` grows as they are done."""
        source = yield from normal(markdown, partial=partial)
        if not source.startswith(self._source[: self.settled.end]):
            self.settled = Painting()
            self.beginning += 1
        self._source = source
        while window := _window(source, self.settled.end):
            yield from self._advance(window)
        rest = source[self.settled.end :]
        excerpt = Excerpt.of(growing.hold(rest) if partial else rest, self.settled.context)
        tokens = yield from dialect.parse(excerpt.text, partial=partial)
        last = _last_block(tokens, excerpt.text) if partial else 0
        painter = Painter(excerpt.text, self.settled.context)
        if last:
            self._keep(painter, tokens[:last], excerpt, line=_first_line(tokens[last]))
        canvas = Canvas(size=len(self.settled.units))
        painter.paint(tokens[last:], canvas, partial=partial)
        return self.settled.plus(canvas)

    def _advance(self, window: str) -> Generator[None, None, None]:
        """Settle the blocks of a window, without the last, which may go on behind it; a block that fills it is cut."""
        context = self.settled.context
        excerpt = Excerpt.of(growing.hold(window), context)
        tokens = yield from dialect.parse(excerpt.text, partial=True)
        if last := _last_block(tokens, excerpt.text):
            self._keep(Painter(excerpt.text, context), tokens[:last], excerpt, line=_first_line(tokens[last]))
            yield
            return
        excerpt = Excerpt.of(cut(window), context)
        tokens = yield from dialect.parse(excerpt.text, partial=False)
        self._keep(Painter(excerpt.text, context), tokens, excerpt)
        self.settled = replace(self.settled, context=inside(tokens, excerpt, self.settled.context))
        yield

    def _keep(self, painter: Painter, tokens: Sequence[Token], excerpt: Excerpt, *, line: int | None = None) -> None:
        """Settle the blocks above a line of an excerpt (None: all of it)."""
        canvas = Canvas(size=len(self.settled.units))
        painter.paint(tokens, canvas, partial=False)
        text, context = excerpt.above(line)
        end = self.settled.end + len(text)
        self.settled = replace(self.settled.plus(canvas), end=end, context=replace(context, number=painter.number))


def _window(source: str, start: int) -> str:
    """Return what of the source is read at once, nothing where that is the whole rest of it."""
    window = source[start : start + WINDOW]
    if window.count("\n") >= LINES:
        window = "".join(line + "\n" for line in window.split("\n", LINES)[:LINES])
    return window if start + len(window) < len(source) else ""


def _last_block(tokens: Sequence[Token], source: str) -> int:
    """Return the index of the last block, or item of a list, that will stay one of its own; 0 if it is the first.

    Its first line is complete, so nothing that follows can join it to what is before.
    """
    lines = source.count("\n")
    for index in range(len(tokens) - 1, 0, -1):
        token = tokens[index]
        if token.nesting < 0 or not token.map or token.map[0] >= lines or token.meta.get("open"):
            continue
        if token.level == 0 or (token.level == 1 and token.type == "list_item_open" and tokens[index - 1].nesting < 0):
            return index
    return 0


def _first_line(token: Token) -> int:
    return token.map[0] if token.map else 0
