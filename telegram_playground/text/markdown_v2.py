"""The parse mode MarkdownV2; after tdlib td/telegram/MessageEntity.cpp, parse_markdown_v2."""

import re

from telegram_playground.text.markup import MarkupError, Open, Output, byte_offset, date_time, pre_language
from telegram_playground.text.spans import Span

_RESERVED = "_*[]()~`>#+-=|{}.!"
_PLAIN = re.compile(r"[^_*\[\]()~`>#+\-=|{}.!\\\r\n]+")
_CODE_PLAIN = re.compile(r"[^`\\\n]+")
_TIME = re.compile(r"tg://time\?unix=([0-9]+)(?:&format=([A-Za-z]*))?", re.IGNORECASE)
_NAMES = {
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


def parse_markdown_v2(text: str) -> tuple[str, list[Span]]:
    """Parse MarkdownV2; raises MarkupError."""
    return _MarkdownV2(text).parse()


class _MarkdownV2:
    """One run of the MarkdownV2 parser."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._out = Output()
        self._stack: list[Open] = []
        self._quote = False
        self._line_start = True

    def parse(self) -> tuple[str, list[Span]]:
        text, size = self._text, len(self._text)
        while self._at < size:
            in_code = bool(self._stack) and self._stack[-1].name in ("code", "pre", "pre_code")
            plain = (_CODE_PLAIN if in_code else _PLAIN).match(text, self._at)
            sign = text[self._at]
            if plain:
                self._plain(plain[0])
            elif sign == "\\" and "\0" < text[self._at + 1 : self._at + 2] <= "~":
                self._plain(text[self._at + 1])
                self._at += 1
            elif sign == "\n":
                self._newline()
            elif sign == "\r":  # a line may end in it
                at_start = self._line_start
                self._plain(sign)
                self._line_start = at_start or not self._quote
            elif (in_code and sign != "`") or sign not in _RESERVED:
                self._plain(sign)
            elif not self._ends(sign):
                self._begin(sign)
        if self._quote and (not self._stack or self._stack[-1].name == "blockquote"):
            self._close_quote(expandable=False)
        if self._stack:
            raise self._unended(self._stack[-1])
        return self._out.finish()

    def _plain(self, piece: str) -> None:
        self._out.add(piece)
        self._at += len(piece)
        self._line_start = False

    def _newline(self) -> None:
        """Go to the next line: a quotation goes on with ">", else it ends, and nothing in it may be open."""
        in_code = bool(self._stack) and self._stack[-1].name in ("code", "pre", "pre_code")
        goes_on = self._text.startswith(">", self._at + 1)
        if self._quote and not goes_on and self._stack[-1].name != "blockquote":
            raise self._unended(self._stack[-1])
        self._plain("\n")
        if not self._quote:
            self._line_start = not in_code
        elif not goes_on:
            self._close_quote(expandable=False)
            self._line_start = True
        elif not in_code:
            self._at += 1

    def _unended(self, opened: Open) -> MarkupError:
        place = byte_offset(self._text, opened.at)
        return MarkupError(f"Can't find end of {_NAMES[opened.name]} entity at byte offset {place}")

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
            argument, end = pre_language(text, at + 3)
            name, width = "pre_code" if argument else "pre", end - at
        elif sign == "`":
            name = "code"
        elif sign == ">" and self._line_start and not self._quote:
            name, self._quote = "blockquote", True
        if not name:
            raise MarkupError(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")
        empty_bold = name == "bold" and self._line_start and text.startswith("**>", at) and not self._stack
        self._stack.append(Open(name, argument, self._out.length, at))
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
            raise MarkupError(f"Can't find end of a URL at byte offset {byte_offset(text, begin)}")
        self._at += 1
        return "".join(url)

    def _emoji(self, opened: Open) -> None:
        if not self._text.startswith("(", self._at):
            raise MarkupError("Custom emoji entity must contain a tg://emoji URL")
        url = self._url()
        time = _TIME.fullmatch(url)
        said = date_time(time[1], time[2] or "") if time else None
        if said:
            self._out.span("date_time", opened.start, **said)
            return
        match = re.fullmatch(r"tg://emoji\?id=([0-9]+)", url, re.IGNORECASE)
        if not match:
            raise MarkupError("Custom emoji URL must have an emoji identifier")
        self._out.span("custom_emoji", opened.start, custom_emoji_id=match[1])
