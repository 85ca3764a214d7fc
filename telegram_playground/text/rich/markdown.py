"""Rich messages written in Markdown: lines to blocks."""

import re
from collections.abc import Callable

from telegram_playground.protocol.wire import Json
from telegram_playground.text.rich.html import html_blocks
from telegram_playground.text.rich.inline import inline

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})\s*([^\s`]*)")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*)")
_DIVIDER = re.compile(r"\s{0,3}([-*_])\s*(?:\1\s*){2,}$")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,9}[.)])\s+(.*)")
_TASK = re.compile(r"\[([ xX])\]\s+(.*)", re.DOTALL)
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_TAG = re.compile(r"\s{0,3}<(details|tg-thinking|table|aside|blockquote|footer|ul|ol)\b", re.IGNORECASE)


def markdown_blocks(text: str, *, levels: int) -> list[Json]:
    """Return the blocks of a Markdown text; below `levels` everything is plain."""
    return _Reader(text.replace("\r", "").split("\n"), levels).blocks()


class _Reader:
    """Goes through the lines once."""

    def __init__(self, lines: list[str], levels: int) -> None:
        self._lines = lines
        self._at = 0
        self._levels = levels

    def blocks(self) -> list[Json]:
        found: list[Json] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip():
                self._at += 1
                continue
            begins = next((read for starts, read in self._kinds() if starts(line)), self._paragraph)
            found.append(begins())
        return found

    def _kinds(self) -> list[tuple[Callable[[str], object], Callable[[], Json]]]:
        """Return how each kind of block begins, and who reads it."""
        flat: list[tuple[Callable[[str], object], Callable[[], Json]]] = [
            (_FENCE.match, self._code),
            (lambda line: line.strip().startswith("$$"), self._formula),
            (_HEADING.match, self._heading),
            (_DIVIDER.match, self._divider),
            (lambda line: self._is_table(), self._table),
        ]
        if self._levels <= 1:
            return flat
        return [
            *flat,
            (lambda line: line.startswith(">"), self._quote),
            (_ITEM.match, self._list),
            (_TAG.match, self._html),
        ]

    def _code(self) -> Json:
        opening = _FENCE.match(self._lines[self._at])
        fence, language = (opening[1], opening[2]) if opening else ("```", "")
        self._at += 1
        start = self._at
        while self._at < len(self._lines) and not self._lines[self._at].strip().startswith(fence):
            self._at += 1
        block: Json = {"type": "pre", "text": "\n".join(self._lines[start : self._at])}
        self._at += 1
        return {**block, "language": language} if language else block

    def _formula(self) -> Json:
        rest = self._lines[self._at].strip().removeprefix("$$")
        self._at += 1
        parts = [rest]
        while "$$" not in parts[-1] and self._at < len(self._lines):
            parts.append(self._lines[self._at])
            self._at += 1
        expression = "\n".join(parts).partition("$$")[0].strip()
        return {"type": "mathematical_expression", "expression": expression}

    def _heading(self) -> Json:
        heading = _HEADING.match(self._lines[self._at])
        self._at += 1
        level, text = (len(heading[1]), heading[2].rstrip().rstrip("#").rstrip()) if heading else (1, "")
        return {"type": "heading", "text": inline(text), "size": level}

    def _divider(self) -> Json:
        self._at += 1
        return {"type": "divider"}

    def _quote(self) -> Json:
        inner = []
        while self._at < len(self._lines) and self._lines[self._at].startswith(">"):
            inner.append(self._lines[self._at][1:].removeprefix(" "))
            self._at += 1
        return {"type": "blockquote", "blocks": _Reader(inner, self._levels - 1).blocks()}

    def _list(self) -> Json:
        items: list[Json] = []
        indent: int | None = None
        while self._at < len(self._lines):
            item = _ITEM.match(self._lines[self._at])
            if not item or (indent is not None and len(item[1]) < indent):
                break
            indent = len(item[1]) if indent is None else indent
            items.append(self._item(item, len(item[0]) - len(item[3])))
        return {"type": "list", "items": items}

    def _item(self, item: re.Match[str], width: int) -> Json:
        """Read one item with the lines that are indented under it."""
        lines = [item[3]]
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at]
            indented = len(line) - len(line.lstrip()) > len(item[1])
            follows = bool(line.strip()) and indented
            if not follows and (line.strip() or not self._indented_after(len(item[1]))):
                break
            lines.append(line[min(width, len(line) - len(line.lstrip())) :])
            self._at += 1
        task = _TASK.match(lines[0])
        if task:
            lines[0] = task[2]
        label = item[2] if item[2][0].isdigit() else "•"
        result: Json = {"label": label, "blocks": _Reader(lines, self._levels - 1).blocks()}
        if task:
            result |= {"has_checkbox": True, "is_checked": task[1] != " "}
        if item[2][0].isdigit():
            result |= {"value": int(item[2][:-1]), "type": "1"}
        return result

    def _indented_after(self, indent: int) -> bool:
        """Tell whether the next line with something in it belongs to the item too."""
        for line in self._lines[self._at : self._at + 3]:
            if line.strip():
                return len(line) - len(line.lstrip()) > indent
        return False

    def _is_table(self) -> bool:
        here, rule = self._lines[self._at : self._at + 1], self._lines[self._at + 1 : self._at + 2]
        return bool(rule) and "|" in here[0] and "-" in rule[0] and _TABLE_RULE.match(rule[0]) is not None

    def _table(self) -> Json:
        aligns = [_align(cell) for cell in _cells(self._lines[self._at + 1])]
        rows: list[list[Json]] = []
        header = True
        while self._at < len(self._lines) and "|" in self._lines[self._at]:
            if len(rows) != 1 or not header:
                cells = _cells(self._lines[self._at])
                rows.append([_cell(cell, aligns, column, header=header) for column, cell in enumerate(cells)])
            else:
                header = False
            self._at += 1
        return {"type": "table", "cells": rows}

    def _html(self) -> Json:
        """Read a block of HTML up to its end tag."""
        tag = _TAG.match(self._lines[self._at])
        end = f"</{tag[1].lower() if tag else ''}>"
        start = self._at
        while self._at < len(self._lines) and end not in self._lines[self._at].lower():
            self._at += 1
        self._at += 1
        blocks = html_blocks("\n".join(self._lines[start : self._at]), levels=self._levels)
        return blocks[0] if len(blocks) == 1 else {"type": "blockquote", "blocks": blocks}

    def _paragraph(self) -> Json:
        lines = [self._lines[self._at].strip()]
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip() or any(starts(line) for starts, _ in self._kinds()):
                break
            lines.append(line.strip())
            self._at += 1
        return {"type": "paragraph", "text": inline("\n".join(lines))}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _align(rule: str) -> str:
    if rule.endswith(":"):
        return "center" if rule.startswith(":") else "right"
    return "left"


def _cell(text: str, aligns: list[str], column: int, *, header: bool) -> Json:
    align = aligns[column] if column < len(aligns) else "left"
    cell: Json = {"align": align, "valign": "top", "text": inline(text)}
    return {**cell, "is_header": True} if header else cell
