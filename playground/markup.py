"""The three parse modes: HTML, MarkdownV2 and the legacy Markdown.

Each parser takes a text and gives it without its markup, with spans. Errors are worded, and their offsets counted in
bytes of UTF-8, as by tdlib td/telegram/MessageEntity.cpp (parse_html, parse_markdown_v2, parse_markdown).
"""

import html
import re
from dataclasses import dataclass

from playground.links import link_span
from playground.spans import Span

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
}
_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})|lt|gt|amp|quot);?")
_HTML_PLAIN = re.compile(r"[^<&]+")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_SPACES = re.compile(r"\s*")
_PRE_LANGUAGE = re.compile(r"[^\s`]*")
_LINE_END = re.compile(r"\r\n|\n\r|\n|\r")
_RESERVED = "_*[]()~`>#+-=|{}.!"
_V2_PLAIN = re.compile(r"[^_*\[\]()~`>#+\-=|{}.!\\\n]+")
_CODE_PLAIN = re.compile(r"[^`\\\n]+")
_V2_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "pre_code": "PreCode",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}


class MarkupError(ValueError):
    """Markup that Telegram refuses; its text follows "can't parse entities: "."""


@dataclass(slots=True)
class _Open:
    """A span whose end is not reached yet."""

    name: str
    argument: str
    start: int
    at: int


class _Output:
    """The text so far, as characters are added."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.spans: list[Span] = []

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def since(self, start: int) -> str:
        return "".join(self.pieces)[start:]

    def finish(self) -> tuple[str, list[Span]]:
        return "".join(self.pieces), self.spans

    def span(self, kind: str, start: int, **extra: str) -> None:
        if self.length > start:
            self.spans.append(Span(kind, start, self.length, dict(extra)))

    def link(self, url: str, start: int) -> None:
        span = link_span(url, start, self.length) if self.length > start else None
        if span:
            self.spans.append(span)


def parse_html(text: str) -> tuple[str, list[Span]]:
    """Parse HTML; raises MarkupError."""
    out, stack, at = _Output(), list[_Open](), 0
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


def parse_markdown_v2(text: str) -> tuple[str, list[Span]]:
    """Parse MarkdownV2; raises MarkupError."""
    return _MarkdownV2(text).parse()


def parse_markdown(text: str) -> tuple[str, list[Span]]:
    """Parse the legacy Markdown, which knows no nesting; raises MarkupError."""
    out, at, size = _Output(), 0, len(text)
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
            language, at = _language(text, at + 3)
        else:
            at += 1
        stop = text.find(end, at)
        if stop < 0:
            raise MarkupError(f"Can't find end of the entity starting at byte offset {_bytes(text, begin)}")
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


class _MarkdownV2:
    """One run of the MarkdownV2 parser."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._out = _Output()
        self._stack: list[_Open] = []
        self._quote = False
        self._line_start = True

    def parse(self) -> tuple[str, list[Span]]:
        text, size = self._text, len(self._text)
        while self._at < size:
            in_code = bool(self._stack) and self._stack[-1].name in ("code", "pre", "pre_code")
            plain = (_CODE_PLAIN if in_code else _V2_PLAIN).match(text, self._at)
            sign = text[self._at]
            if plain:
                self._plain(plain[0])
            elif sign == "\\" and "\0" < text[self._at + 1 : self._at + 2] <= "~":
                self._plain(text[self._at + 1])
                self._at += 1
            elif sign == "\n":
                self._newline()
            elif (in_code and sign != "`") or sign not in _RESERVED:
                self._plain(sign)
            elif not self._ends(sign):
                self._begin(sign)
        if self._quote and (not self._stack or self._stack[-1].name == "blockquote"):
            self._close_quote(expandable=False)
        if self._stack:
            last = self._stack[-1]
            raise MarkupError(
                f"Can't find end of {_V2_NAMES[last.name]} entity at byte offset {_bytes(self._text, last.at)}"
            )
        return self._out.finish()

    def _plain(self, piece: str) -> None:
        self._out.add(piece)
        self._at += len(piece)
        self._line_start = False

    def _newline(self) -> None:
        self._plain("\n")
        if not self._quote:
            self._line_start = not self._stack
        elif self._text.startswith(">", self._at):
            self._at += 1
        elif self._stack[-1].name == "blockquote":
            self._close_quote(expandable=False)
            self._line_start = True

    def _close_quote(self, *, expandable: bool) -> None:
        self._quote = False
        self._out.span("expandable_blockquote" if expandable else "blockquote", self._stack.pop().start)

    def _ends(self, sign: str) -> bool:
        """Close the innermost span if `sign` ends it."""
        if not self._stack:
            return False
        text, at, last = self._text, self._at, self._stack[-1]
        if last.name == "blockquote" and text.startswith("||", at) and text[at + 2 : at + 3] in ("", "\n"):
            self._at += 2
            self._close_quote(expandable=True)
            if self._at < len(text):
                self._plain("\n")
                self._line_start = True
            return True
        ends = {
            "bold": sign == "*",
            "italic": sign == "_" and not text.startswith("__", at),
            "underline": text.startswith("__", at),
            "strikethrough": sign == "~",
            "spoiler": text.startswith("||", at),
            "code": sign == "`",
            "pre": text.startswith("```", at),
            "pre_code": text.startswith("```", at),
            "text_link": sign == "]",
            "custom_emoji": sign == "]",
        }
        if not ends.get(last.name, False):
            return False
        self._stack.pop()
        self._at += {"underline": 2, "spoiler": 2, "pre": 3, "pre_code": 3}.get(last.name, 1)
        if last.name == "text_link":
            self._out.link(self._url() if text.startswith("(", self._at) else self._out.since(last.start), last.start)
        elif last.name == "custom_emoji":
            self._emoji(last)
        elif last.name == "pre_code":
            self._out.span("pre", last.start, language=last.argument)
        else:
            self._out.span(last.name, last.start)
        return True

    def _begin(self, sign: str) -> None:
        """Open a span; raises MarkupError for a sign that cannot."""
        text, at = self._text, self._at
        name, argument, width = (
            {"*": "bold", "_": "italic", "~": "strikethrough", "[": "text_link"}.get(sign, ""),
            "",
            1,
        )
        if text.startswith("__", at):
            name, width = "underline", 2
        elif text.startswith("||", at):
            name, width = "spoiler", 2
        elif text.startswith("![", at):
            name, width = "custom_emoji", 2
        elif text.startswith("```", at):
            argument, end = _language(text, at + 3)
            name, width = "pre_code" if argument else "pre", end - at
        elif sign == "`":
            name = "code"
        elif sign == ">" and self._line_start and not self._stack:
            name, self._quote = "blockquote", True
        if not name:
            raise MarkupError(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")
        empty_bold = name == "bold" and self._line_start and text.startswith("**>", at) and not self._stack
        self._stack.append(_Open(name, argument, self._out.length, at))
        self._at += width
        self._line_start = False
        if empty_bold:  # "**>" begins a quote right after another one; core.telegram.org/bots/api#markdownv2-style
            self._stack.pop()
            self._at += 1
            self._line_start = True

    def _url(self) -> str:
        """Read "(address)" at the present place."""
        text, begin, url = self._text, self._at + 1, list[str]()
        self._at += 1
        while self._at < len(text) and text[self._at] != ")":
            if text[self._at] == "\\" and "\0" < text[self._at + 1 : self._at + 2] <= "~":
                self._at += 1
            url.append(text[self._at])
            self._at += 1
        if self._at == len(text):
            raise MarkupError(f"Can't find end of a URL at byte offset {_bytes(text, begin)}")
        self._at += 1
        return "".join(url)

    def _emoji(self, opened: _Open) -> None:
        if not self._text.startswith("(", self._at):
            raise MarkupError("Custom emoji entity must contain a tg://emoji URL")
        match = re.fullmatch(r"tg://emoji\?id=(\d+)", self._url())
        if not match:
            raise MarkupError("Custom emoji URL must have an emoji identifier")
        self._out.span("custom_emoji", opened.start, custom_emoji_id=match[1])


def _language(text: str, at: int) -> tuple[str, int]:
    """Read what follows three backticks: the language, if any, and one line end."""
    match = _PRE_LANGUAGE.match(text, at)
    language = match[0] if match and match.end() < len(text) and text[match.end()] != "`" else ""
    at += len(language)
    line_end = _LINE_END.match(text, at)
    return language, line_end.end() if line_end else at


def _character(text: str, at: int, out: _Output) -> int:
    """Add the character that "&…;" stands for, or the sign itself."""
    match = _ENTITY.match(text, at)
    decoded = html.unescape(match[0] if match[0].endswith(";") else match[0] + ";") if match else ""
    if match and decoded and decoded != "\ufffd":
        out.add(decoded)
        return match.end()
    out.add("&")
    return at + 1


def _start_tag(text: str, begin: int, out: _Output, stack: list[_Open]) -> int:
    where = _bytes(text, begin)
    at = _skip(_TAG_NAME, text, begin + 1)
    if at == len(text):
        raise MarkupError(f"Unclosed start tag at byte offset {where}")
    name = text[begin + 1 : at].lower()
    if name not in _TAGS:
        raise MarkupError(f'Unsupported start tag "{name}" at byte offset {where}')
    argument = ""
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
        elif name == "tg-emoji" and attribute == "emoji-id":
            argument = value
        elif name == "blockquote" and attribute == "expandable":
            argument = "1"
    if name == "span" and argument != "spoiler":
        raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
    stack.append(_Open(name, argument, out.length, begin))
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
        if name == "expandable" and tag == "blockquote":
            return name, "", end
        raise MarkupError(
            f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {where}'
        )
    at = _skip(_SPACES, text, at + 1)
    quote = text[at : at + 1]
    if quote in ("'", '"'):
        end = text.find(quote, at + 1)
        value = html.unescape(text[at + 1 : end])
        after = end + 1
    else:
        end = after = _skip(_NAME_TOKEN, text, at)
        value = text[at:end].lower()
        if end < len(text) and not text[end].isspace() and text[end] != ">":
            raise MarkupError(f"Unexpected end of name token at byte offset {_bytes(text, at)}")
    if end < 0 or after >= len(text):
        raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {where}')
    return name, value, after


def _end_tag(text: str, begin: int, out: _Output, stack: list[_Open]) -> int:
    where = _bytes(text, begin)
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
    else:
        out.span("expandable_blockquote" if kind == "blockquote" and opened.argument else kind, start)
    return at + 1


def _code(kind: str, opened: _Open, out: _Output) -> None:
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


def _bytes(text: str, at: int) -> int:
    return len(text[:at].encode())
