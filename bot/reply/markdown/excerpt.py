"""Excerpt: the lines of a source that are read at once, and how the next ones are read where a block was cut."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markdown_it.token import Token

from bot.reply.markdown.painting import Context

HEAD = 512  # characters of the lines that are read once more after a cut; longer ones are no fence and no head

_WORD = re.compile(r".*[ \t](?=[^\W\d_])", re.DOTALL)
_ITEM = re.compile(r" *(?:[-*+]|\d{1,9}[.)]) {1,4}")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines as they stand in the source, and the `text` that is read in their place."""

    lines: Sequence[str]
    text: str
    context: Context
    indented: int  # how many of the lines are inside the item that was cut

    @classmethod
    def of(cls, source: str, context: Context) -> "Excerpt":
        lines = source.split("\n")
        if not context.indent:
            return cls(lines, context.lines + source, context, 0)
        read, indented = list(lines), 0
        for number, line in enumerate(lines):
            if number or context.gap is None:
                blanks = len(line) - len(line.lstrip(" "))
                if blanks < context.indent and line.strip():
                    break
                read[number] = line[context.indent :]
            indented = number + 1
        return cls(lines, context.lines + "\n".join(read), context, indented)

    def above(self, line: int | None) -> tuple[str, Context]:
        """Return the source above a line of the text that is read (None: all of it), and what the rest has to know."""
        if line is None:
            text, count = "\n".join(self.lines), len(self.lines)
        else:
            count = line - self.context.lines.count("\n")
            text = "".join(each + "\n" for each in self.lines[:count])
        indent = self.context.indent if count <= self.indented else 0
        return text, Context(line=text.removesuffix("\n").rpartition("\n")[2], indent=indent)


def cut(window: str) -> str:
    """Return the beginning of a window that is read by itself: whole lines, else words, else all of it."""
    end = window.rfind("\n") + 1
    if not end and (word := _WORD.match(window)):
        end = word.end()
    return window[: end or len(window)]


def inside(tokens: Sequence[Token], excerpt: Excerpt, context: Context) -> Context:
    """Return what the rest has to know where `excerpt` was cut inside its only block."""
    last = excerpt.lines[-1]
    if last:
        context = replace(context, gap=" " if last[-1] in " \t" else "")
    count = {"fence": 1, "table_open": 2}.get(tokens[0].type if tokens else "", 0)
    if count:
        head = "".join(line + "\n" for line in excerpt.text.split("\n", count)[:count])
        return replace(context, lines=head) if len(head) <= HEAD else context
    if tokens and tokens[0].type in ("bullet_list_open", "ordered_list_open"):
        item = _ITEM.match(excerpt.text)
        return replace(context, indent=excerpt.context.indent + (item.end() if item else 2), number=None)
    return context
