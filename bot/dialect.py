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

from bot import growing

MAX_DEPTH = 12  # a quote is one deep, a list two; deeper ones are text
MAX_COLUMNS = 32  # of a table
MAX_INLINE = 32768  # characters; a longer paragraph is no writing and stays as it is
MAX_FORMULA = 4096  # characters, the same
MAX_FORMULA_LINES = 64
MAX_IMAGE_DEPTH = 2  # pictures in the text of a picture

_DUNDER = re.compile(r"__[a-z][a-z0-9_]*?(?:__(?!\w)|$)")
_ADDRESS = re.compile(r"""://[^\s<>()\[\]"'`*|]+""")
_AUTOLINK = re.compile(r"<(?:(?:https?|ftp|mailto|tel|tg):|[^\s<>:/]+@)", re.IGNORECASE)
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{4,})[ \t]*")
_ENVIRONMENT = re.compile(r"\\begin\{(\w{1,16}\*?)\}")
_FORMULA = re.compile(r"\\\(|\\\[|\$\$|\\begin\{\w{1,16}\*?\}")
_COMMAND = re.compile(r"\\[a-zA-Z]*$")
_WORDS = re.compile(r"(?<![\\{\w])[^\W\d_]{3,}")
_SIGNS = re.compile(r"[\\^_=<>+*/]|^\W*[^\W\d_]\W*$")
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
        block.before("table", "deep", _deep)
        block.after("deep", "formula", _formula_lines, {"alt": ["paragraph", "list", "blockquote"]})
        block.after("table", "open_table", growing.table, {"alt": ["paragraph"]})
        block.before("paragraph", "underlined", _underlined)
        inline = self.inline.ruler
        self.inline.add_terminator_char("|")
        inline.before("escape", "formula", _formula)
        inline.before("backticks", "open_code", growing.code)
        inline.before("strikethrough", "spoiler", _spoiler)
        inline.at("emphasis", _emphasis)
        inline.at("image", _image)
        inline.after("image", "open_link", growing.link)
        inline.at("autolink", _autolink)
        inline.after("autolink", "open_autolink", growing.autolink)
        inline.after("open_autolink", "address", _address)
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
        if len(token.content) > MAX_INLINE:
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
    _push(state, "paragraph", start, line, line)
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table, unless it is so wide that it can only be an attack: the library fills up short rows."""
    return _line(state, start).count("|") <= MAX_COLUMNS and table(state, start, end, silent)


def _formula_lines(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Keep the lines of a displayed formula together: a line in it may begin like a list or a heading."""
    first = _line(state, start)
    if state.is_code_block(start) or not (match := _FORMULA.match(first)) or match[0] == "\\(":
        return False
    closing = _closing(match[0])
    rest, line = first[match.end() :], start + 1
    while closing not in rest:
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent or line > start + MAX_FORMULA_LINES:
            break
        rest, line = _line(state, line), line + 1
    complete = closing in rest
    if complete and rest.rpartition(closing)[2].strip(" .,;"):
        return False
    if not complete and not (state.env["partial"] and line == state.lineMax):
        return False
    if not silent:
        _push(state, "paragraph", start, line, line).meta["open"] = not complete
    return True


def _underlined(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take one line and a line of `=` or at least four `-` as a heading; models mean a rule by `---` below a text."""
    if silent or start + 1 >= end or state.sCount[start + 1] < state.blkIndent or state.is_code_block(start + 1):
        return False
    if not _UNDERLINE.fullmatch(_line(state, start + 1)):
        return False
    _push(state, "heading", start, start + 1, start + 2)
    return True


def _push(state: StateBlock, kind: str, start: int, end: int, after: int) -> Token:
    """Add a block whose text is the lines from `start` up to `end`, and go on at line `after`."""
    state.line = after
    opening = state.push(f"{kind}_open", "", 1)
    opening.map = [start, after]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.map = [start, end]
    state.push(f"{kind}_close", "", -1)
    return opening


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


# Text


def _formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "\\$":
        return False
    content, end = _find_formula(state)
    if end < 0:
        return False
    if not silent:
        state.push("formula", "", 0).content = content
    state.pos = end
    return True


def _find_formula(state: StateInline) -> tuple[str, int]:
    """Return the formula that begins here, and where it ends; -1 where none begins."""
    src, pos = state.src, state.pos
    match = _FORMULA.match(src, pos)
    if not match:
        return _dollars(src, pos, state.posMax)
    start = pos if match[0].startswith("\\b") else match.end()
    closing = _closing(match[0])
    end = src.find(closing, match.end(), min(state.posMax, match.end() + MAX_FORMULA))
    if end >= 0:
        after = end + len(closing)
        content = src[start : after if start == pos else end]
    elif state.env["growing"] and state.posMax - pos < MAX_FORMULA:
        content, after = _COMMAND.sub("", src[start : state.posMax]), state.posMax
    else:
        return "", -1
    if match[0] == "$$" and not (_looks_mathematical(content) and src[after - 3 : after] != "$$$"):
        return "", -1
    return content, after


def _dollars(src: str, pos: int, maximum: int) -> tuple[str, int]:
    """Read `$…$` where it cannot mean money: no blank inside the signs, no word outside, and signs of maths between."""
    end = src.find("$", pos + 1, min(maximum, pos + MAX_FORMULA))
    content = src[pos + 1 : end]
    if src[pos] != "$" or end < 0 or not content or content != content.strip() or "$" in src[end + 1 : end + 2]:
        return "", -1
    if src[end + 1 : end + 2].isalnum() or src[pos - 1 : pos].isalnum() or not _looks_mathematical(content):
        return "", -1
    return content, end + 1


def _looks_mathematical(content: str) -> bool:
    return "\\" in content or bool(_SIGNS.search(content) and not _WORDS.search(content))


def _closing(opening: str) -> str:
    if environment := _ENVIRONMENT.match(opening):
        return f"\\end{{{environment[1]}}}"
    return {"\\(": "\\)", "\\[": "\\]"}.get(opening, opening)


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*` or `_`, but leave `2*3*4`, `2**3` and `__init__` as they are."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    run, before, after = _run(state)
    in_word = before.isalnum() and after.isalnum() and not _is_wide(before) and not _is_wide(after)
    called = before + marker + after in (")*(", "]*(", ")*[")
    if marker == "*" and run == 1 and (in_word or called or (before in ")]" and after.isalnum())):
        return _leave(state, run)
    if marker == "*" and run == 2 and in_word and (before.isdigit() or after.isdigit()):
        return _leave(state, run)
    dunder = _DUNDER.match(state.src, state.pos, state.posMax) if marker == "_" and run == 2 else None
    if dunder and (dunder[0].endswith("__") or state.env["growing"]):
        return _leave(state, len(dunder[0]))
    left, right = _flanks(before, after)
    if in_word and state.env["growing"] and marker * run not in state.src[state.pos + run : state.posMax]:
        left = False
    if marker == "_":
        left, right = left and (not right or _is_mark(before)), right and (not left or _is_mark(after))
    elif run == 2 and before in _AFTER_BOLD and after.isalnum():
        right = True  # **Note:**text
    _mark(state, run, 1, left, right)
    return True


def _spoiler(state: StateInline, silent: bool) -> bool:
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
                for index, edge, nesting in ((opener.token, "open", 1), (delimiters[opener.end].token, "close", -1)):
                    token = state.tokens[index]
                    token.type, token.content, token.nesting = f"spoiler_{edge}", "", 1 if nesting > 0 else -1


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
    marker = state.src[state.pos]
    for _ in range(run // width):
        state.push("text", "", 0).content = marker * width
        state.delimiters.append(
            Delimiter(ord(marker), run if width == 1 else 0, len(state.tokens) - 1, -1, open=left, close=right)
        )
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
    """Read an image; the library would recurse without end into images in images."""
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
    """Read `<https://…>`, but not `<std::string>`."""
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
