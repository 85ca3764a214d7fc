"""The source of a rendering: Markdown with one kind of line end, surrogates in pairs, and no ring of its own."""

import re
import unicodedata
from collections.abc import Generator, Iterator

SLICE = 16_384  # characters that are read at once
MARKS = 8  # beside a ring; sorting many of them takes time by the square

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_FOREIGN = re.compile("[\r\u2028\u2029\ud800-\udfff\u030a]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONE = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")
_HIGH_SURROGATE = re.compile("[\ud800-\udbff]$")
_RING = re.compile(f"[^\u0300-\u036f][\u0300-\u036f]{{,{MARKS}}}?\u030a[\u0300-\u036f]{{,{MARKS}}}")
_JOINED = "\ud800-\udfff\u0300-\u036f\u200e\u200f"
_APART = re.compile(f"[^\r{_JOINED}](?![\n{_JOINED}])")


def normal(markdown: str, *, partial: bool = False) -> Generator[None, None, str]:
    """Return `markdown` with line ends as line feeds and surrogates in pairs, in slices of work.

    Half a pair becomes U+FFFD; at the end of a text that is `partial` it may still grow, and is left out. A ring that
    is a character of its own is joined with its letter, because Telegram takes it away.
    """
    if partial:
        markdown = _HIGH_SURROGATE.sub("", markdown)
    found = []
    for piece in pieces(markdown):
        found.append(_normal(piece))
        yield
    return "".join(found)


def pieces(text: str) -> Iterator[str]:
    """Cut a text where no character depends on the next one; a longer run of those that do is no writing."""
    start = 0
    while start < len(text):
        apart = _APART.search(text, start + SLICE, start + 2 * SLICE)
        end = apart.end() if apart else start + 2 * SLICE
        yield text[start:end]
        start = end


def _normal(piece: str) -> str:
    if not _FOREIGN.search(piece):
        return piece
    if _SURROGATE.search(piece):
        piece = _LONE.sub("\ufffd", piece).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    piece = _RING.sub(lambda match: unicodedata.normalize("NFC", match[0]), piece)
    return _LINE_ENDS.sub("\n", piece)
