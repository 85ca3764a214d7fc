"""Markdown as models write it: CommonMark with tables, strikethrough, spoilers and formulas.

It is less eager where code or a price is meant (`2*3*4`, `$5`). Raw HTML, link definitions and headings underlined with
`---` are text: what a later line could change or hide would make a growing text flicker.
"""

import re
import unicodedata

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, image
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from bot.reply.markdown import formula, growing

MAX_DEPTH = 12  # a quote is one deep, a list two; deeper ones are text
MAX_COLUMNS = 32  # of a table; the library fills up short rows, so a wide head could make millions of cells
MAX_TEXT = 32768  # characters; a longer paragraph is no writing and stays as it is
MAX_IMAGE_DEPTH = 2  # images in the text of an image; the library would recurse without end

_DUNDER = re.compile(r"__[a-z][a-z0-9_]*?(?:__(?!\w)|$)")
_ADDRESS = re.compile(r"""://[^\s<>()\[\]"'`*|]+""")
_AUTOLINK = re.compile(r"<(?:(?:https?|ftp|mailto|tel|tg):|[^\s<>:/]+@)", re.IGNORECASE)
_UNDERLINE = re.compile(r"(?:=+|-{4,})[ \t]*")
_DOCUMENT = re.compile(r"(`{3,})[ \t]*(?:markdown|md)[ \t]*")
_FENCE = re.compile(r"(`{3,})([^`]*)")
_AFTER_BOLD = frozenset(".,:;!?…)]}»”’。，：；！？）】」』")


def parse(source: str, *, partial: bool) -> list[Token]:
    """Return the tokens of `source`; with `partial` what is open at its end is taken for closed."""
    return _PARSER.parse(source, {"partial": partial})


class _Parser(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable(["table", "strikethrough"])
        self.disable(["reference", "lheading", "html_block", "html_inline"])
        self.core.ruler.at("inline", _inline)
        block = self.block.ruler
        block.at("table", _table, {"alt": ["paragraph"]})
        block.after("table", "open_table", growing.table, {"alt": ["paragraph"]})
        block.before("table", "formula", formula.lines, {"alt": ["paragraph", "list", "blockquote"]})
        block.before("formula", "deep", _deep)
        block.before("fence", "document", _document)
        block.before("paragraph", "underlined", _underlined)
        text = self.inline.ruler
        text.before("escape", "formula", formula.text)
        text.before("backticks", "open_code", growing.code)
        text.before("strikethrough", "spoiler", _spoiler)
        text.at("emphasis", _emphasis)
        text.at("image", _image)
        text.after("image", "open_link", growing.link)
        text.at("autolink", _autolink)
        text.after("autolink", "open_autolink", growing.autolink)
        text.after("open_autolink", "address", _address)
        self.inline.add_terminator_char("|")
        pairs = self.inline.ruler2
        pairs.after("balance_pairs", "open_pairs", growing.pairs)
        pairs.after("open_pairs", "spoiler", _spoilers)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802, the library's name
        return link


def _inline(state: StateCore) -> None:
    """Parse the text of each block; the last one may still grow."""
    last = growing.last(state.tokens, state.src) if state.env["partial"] else None
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) > MAX_TEXT:
            token.children.append(Token("text", "", 0, content=token.content))
            continue
        state.env["growing"] = token is last
        state.md.inline.parse(token.content, state.md, state.env, token.children)


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


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return _line(state, start).count("|") <= MAX_COLUMNS and table(state, start, end, silent)


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


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*` or `_`, but leave `2*3*4`, `2**3` and `__init__` as they are."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    run, before, after = _run(state)
    in_word = before.isalnum() and after.isalnum() and not _is_wide(before) and not _is_wide(after)
    operator = run == 1 and (in_word or (before in ")]" and (after.isalnum() or after in "([")))
    power = run == 2 and in_word and (before.isdigit() or after.isdigit())
    if marker == "*" and (operator or power):
        return _leave(state, run)
    dunder = _DUNDER.match(state.src, state.pos, state.posMax) if marker == "_" and run == 2 else None
    if dunder and (dunder[0].endswith("__") or state.env["growing"]):
        return _leave(state, len(dunder[0]))
    left, right = _flanks(before, after)
    if marker == "_":
        left, right = left and (not right or _is_mark(before)), right and (not left or _is_mark(after))
    elif run == 2 and before in _AFTER_BOLD and after.isalnum():
        right = True  # **Note:**text
    if in_word and state.env["growing"] and marker * run not in state.src[state.pos + run : state.posMax]:
        left = False
    _mark(state, run, 1, left, right)
    return True


def _spoiler(state: StateInline, silent: bool) -> bool:
    """Read `||`, but leave `a||b` as it is."""
    if silent or state.src[state.pos] != "|":
        return False
    run, before, after = _run(state)
    if run != 2 or (before.isalnum() and after.isalnum()):
        return _leave(state, run)
    _mark(state, run, 2, *_flanks(before, after))
    return True


def _spoilers(state: StateInline) -> None:
    """Make spoilers of the pairs of `||` that were found."""
    nested = [meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta]
    for delimiters in (state.delimiters, *nested):
        for opener in delimiters:
            if opener.marker == ord("|") and opener.end >= 0:
                first, last = state.tokens[opener.token], state.tokens[delimiters[opener.end].token]
                first.type, first.nesting, first.content = "spoiler_open", 1, ""
                last.type, last.nesting, last.content = "spoiler_close", -1, ""


def _run(state: StateInline) -> tuple[int, str, str]:
    """Return the length of the run of equal signs that begins here, and the characters around it."""
    end = state.pos
    while end < state.posMax and state.src[end] == state.src[state.pos]:
        end += 1
    before = state.src[state.pos - 1] if state.pos else " "
    return end - state.pos, before, state.src[end] if end < state.posMax else " "


def _leave(state: StateInline, length: int) -> bool:
    state.append_pending(state.src[state.pos : state.pos + length])
    state.pos += length
    return True


def _mark(state: StateInline, run: int, width: int, left: bool, right: bool) -> None:
    """Add a run of signs that may open or close a style; `width` of them make one mark."""
    marker = state.src[state.pos]
    for _ in range(run // width):
        state.push("text", "", 0).content = marker * width
        length = run if width == 1 else 0  # 0: without CommonMark's rule on lengths divisible by 3
        state.delimiters.append(Delimiter(ord(marker), length, len(state.tokens) - 1, -1, open=left, close=right))
    state.pos += run


def _flanks(before: str, after: str) -> tuple[bool, bool]:
    """Tell whether a run may open and may close (spec.commonmark.org, left- and right-flanking).

    Chinese and Japanese have no blanks, so a character of theirs beyond a mark counts as one.
    """
    left = not after.isspace() and (not _is_mark(after) or before.isspace() or _is_mark(before) or _is_wide(before))
    right = not before.isspace() and (not _is_mark(before) or after.isspace() or _is_mark(after) or _is_wide(after))
    return left, right


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _is_wide(character: str) -> bool:
    return character >= "\u2e80" and unicodedata.east_asian_width(character) in "WF"


def _image(state: StateInline, silent: bool) -> bool:
    depth = state.env.get("images", 0)
    if state.src[state.pos] != "!" or depth > MAX_IMAGE_DEPTH:
        return False
    grows = state.env["growing"]
    state.env.update(images=depth + 1, growing=False)
    try:
        return image(state, silent)
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
