"""Rich messages written in HTML: tags to blocks. What is not closed ends with the text."""

import re
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from telegram_playground.protocol.wire import Json
from telegram_playground.text.links import checked_link
from telegram_playground.text.rich.inline import RichText, joined, plain_text

_INLINE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TEXT_BLOCKS = {
    "p": "paragraph",
    "footer": "footer",
    "pre": "pre",
    "tg-thinking": "thinking",
    "aside": "pullquote",
    "summary": "summary",
} | {f"h{size}": "heading" for size in range(1, 7)}
_BLOCKS = {"blockquote": "blockquote", "details": "details", "ul": "list", "ol": "list", "li": "item"}
_TABLE = frozenset({"table", "tr", "td", "th"})
_IMPLIED = {"li": {"li"}, "td": {"td", "th"}, "th": {"td", "th"}, "p": {"p"}}  # what a start tag ends
_VOID = frozenset({"br", "hr", "img"})
_PLAIN = re.compile(r"&(?=#[0-9]{8,})|<(?=!\[)")  # no character, no tag: the parser fails at some of these


@dataclass(slots=True)
class _Node:
    """An open tag and what is in it so far: pieces of text, or blocks."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    pieces: list[RichText] = field(default_factory=list)
    blocks: list[Json] = field(default_factory=list)
    words: Json = field(default_factory=dict)


def html_blocks(text: str, *, levels: int) -> list[Json]:
    """Return the blocks of an HTML text; tags below `levels` are passed over."""
    builder = _Builder(levels)
    builder.feed(_PLAIN.sub(lambda found: escape(found[0]), text))
    builder.close()
    return builder.finish()


class _Builder(HTMLParser):
    """Builds the tree while the parser goes."""

    def __init__(self, levels: int) -> None:
        super().__init__(convert_charrefs=True)
        self._stack = [_Node("")]
        self._deepest = 4 * levels

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._stack[-1].pieces.append("\n")
        elif tag == "hr":
            self._flush()
            self._stack[-1].blocks.append({"type": "divider"})
        elif tag not in _VOID and len(self._stack) < self._deepest:
            if tag in _IMPLIED and self._stack[-1].tag in _IMPLIED[tag]:
                self._close()
            if tag in _TEXT_BLOCKS or tag in _BLOCKS or tag in _TABLE or tag == "tg-math-block":
                self._flush()
            self._stack.append(_Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self._stack[1:]):
            while self._close().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        node = self._stack[-1]
        kept = any(open_node.tag in ("pre", "code") for open_node in self._stack)
        if kept:
            node.pieces.append(data)
        elif data.strip() or node.pieces:
            node.pieces += plain_text(" ".join(data.split("\n")))

    def finish(self) -> list[Json]:
        """Close everything and return the blocks."""
        while len(self._stack) > 1:
            self._close()
        self._flush()
        return self._stack[0].blocks

    def _flush(self) -> None:
        """Turn loose text into a paragraph, where blocks are."""
        node = self._stack[-1]
        holds_blocks = node.tag in ("", "td", "th") or node.tag in _BLOCKS
        if holds_blocks and node.tag not in ("td", "th", "ul", "ol") and node.pieces:
            if any(not isinstance(piece, str) or piece.strip() for piece in node.pieces):
                node.blocks.append({"type": "paragraph", "text": joined(node.pieces)})
            node.pieces = []

    def _close(self) -> _Node:
        """End the innermost tag and put what it makes into the one around it."""
        self._flush()
        node = self._stack.pop()
        outer, text = self._stack[-1], joined(node.pieces)
        if node.tag == "code" and outer.tag == "pre":
            language = node.attributes.get("class", "")
            outer.words["language"] = language.removeprefix("language-") if language.startswith("language-") else ""
            outer.pieces += node.pieces
        elif node.tag in _INLINE and text != "":
            outer.pieces.append({"type": _INLINE[node.tag], "text": text})
        elif node.tag == "a" and text != "":
            url = checked_link(node.attributes.get("href", ""))
            outer.pieces.append({"type": "url", "text": text, "url": url} if url else text)
        elif node.tag == "tg-math":
            outer.pieces.append({"type": "mathematical_expression", "expression": "".join(map(str, node.pieces))})
        elif node.tag == "summary":
            outer.words["summary"] = text
        else:
            self._close_block(node, outer, text)
        return node

    def _close_block(self, node: _Node, outer: _Node, text: RichText) -> None:
        tag = node.tag
        if tag == "pre":
            language = node.words.get("language")
            outer.blocks.append({"type": "pre", "text": text, **({"language": language} if language else {})})
        elif tag in _TEXT_BLOCKS:
            size = {"size": int(tag[1])} if _TEXT_BLOCKS[tag] == "heading" else {}
            outer.blocks.append({"type": _TEXT_BLOCKS[tag], "text": text, **size})
        elif tag == "blockquote" and "expandable" in node.attributes:
            outer.blocks.append({"type": "expandable_blockquote", "text": _flat(node.blocks)})
        elif tag == "blockquote":
            outer.blocks.append({"type": "blockquote", "blocks": node.blocks})
        elif tag == "details":
            summary = node.words.get("summary", "")
            opened = {"is_open": True} if "open" in node.attributes else {}
            outer.blocks.append({"type": "details", "summary": summary, "blocks": node.blocks, **opened})
        elif tag == "li":
            outer.blocks.append(
                {"label": f"{len(outer.blocks) + 1}." if outer.tag == "ol" else "•", "blocks": node.blocks}
            )
        elif tag in ("ul", "ol"):
            outer.blocks.append({"type": "list", "items": [item for item in node.blocks if "label" in item]})
        elif tag == "tg-math-block":
            expression = "".join(map(str, node.pieces))
            outer.blocks.append({"type": "mathematical_expression", "expression": expression})
        elif tag in _TABLE:
            _close_table(node, outer, text)
        else:
            outer.pieces += node.pieces
            outer.blocks += node.blocks


def _close_table(node: _Node, outer: _Node, text: RichText) -> None:
    if node.tag in ("td", "th"):
        cell: Json = {"align": node.attributes.get("align", "left"), "valign": "top", "text": text}
        outer.blocks.append({**cell, "is_header": True} if node.tag == "th" else cell)
    elif node.tag == "tr":
        outer.blocks.append({"row": [cell for cell in node.blocks if "align" in cell]})
    else:
        rows = [row["row"] for row in node.blocks if "row" in row]
        kinds = {f"is_{kind}": True for kind in ("bordered", "striped", "compact") if kind in node.attributes}
        outer.blocks.append({"type": "table", "cells": rows, **kinds})


def _flat(blocks: list[Json]) -> RichText:
    return joined([block["text"] for block in blocks if "text" in block])
