"""Weight: how many bytes the streams of a PDF are once they are unpacked, so that no bomb is passed on; pure.

A stream stands between `stream` and `endstream`, behind a dictionary whose /Filter names how it is packed, the last
one first (ISO 32000-1, 7.3.8, 7.4). What is deflated is unpacked and counted, piece by piece, nothing of it kept; all
else counts as the most that its filters can make of it. The pixels of pictures are not counted.
"""

import re
import zlib
from collections.abc import Sequence

MAX_STREAMS = 100_000  # of one file; more are not looked at
DEFLATE = 1_032  # times as much at the most, zlib.net/zlib_tech.html
PIECE = 64 << 10
_HEAD = 4 << 10  # bytes of a dictionary
_ZLIB_HEAD = 2  # bytes
_FLATE = (b"FlateDecode", b"Fl")
_TIMES = {
    **dict.fromkeys((b"LZWDecode", b"LZW"), 2_000),
    **dict.fromkeys((b"RunLengthDecode", b"RL"), 64),
    **dict.fromkeys((b"ASCII85Decode", b"A85", b"ASCIIHexDecode", b"AHx", b"Crypt"), 1),
    **dict.fromkeys((b"DCTDecode", b"DCT", b"JPXDecode", b"JBIG2Decode", b"CCITTFaxDecode", b"CCF"), 1),
}
_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
_OBJECT = re.compile(rb"(?<!end)obj(?![A-Za-z])")
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[^\s/<>()\[\]]+|[^/\[])")
_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")  # of a character of a name
_NAME = re.compile(rb"/([^\s/<>()\[\]]+)")


def weight(data: bytes, limit: int) -> int:
    """Return how many bytes the streams of a PDF come to, or more than `limit` as soon as they do."""
    total = 0
    for number, found in enumerate(_STREAM.finditer(data)):
        if number == MAX_STREAMS:
            return limit + 1
        total += _unpacked(data, found.start(), found.end(), limit - total)
        if total > limit:
            break
    return total


def _unpacked(data: bytes, keyword: int, start: int, limit: int) -> int:
    """Return how much one stream comes to."""
    filters = _filters(data[max(0, keyword - _HEAD) : keyword])
    if filters[:1] and filters[0] in _FLATE:
        size, filters = _inflated(data, start, limit), filters[1:]
    else:
        end = data.find(b"endstream", start)
        size = (len(data) if end < 0 else end) - start
    for each in filters:
        size *= _TIMES.get(each, DEFLATE)
    return size


def _filters(head: bytes) -> Sequence[bytes]:
    """Return the filters in the dictionary that ends a head; an empty name stands for what is not known."""
    _, begun, dictionary = head.rpartition(b"endobj")
    dictionary = _CODE.sub(lambda code: bytes.fromhex(code[1].decode()), dictionary if begun else head)
    found = _FILTER.findall(dictionary)
    if len(_OBJECT.findall(dictionary)) != 1 or len(found) > 1:
        return (b"",)
    if not found:
        return ()
    return _NAME.findall(found[0]) if found[0][:1] in (b"/", b"[") else (b"",)


def _inflated(data: bytes, start: int, limit: int) -> int:
    """Return how much is deflated from a place on, as far as it is sound; readers of PDFs ignore the checksum."""
    inflating, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    for at in range(start + _ZLIB_HEAD, len(data), PIECE):
        piece = data[at : at + PIECE]
        while piece and not inflating.eof and size <= limit:
            try:
                size += len(inflating.decompress(piece, 16 * PIECE))
            except zlib.error:
                return size + 16 * PIECE  # as much of it is lost at the most
            piece = inflating.unconsumed_tail
        if inflating.eof or size > limit:
            break
    return size
