"""What a line of Markdown looks like in Telegram: styles, links, images, inline code and formulas."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from bot.reply.markdown import latex
from bot.reply.markdown.canvas import Canvas

_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough", "spoiler": "spoiler"}
_LINKABLE = re.compile(r"https?://[^/?#]*\.(?=.{,2000}$)", re.IGNORECASE)  # tdlib LinkManager.cpp, check_link_impl
_ABSOLUTE = re.compile(r"(?:mailto:|tel:)?((?<=:).+|[a-z][a-z0-9+.-]+:.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Link:
    address: str
    start: int  # the piece of the canvas that its text begins with


class Pen:
    """Writes the tokens of one text on a canvas, lines after the first with an indent."""

    def __init__(self, canvas: Canvas, indent: str = "") -> None:
        self._canvas = canvas
        self._break = "\n" + indent
        self._link: _Link | None = None

    def write(self, tokens: Sequence[Token]) -> None:
        canvas = self._canvas
        for token in tokens:
            match token.type:
                case "text" | "text_special":
                    canvas.write(token.content.replace("\n", self._break))
                case "hardbreak":
                    canvas.write(self._break)
                case "code_inline":
                    canvas.open("code")
                    canvas.write(token.content)
                    canvas.close()
                case "formula":
                    canvas.write(latex.readable(token.content).replace("\n", self._break))
                case "link_open":
                    self._open_link(str(token.attrs["href"]))
                case "link_close":
                    self._close_link()
                case "image":
                    self._image(token)
                case _ if token.nesting > 0:
                    canvas.open(_STYLES[token.type.removesuffix("_open")])
                case _:
                    canvas.close()

    def _open_link(self, address: str) -> None:
        self._link = _Link(address, len(self._canvas.pieces))
        if _LINKABLE.match(address):
            self._canvas.open("text_link", address)

    def _close_link(self) -> None:
        """End a link: show its address where Telegram makes no link of it, or where it has no text."""
        canvas, link, self._link = self._canvas, self._link, None
        if link is None:
            return
        text = "".join(canvas.pieces[link.start :])
        if not text.strip():
            canvas.write(link.address)
        if _LINKABLE.match(link.address):
            canvas.close()
        elif text.strip() and (absolute := _ABSOLUTE.fullmatch(link.address)) and absolute[1] not in text:
            canvas.write(f" ({absolute[1]})")

    def _image(self, token: Token) -> None:
        """Show an image as a link, or as the text of the link around it: Telegram has no links in links."""
        address, around = str(token.attrs["src"]), self._link
        linkable = bool(_LINKABLE.match(address)) and not around
        if linkable:
            self._canvas.open("text_link", address)
        self._canvas.write("🖼 ")
        self.write(token.children or [Token("text", "", 0, content=address.rpartition("/")[2])])
        self._link = around
        if linkable:
            self._canvas.close()
