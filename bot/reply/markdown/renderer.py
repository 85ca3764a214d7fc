"""Markdown shown with Telegram's entities: `render` for a text, `Renderer` for one that grows."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import MessageEntity
from markdown_it.token import Token

from bot.reply.markdown import dialect, growing
from bot.reply.markdown.canvas import Canvas
from bot.reply.markdown.painter import Painter
from bot.reply.markdown.rendered import Rendered, trimmed

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_RING = "\u030a"
_HIGH_SURROGATE = re.compile("[\ud800-\udbff]$")


def render(markdown: str, *, partial: bool = False) -> Rendered:
    """Return what `markdown` looks like, cleaned and trimmed as Telegram will store it; any text is valid.

    `partial` says that the text is still growing: marks at its end whose meaning only the next characters will tell are
    held back, and what is open there is shown as if it were closed.
    """
    return Renderer().render(markdown, partial=partial)


class Renderer:
    """Renders one growing text again and again, each time only the blocks that can still change.

    What it returns equals what `render` returns. A text that does not continue the last one is rendered from its start.
    """

    def __init__(self) -> None:
        self._settled = _Painting()

    def render(self, markdown: str, *, partial: bool = False) -> Rendered:
        """Do what `render` does."""
        source = _normal(markdown, partial=partial)
        if not source.startswith(self._settled.source):
            self._settled = _Painting()
        source = source[len(self._settled.source) :]
        if partial:
            source = growing.hold(source)
        tokens = dialect.parse(source, partial=partial)
        painter = Painter(source, self._settled.last_line, number=self._settled.number)
        last = _last_block(tokens, source) if partial else 0
        if last:
            canvas = Canvas(size=self._settled.size)
            painter.paint(tokens[:last], canvas, partial=False)
            self._settled = self._settled.plus(canvas, _before(source, tokens[last]), painter.number)
        canvas = Canvas(size=self._settled.size)
        painter.paint(tokens[last:], canvas, partial=partial)
        painting = self._settled.plus(canvas)
        return trimmed(painting.text, painting.entities)


@dataclass(frozen=True, slots=True)
class _Painting:
    """A source and what it looks like, not trimmed."""

    source: str = ""
    text: str = ""
    entities: tuple[MessageEntity, ...] = ()
    size: int = 0  # of the text, in UTF-16 units
    number: int | None = None  # of the next item, where it ends inside a list

    @property
    def last_line(self) -> str | None:
        return self.source[:-1].rpartition("\n")[2] if self.source else None

    def plus(self, canvas: Canvas, source: str = "", number: int | None = None) -> "_Painting":
        painted = canvas.rendered()
        text, entities = self.text + painted.text, self.entities + painted.entities
        return _Painting(self.source + source, text, entities, canvas.size, number)


def _normal(markdown: str, *, partial: bool) -> str:
    """Return `markdown` with line ends as line feeds and surrogates in pairs; half a pair at the end may still grow.

    A ring that is a character of its own is joined with its letter, because Telegram takes it away.
    """
    if _SURROGATES.search(markdown):
        if partial:
            markdown = _HIGH_SURROGATE.sub("", markdown)
        markdown = markdown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if _RING in markdown:
        markdown = unicodedata.normalize("NFC", markdown)
    return _LINE_ENDS.sub("\n", markdown)


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


def _before(source: str, token: Token) -> str:
    """Return the lines of `source` above `token`."""
    lines = source.split("\n")[: token.map[0] if token.map else 0]
    return "".join(line + "\n" for line in lines)
