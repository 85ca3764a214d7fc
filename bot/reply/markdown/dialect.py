"""Markdown as models write it: CommonMark with tables, strikethrough, spoilers and formulas.

It is less eager where code or a price is meant (`2*3*4`, `$5`). Raw HTML, link definitions and headings underlined with
`---` are text: what a later line could change or hide would make a growing text flicker.
"""

import re
from collections.abc import Generator, Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, block, normalize
from markdown_it.rules_core.text_join import text_join
from markdown_it.rules_inline import StateInline, autolink, image, link
from markdown_it.token import Token

from bot.reply.markdown import emphasis, formula, growing, plain, rows
from bot.reply.markdown.inline import Inline, escape

MAX_DEPTH = 12  # a quote is one deep, a list two; deeper ones are text
MAX_TEXT = 2048  # characters; a longer paragraph is read in pieces, as some of them take time by the square
MAX_UNCLOSED = 32 * MAX_TEXT  # characters that are looked through for the ends of brackets in one text
SLICE = 4096  # characters of text that are read at once
TEXT = 32  # characters: what each text costs beside its own
MAX_IMAGE_DEPTH = 2  # images in the text of an image; the library would recurse without end

_ADDRESS = re.compile(r"""://[^\s<>()\[\]"'`*|]+""")
_AUTOLINK = re.compile(r"<(?:(?:https?|ftp|mailto|tel|tg):|[^\s<>:/]+@)", re.IGNORECASE)
_ASIDE = re.compile(r"!?\[[^][`<\\!*_~$|\n]{0,100}+\][^(]")  # `[1]`, `[x]`, `a[i]`: closed at once, without an address
_UNDERLINE = re.compile(r"(?:=+|-{4,})[ \t]*")
_DOCUMENT = re.compile(r"(`{3,})[ \t]*(?:markdown|md)[ \t]*")
_FENCE = re.compile(r"(`{3,})([^`]*)")


def parse(source: str, *, partial: bool) -> Generator[None, None, list[Token]]:
    """Return the tokens of `source`, in slices of work; with `partial` what is open at its end is taken for closed."""
    state = StateCore(source, _PARSER, {"partial": partial})
    normalize(state)
    block(state)
    yield
    yield from _read_texts(state)
    tokens, state.tokens = state.tokens, [token for token in state.tokens if _is_in_pieces(token)]
    text_join(state)
    yield
    return tokens


class _Parser(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.inline = Inline()
        self.enable(["table", "strikethrough"])
        self.disable(["reference", "lheading", "html_block", "html_inline", "linkify"])
        blocks = self.block.ruler
        blocks.at("table", rows.rows, {"alt": ["paragraph"]})
        blocks.after("table", "open_table", growing.table, {"alt": ["paragraph"]})
        blocks.before("table", "formula", formula.lines, {"alt": ["paragraph", "list", "blockquote"]})
        blocks.before("formula", "deep", _deep)
        blocks.before("fence", "document", _document)
        blocks.before("paragraph", "underlined", _underlined)
        blocks.before("document", "plain", plain.block)
        blocks.at("paragraph", plain.paragraph)
        text = self.inline.ruler
        text.before("escape", "formula", formula.text)
        text.before("backticks", "open_code", growing.code)
        text.at("escape", escape)
        text.before("strikethrough", "spoiler", emphasis.spoiler)
        text.at("emphasis", emphasis.emphasis)
        text.at("link", _link)
        text.at("image", _image)
        text.after("image", "open_link", growing.link)
        text.at("autolink", _autolink)
        text.after("autolink", "open_autolink", growing.autolink)
        text.after("open_autolink", "address", _address)
        self.inline.arrange()
        pairs = self.inline.ruler2
        pairs.after("balance_pairs", "open_pairs", growing.pairs)
        pairs.after("open_pairs", "spoiler", emphasis.spoilers)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802  # the library's name
        return link


def _read_texts(state: StateCore) -> Generator[None, None, None]:
    """Parse the text of each block, a few at a time; the last one may still grow."""
    last = growing.last(state.tokens, state.src) if state.env["partial"] else None
    read = 0
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        *pieces, rest = _pieces(token.content)
        state.env["growing"] = False
        for piece in pieces:
            state.env["unclosed"] = {}
            state.md.inline.parse(piece.removesuffix("\n"), state.md, state.env, token.children)
            if piece.endswith("\n"):
                token.children.append(Token("text", "", 0, content="\n"))
            yield
        state.env["growing"] = token is last
        state.env["unclosed"] = {}
        state.md.inline.parse(rest, state.md, state.env, token.children)
        read += len(rest) + TEXT
        if read > SLICE:
            read = 0
            yield


def _is_in_pieces(token: Token) -> bool:
    """Tell whether a text, or that of an image in it, has tokens that may be joined."""
    children = token.children or ()
    return len(children) > 1 or (len(children) == 1 and bool(children[0].children))


def _pieces(content: str) -> Iterator[str]:
    """Cut a text that is longer than writing is, at the end of a line or of a word."""
    start = 0
    while len(content) - start > MAX_TEXT:
        end = start + MAX_TEXT
        end = (content.rfind("\n", start, end) + 1) or (content.rfind(" ", start, end) + 1) or end
        yield content[start:end]
        start = end
    yield content[start:]


# Blocks


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take what is nested too deeply as text; the library would drop it."""
    if silent or state.level < MAX_DEPTH:
        return False
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    _push(state, "paragraph", start, line)
    state.line = line
    return True


def _document(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a fenced Markdown document that has fences itself, as models write a README."""
    opening = _DOCUMENT.fullmatch(_line(state, start))
    if silent or not opening or state.is_code_block(start):
        return False
    inner = False
    line = start + 1
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        if match := _FENCE.fullmatch(_line(state, line)):
            if not inner and not match[2].strip() and len(match[1]) >= len(opening[1]):
                break
            inner = bool(match[2].strip())
        line += 1
    token = state.push("fence", "code", 0)
    token.info, token.map = "markdown", [start, line]
    token.content = state.getLines(start + 1, line, state.sCount[start], True)
    state.line = min(line + 1, end)
    return True


def _underlined(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take one line and a line of `=` or at least four `-` as a heading; models mean a rule by `---` below a text."""
    if silent or start + 1 >= end or state.sCount[start + 1] < state.blkIndent or state.is_code_block(start + 1):
        return False
    if not _UNDERLINE.fullmatch(_line(state, start + 1)):
        return False
    _push(state, "heading", start, start + 1)
    state.line = start + 2
    return True


def _push(state: StateBlock, kind: str, start: int, end: int) -> None:
    """Add a block whose text is the lines from `start` up to `end`."""
    state.push(f"{kind}_open", "", 1).map = [start, end]
    state.push("inline", "", 0).content = state.getLines(start, end, state.blkIndent, False).strip()
    state.push(f"{kind}_close", "", -1)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


# Text


def _link(state: StateInline, silent: bool) -> bool:
    return state.src[state.pos] == "[" and _has_address(state) and (link(state, silent) or _unclosed(state))


def _has_address(state: StateInline) -> bool:
    """Tell whether a bracket soon begins an address; else the library would look long for nothing."""
    if _ASIDE.match(state.src, state.pos, state.posMax):
        return False
    if state.env["unclosed"].get(state.src, 0) > MAX_UNCLOSED:
        return False
    end = state.src.find("](", state.pos, state.posMax)
    if end < 0 or state.src.find(")", end, state.posMax) < 0:
        return False
    return state.src.count("[", state.pos, end) <= growing.MAX_BRACKETS


def _unclosed(state: StateInline) -> bool:
    """Charge a bracket that is no link with the characters in which the library may have looked for its end."""
    charged: dict[str, int] = state.env["unclosed"]
    charged[state.src] = charged.get(state.src, 0) + state.posMax - state.pos
    return False


def _image(state: StateInline, silent: bool) -> bool:
    depth = state.env.get("images", 0)
    if state.src[state.pos] != "!" or depth > MAX_IMAGE_DEPTH or not _has_address(state):
        return False
    grows = state.env["growing"]
    state.env.update(images=depth + 1, growing=False)
    try:
        return image(state, silent) or _unclosed(state)
    finally:
        state.env.update(images=depth, growing=grows)


def _autolink(state: StateInline, silent: bool) -> bool:
    """Read `<https://…>`, but leave `<std::string>` as it is."""
    return bool(_AUTOLINK.match(state.src, state.pos)) and autolink(state, silent)


def _address(state: StateInline, silent: bool) -> bool:
    """Pass over a bare address: the signs in it mark nothing."""
    if state.src[state.pos] != ":" or not state.src.endswith(("http", "https"), 0, state.pos):
        return False
    match = _ADDRESS.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.append_pending(match[0])
    state.pos = match.end()
    return True


_PARSER = _Parser()
