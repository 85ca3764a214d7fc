"""The documents that cost the most to lay out: what a model, or somebody who makes it, can write to hold the bot up."""

from collections.abc import Callable, Mapping
from itertools import count

Maker = Callable[[int], str]  # the number of characters wanted → a document of that many


def documents(size: int) -> dict[str, str]:
    """Return the documents, each of `size` characters, by their names."""
    return {name: make(size)[:size] for name, make in _MAKERS.items()}


def _repeated(piece: str) -> Maker:
    return lambda size: piece * (size // len(piece) + 1)


def _numbered(piece: str) -> Maker:
    """Repeat a piece with a number in it, so that no two are the same."""

    def make(size: int) -> str:
        pieces, length = [], 0
        for number in count(1):
            pieces.append(piece.replace("N", str(number)))
            length += len(pieces[-1])
            if length >= size:
                break
        return "".join(pieces)

    return make


def _headed(head: str, body: str) -> Maker:
    return lambda size: head + _numbered(body)(size)


def _nested(opening: str, closing: str = "", *, deep: int = 0) -> Maker:
    """Nest one construct in itself: as deep as the size allows, or again and again `deep` times."""

    def make(size: int) -> str:
        if not deep:
            times = size // (len(opening) + len(closing))
            return opening * times + "x" + closing * times
        return _repeated(opening * deep + "x" + closing * deep + "\n\n")(size)

    return make


def _growing_runs(sign: str, between: str = " ") -> Maker:
    def make(size: int) -> str:
        pieces, length = [], 0
        for number in count(1):
            pieces.append(sign * number + between)
            length += number + len(between)
            if length >= size:
                break
        return "".join(pieces)

    return make


def _stairs(marker: str) -> Maker:
    """Nest lists as models do: each item deeper than the one before, then back to the margin."""
    return _repeated("".join(f"{'  ' * depth}{marker} item **{depth}** of `a list`\n" for depth in range(24)))


_STYLED = "**bN** *iN* `cN` ~~sN~~ ||pN|| [lN](https://example.org/N) "

_MAKERS: Mapping[str, Maker] = {
    # what models write
    "prose": _repeated("Some words of a sentence, and **a few** more of them that follow.\n"),
    "paragraphs": _numbered("Paragraph N says *little*, in `few` words.\n\n"),
    "styles": _numbered(_STYLED),
    "styled lines": _numbered(_STYLED + "\n"),
    "table": _headed("| a | b | c |\n|---|---|---|\n", "| N | **bN** | `cN` and *d* |\n"),
    "narrow table": _headed("|a|b|\n|-|-|\n", "|N|`x`|\n"),
    "wide table": _headed("|a" * 30 + "|\n" + "|-" * 30 + "|\n", "|N" + "|`x` **y**" * 29 + "|\n"),
    "short rows": _headed("|a" * 31 + "|\n" + "|-" * 31 + "|\n", "|N\n"),
    "small tables": _numbered("| a | b |\n|---|---|\n| `N` | **x** |\n\n"),
    "list": _numbered("- item **N** with `code` and [a link](https://example.org/N)\n"),
    "loose list": _numbered("- item N\n\n  more of **N**\n\n"),
    "numbered list": _numbered("N. *first* `second`\n"),
    "nested list": _stairs("-"),
    "nested numbers": _stairs("1."),
    "list without end": _headed("- a\n", "  line N of **one** item\n"),
    "headings": _numbered("## Heading N\n"),
    "quotes": _numbered("> quote **N**\n\n"),
    "one quote": _numbered("> line `N`\n"),
    "quoted list": _numbered("> - item `N`\n"),
    "code block": _headed("```py\n", "line_N = 'x' * N  # **no bold**\n"),
    "code blocks": _numbered("```py\nx = N\n```\n"),
    "indented code": _numbered("    x = N\n"),
    "links": _numbered("[link N](https://example.org/N) "),
    "images": _numbered("![image N](https://example.org/N.png)\n"),
    "inline code": _repeated("`x` "),
    "formulas": _numbered("Then $x_N^2 = \\frac{a}{b}$, and \\(\\alpha_N\\).\n"),
    "displayed formulas": _numbered("$$\n\\sum_{i=1}^{N} \\frac{i^2}{\\sqrt{N}}\n$$\n\n"),
    "one formula": _repeated("\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} "),
    "rules": _repeated("---\n"),
    "addresses": _numbered("https://example.org/N?a=b_c_d "),
    "tasks": _numbered("- [x] task N\n"),
    "windows lines": _numbered("## N\r\n- a `b`\r\n\r\n"),
    # long texts without a place to break
    "one line": _repeated("word "),
    "no blanks": _repeated("x"),
    "no blanks, bold": _repeated("x**b**y"),
    "one styled line": _repeated("**b** *i* "),
    "Chinese": _repeated("漢字**仮名**交じり文。"),
    "mixed scripts": _repeated("abc где עברית العربية 漢字 ไทย हिन्दी **b** "),
    "emoji": _repeated("😀"),
    "families": _repeated("👩‍👩‍👧‍👦"),
    "flags": _repeated("🇩🇪"),
    "accents": _repeated("e" + "\u0301" * 40),
    "only accents": _repeated("\u0301"),
    "joined": _repeated("😀\u200d"),
    "direction marks": _repeated("\u200e\u200fa"),
    "surrogates": _repeated("\ud83d"),
    "surrogates and letters": _repeated("\ud83da"),
    "rings": _repeated("a\u030a"),
    "rings and marks": lambda size: "a\u030a" + _repeated("\u0301\u0327")(size),
    "carriage returns": _repeated("\r"),
    "blank lines": _repeated("\n"),
    "blanks": _repeated(" "),
    "lines of blanks": _repeated("    \n"),
    "tabs": _repeated("\t- x\n"),
    "letters in lines": _repeated("x\n"),
    "colons": _repeated("x:\n"),
    "colons in paragraphs": _repeated("x:\n\n"),
    "bold lines": _repeated("**x**\n"),
    "control signs": _repeated("\x01\x1f\u2028\u202e"),
    # made against the parser
    "brackets": _repeated("["),
    "closed brackets": _nested("[", "]"),
    "pairs of brackets": _repeated("[]"),
    "open links": _repeated("[a]("),
    "links in links": _nested("[", "](http://a.b)"),
    "images in images": _nested("![", "](http://a.b)"),
    "labels": lambda size: "a\n\n" + _repeated("[x]![")(size),
    "unfinished addresses": _repeated("[a](b"),
    "images of links": _repeated("![[](a)"),
    "link titles": _repeated("[a](b 'c "),
    "angle links": _repeated("[a](<b"),
    "bangs": _repeated("!["),
    "stars": _repeated("*"),
    "stars and lines": _repeated("*_"),
    "open bold": _repeated("**a "),
    "open italics": _repeated("*a "),
    "closing stars": _repeated("a* "),
    "mixed marks": _repeated("*a **b _c ~~d ||e "),
    "bold in bold": _nested("**a ", " b**"),
    "italic in bold": _repeated("**a *b* c** "),
    "runs of stars": _growing_runs("*", "a"),
    "tildes": _repeated("~~a "),
    "bars": _repeated("||a "),
    "runs of tildes": _growing_runs("~", "a"),
    "runs of bars": _growing_runs("|", "a"),
    "backticks": _growing_runs("`", " "),
    "backticks in lines": _growing_runs("`", "\n"),
    "open backticks": _repeated("`a``b```c"),
    "backslashes": _repeated("\\"),
    "escapes": _repeated("\\*\\_\\["),
    "dollars": _repeated("$"),
    "open dollars": _repeated("$a "),
    "double dollars": _repeated("$$a "),
    "open parentheses": _repeated("\\( "),
    "open displays": _repeated("\\[\n"),
    "environments": _repeated("\\begin{a}"),
    "environment lines": _repeated("\\begin{a}\n"),
    "deep formula": lambda size: _repeated("$$" + "\\frac{" * 600 + "$$\n\n")(size),
    "deep roots": _repeated("$" + "\\sqrt{" * 500 + "x" + "}" * 500 + "$ "),
    "angles": _repeated("<"),
    "html": _repeated("<b>bold</b> <a href='x'> <!-- <![CDATA[ <? "),
    "open comments": _repeated("<!-- a "),
    "autolinks": _repeated("<https://a.b/"),
    "autolinks, closed": _numbered("<https://a.b/N> "),
    "characters": _repeated("&#123;&amp;&x;"),
    "ampersands": _repeated("&"),
    "colons and slashes": _repeated("http://"),
    "dunders": _repeated("__a"),
    "dunder words": _repeated("__a_b_c_d"),
    "quotes in quotes": _nested(">", deep=0),
    "quotes of quotes": _nested("> ", deep=40),
    "deep lines": _repeated("> " * 200 + "a\n"),
    "lists in lists": _nested("- ", deep=40),
    "one deep list": _repeated("- "),
    "items of nothing": _repeated("-\n"),
    "deeper and deeper": lambda size: "".join(" " * depth + "- a\n" for depth in range(int((2 * size) ** 0.5) + 2)),
    "quoted fences": _repeated("> ```\n"),
    "open fences": _repeated("```\n\n~~~\n\n"),
    "documents": _repeated("````markdown\n```py\n"),
    "heads of tables": _repeated("| a | b |\n"),
    "lines of tables": _repeated("|-|-|\n"),
    "heads without rows": lambda size: _repeated(("|-" * 30 + "\n") * 256 + "a\n" * 256 + "\n")(size),
    "items and rules": _repeated("a\n-\n---\n"),
    "tables of one row": _repeated("|a|b|\n|-|-|\n"),
    "bars in a line": _repeated("|"),
    "cells in a line": _repeated("|a"),
    "escaped bars": _repeated("\\|"),
    "underlines": _repeated("a\n----\n"),
    "breaks in cells": _headed("|a|b|\n|-|-|\n", "|N|x<br><br><br>y|\n"),
    "lazy quotes": _headed("> a\n", "line N\n"),
    "lazy lists": _headed("- a\n", "line N\n"),
    "definitions": _numbered("[N]: http://a.b 'c\n"),
    "one number": _repeated("1"),
    "spaces before breaks": _repeated("a" + " " * 200 + "\n"),
    "trailing spaces": lambda size: "a" + " " * size,
    "long words of marks": _repeated("a*b_c`d[e]f(g)h"),
}
