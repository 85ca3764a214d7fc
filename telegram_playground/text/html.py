"""The parse mode HTML; after tdlib td/telegram/MessageEntity.cpp, parse_html."""

import re

from telegram_playground.text.markup import MarkupError, Open, Output, byte_offset, date_time
from telegram_playground.text.spans import Span

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
    "tg-time": "date_time",
}
_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})|lt|gt|amp|quot);?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_LAST = 0x10FFFF  # tdlib decode_html_entity
_HTML_PLAIN = re.compile(r"[^<&]+")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_SPACES = re.compile(r"\s*")


def parse_html(text: str) -> tuple[str, list[Span]]:
    """Parse HTML; raises MarkupError."""
    out, stack, at = Output(), list[Open](), 0
    while at < len(text):
        plain = _HTML_PLAIN.match(text, at)
        if plain:
            out.add(plain[0])
            at = plain.end()
        elif text[at] == "&":
            at = _character(text, at, out)
        elif text.startswith("</", at):
            at = _end_tag(text, at, out, stack)
        else:
            at = _start_tag(text, at, out, stack)
    if stack:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{stack[-1].name}"')
    for number, span in enumerate(out.spans):
        if span.kind == "code" and span.extra:
            out.spans[number] = Span("code", span.start, span.end)
    return out.finish()


def _character(text: str, at: int, out: Output) -> int:
    """Add the character that "&…;" stands for, or the sign itself."""
    match = _ENTITY.match(text, at)
    decoded = _decoded(match[0].strip("&;")) if match else ""
    if match and decoded:
        out.add(decoded)
        return match.end()
    out.add("&")
    return at + 1


def _decoded(name: str) -> str:
    """Return the character of a reference, "" for one that is none; half a pair of surrogates is refused later."""
    if not name.startswith("#"):
        return _NAMED[name]
    code = int(f"0{name[1:]}", 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if 0 < code < _LAST else ""


def _start_tag(text: str, begin: int, out: Output, stack: list[Open]) -> int:
    where = byte_offset(text, begin)
    at = _skip(_TAG_NAME, text, begin + 1)
    if at == len(text):
        raise MarkupError(f"Unclosed start tag at byte offset {where}")
    name = text[begin + 1 : at].lower()
    if name not in _TAGS:
        raise MarkupError(f'Unsupported start tag "{name}" at byte offset {where}')
    argument, times = "", {"unix": "", "format": ""}
    while True:
        at = _skip(_SPACES, text, at)
        if text[at : at + 1] == ">":
            break
        attribute, value, at = _attribute(text, at, name, where)
        if name == "a" and attribute == "href":
            argument = value
        elif name == "code" and attribute == "class" and value.startswith("language-"):
            argument = value.removeprefix("language-")
        elif name == "span" and attribute == "class" and value.startswith("tg-"):
            argument = value.removeprefix("tg-")
        elif name == "tg-time" and attribute in ("unix", "format"):
            times[attribute] = value
        elif name == "tg-emoji" and attribute == "emoji-id":
            argument = value
        elif name == "blockquote" and attribute == "expandable":
            argument = "1"
    if name == "span" and argument != "spoiler":
        raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
    if name == "tg-time":
        argument = f"{times['unix']} {times['format']}"
    stack.append(Open(name, argument, out.length, begin))
    return at + 1


def _attribute(text: str, at: int, tag: str, where: int) -> tuple[str, str, int]:
    """Read one attribute; returns its name, its value and the place after it."""
    end = _skip(_ATTRIBUTE_NAME, text, at)
    if end == len(text):
        raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {where}')
    name = text[at:end].lower()
    if not name:
        raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
    at = _skip(_SPACES, text, end)
    if text[at : at + 1] != "=":
        return name, "", at  # an attribute without a value
    at = _skip(_SPACES, text, at + 1)
    quote = text[at : at + 1]
    if quote in ("'", '"'):
        end = text.find(quote, at + 1)
        value = _ENTITY.sub(lambda found: _decoded(found[0].strip("&;")) or found[0], text[at + 1 : end])
        after = end + 1
    else:
        end = after = _skip(_NAME_TOKEN, text, at)
        value = text[at:end].lower()
        if end < len(text) and not text[end].isspace() and text[end] != ">":
            raise MarkupError(f"Unexpected end of name token at byte offset {byte_offset(text, at)}")
    if end < 0 or after >= len(text):
        raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {where}')
    return name, value, after


def _end_tag(text: str, begin: int, out: Output, stack: list[Open]) -> int:
    where = byte_offset(text, begin)
    if not stack:
        raise MarkupError(f"Unexpected end tag at byte offset {where}")
    at = _skip(_TAG_NAME, text, begin + 2)
    name = text[begin + 2 : at].lower()
    at = _skip(_SPACES, text, at)
    if text[at : at + 1] != ">":
        raise MarkupError(f"Unclosed end tag at byte offset {where}")
    opened = stack.pop()
    if name and name != opened.name:
        raise MarkupError(f'Unmatched end tag at byte offset {where}, expected "</{opened.name}>", found "</{name}>"')
    kind, start = _TAGS[opened.name], opened.start
    if opened.name == "a":
        out.link(opened.argument or out.since(start), start)
    elif kind in ("pre", "code"):
        _code(kind, opened, out)
    elif kind == "custom_emoji":
        if opened.argument:
            out.span(kind, start, custom_emoji_id=opened.argument)
    elif kind == "date_time":
        unix, _, shown = opened.argument.partition(" ")
        said = date_time(unix, shown)
        if said is None:
            raise MarkupError(f'Invalid date-time in the tag "tg-time" at byte offset {byte_offset(text, opened.at)}')
        out.span(kind, start, **said)
    else:
        out.span("expandable_blockquote" if kind == "blockquote" and opened.argument else kind, start)
    return at + 1


def _code(kind: str, opened: Open, out: Output) -> None:
    """Close `pre` or `code`; both around the same text are one `pre` with the language that `code` names."""
    inner = out.spans[-1] if out.spans else None
    other = "code" if kind == "pre" else "pre"
    if inner and inner.kind == other and (inner.start, inner.end) == (opened.start, out.length):
        language = opened.argument or inner.extra.get("language", "")
        if language:
            out.spans[-1] = Span("pre", inner.start, inner.end, {"language": language})
            return
    out.span(kind, opened.start, **({"language": opened.argument} if opened.argument else {}))


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
