"""The legacy parse mode Markdown; after tdlib td/telegram/MessageEntity.cpp, parse_markdown."""

from telegram_playground.text.markup import MarkupError, Output, byte_offset, pre_language
from telegram_playground.text.spans import Span


def parse_markdown(text: str) -> tuple[str, list[Span]]:
    """Parse the legacy Markdown, which knows no nesting; raises MarkupError."""
    out, at, size = Output(), 0, len(text)
    while at < size:
        sign = text[at]
        if sign == "\\" and text[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.add(text[at + 1])
            at += 2
            continue
        if sign not in "_*`[":
            out.add(sign)
            at += 1
            continue
        begin = at
        language, end = "", "]" if sign == "[" else sign
        if text.startswith("```", at):
            end = "```"
            language, at = pre_language(text, at + 3)
        else:
            at += 1
        stop = text.find(end, at)
        if stop < 0:
            raise MarkupError(f"Can't find end of the entity starting at byte offset {byte_offset(text, begin)}")
        start, inner = out.length, text[at:stop]
        out.add(inner)
        at = stop + len(end)
        if sign == "[":
            url = inner
            if text.startswith("(", at):
                close = text.find(")", at)
                url, at = (text[at + 1 : close], close + 1) if close >= 0 else (text[at + 1 :], size)
            out.link(url, start)
        elif end == "```":
            out.span("pre", start, **({"language": language} if language else {}))
        else:
            out.span({"_": "italic", "*": "bold", "`": "code"}[sign], start)
    return out.finish()
