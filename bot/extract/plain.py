"""Plain: text, code, tables and the like, and the words of a page of HTML."""

from html.parser import HTMLParser
from itertools import pairwise

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SILENT = frozenset(("script", "style", "template", "noscript", "svg", "head"))
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "tr", "ul", "ol", "table", "section", "article", "header", "footer", "pre", "blockquote")
) | {f"h{level}" for level in range(1, 7)}


def decoded(data: bytes) -> str:
    """Return bytes as words: by their mark, else as UTF-8, else as the Windows code page that fits."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:  # a last character that was cut
            return data[: error.start].decode("utf-8")
        return data.decode("cp1251" if _is_cyrillic(data) else "cp1252", "replace")


def page_text(markup: str) -> str:
    """Return the words of a page, a line for each of its blocks."""
    page = _Page()
    page.feed(markup)
    page.close()
    lines = (" ".join(line.split()) for line in "".join(page.words).splitlines())
    return "\n".join(line for line in lines if line)


def _is_cyrillic(data: bytes) -> bool:
    """Tell whether most of the letters beyond ASCII stand beside each other, as in words that are all of them."""
    high = [byte >= 0xC0 for byte in data[: 64 << 10]]
    pairs = sum(first and second for first, second in pairwise(high))
    return pairs * 2 > sum(high)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0
        self._is_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self._is_title = tag == "title"
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.words.append("\n")
        elif tag in ("td", "th"):
            self.words.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        """End an element; one that was never begun ends nothing."""
        if tag == "title":
            self._is_title = False
            self.words.append("\n")
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._silent or self._is_title:
            self.words.append(data)
