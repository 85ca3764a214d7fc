"""The text of a block, read by the library's rules: of each sign only those are asked that can begin with it.

The library asks all of them at each place, and makes a token of each line's end; that is most of the time it takes.
"""

import re
import string
from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline, RuleFuncInlineType
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

_SIGNS: Mapping[str, str] = {  # what each rule can begin with
    "formula": "\\$",
    "escape": "\\",
    "open_code": "`",
    "backticks": "`",
    "spoiler": "|",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "image": "!",
    "open_link": "![",
    "autolink": "<",
    "open_autolink": "<",
    "address": ":",
    "entity": "&",
}
_TEXT = re.compile(r"(?:[^\\$`|~*_\[\]!<:&]|!(?!\[)|:(?!//))+")
_ESCAPED = frozenset("\n" + string.punctuation)
_LINE_END = re.compile(r"(?<! ) *\n[ \t]*")


class Inline(ParserInline):
    """Reads text, which is cut at the ends of lines by line feeds alone."""

    def __init__(self) -> None:
        super().__init__()
        self.ruler.disable(["text", "newline"])
        self._rules: dict[str, Sequence[RuleFuncInlineType]] = {}

    def arrange(self) -> None:
        """Take the rules as they are registered now, each for the signs that it can begin with."""
        named = list(zip(self.ruler.get_active_rules(), self.ruler.getRules(""), strict=True))
        for sign in set("".join(_SIGNS.values())):
            self._rules[sign] = [rule for name, rule in named if sign in _SIGNS[name]]

    def tokenize(self, state: StateInline) -> None:
        src, is_nested_too_deep = state.src, state.level >= state.md.options.maxNesting
        while state.pos < state.posMax:
            if text := _TEXT.match(src, state.pos, state.posMax):
                state.append_pending(_lines(text[0]))
                state.pos = text.end()
            elif is_nested_too_deep or not self._read(state, silent=False):
                state.append_pending(src[state.pos])
                state.pos += 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802  # the library's name
        start = state.pos
        if start in state.cache:
            state.pos = state.cache[start]
            return
        if state.level >= state.md.options.maxNesting:
            state.pos = state.posMax
        elif text := _TEXT.match(state.src, start, state.posMax):
            state.pos = text.end()
        else:
            state.level += 1
            is_read = self._read(state, silent=True)
            state.level -= 1
            if not is_read:
                state.pos += 1
        state.cache[start] = state.pos

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        if not _TEXT.fullmatch(src):
            return super().parse(src, md, env, tokens)
        tokens.append(Token("text", "", 0, content=_lines(src)))
        return tokens

    def _read(self, state: StateInline, *, silent: bool) -> bool:
        for rule in self._rules.get(state.src[state.pos], ()):  # noqa: SIM110  # `any` takes longer
            if rule(state, silent):
                return True
        return False


def escape(state: StateInline, silent: bool) -> bool:
    """Read a backslash and the sign after it, as text: the library makes a token of each."""
    start = state.pos
    if state.src[start] != "\\" or start + 1 >= state.posMax:
        return False
    escaped = state.src[start + 1]
    state.pos += 2
    while escaped == "\n" and state.pos < state.posMax and state.src[state.pos] in " \t":
        state.pos += 1
    if not silent:
        state.append_pending(escaped if escaped in _ESCAPED else "\\" + escaped)
    return True


def _lines(text: str) -> str:
    """Return `text` without the blanks around the ends of its lines."""
    return _LINE_END.sub("\n", text) if "\n" in text else text
