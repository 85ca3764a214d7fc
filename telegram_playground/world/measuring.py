"""What a file's first bytes tell of a picture or a recording: its size, and how long it lasts."""

import struct
from collections.abc import Iterator

_OPUS_RATE = 48_000
_PNG, _GIF = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")
_FRAME = b"\x9d\x01\x2a"  # before the size of a VP8 picture; RFC 6386, 9.1
_MOVIES = frozenset({b"moov", b"trak"})  # boxes of an MP4 file in which there are others


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, GIF, JPEG or WebP picture, or of an MP4 film, in pixels."""
    try:
        if data.startswith(_PNG):
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data.startswith(_GIF):
            width, height = struct.unpack_from("<HH", data, 6)
            return width, height
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        return _film(data)
    except struct.error:
        return None


def seconds(data: bytes) -> int | None:
    """Return how long an Ogg file with Opus, or an MP4 file, lasts, rounded up."""
    if data[4:8] == b"ftyp":
        return _film_seconds(data)
    if not data.startswith(b"OggS") or b"OpusHead" not in data[:100]:
        return None
    last = data.rfind(b"OggS")  # its last page says the time; RFC 7845, 4
    samples = int.from_bytes(data[last + 6 : last + 14], "little")
    return max(-(-samples // _OPUS_RATE), 1)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    """Read the first chunk of a WebP file; RFC 9649."""
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == _FRAME:
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None


def _film(data: bytes) -> tuple[int, int] | None:
    """Return the size of the first track that is seen; ISO 14496-12, 8.3.2."""
    for kind, start, _ in _boxes(data):
        if kind == b"tkhd":
            at = start + (88 if data[start : start + 1] == b"\1" else 76)
            width, height = struct.unpack_from(">II", data, at)
            if width and height:
                return width >> 16, height >> 16
    return None


def _film_seconds(data: bytes) -> int | None:
    for kind, start, _ in _boxes(data):
        if kind == b"mvhd":
            is_long = data[start : start + 1] == b"\1"
            try:
                scale, length = struct.unpack_from(">IQ" if is_long else ">II", data, start + (20 if is_long else 12))
            except struct.error:
                return None
            return max(-(-length // scale), 1) if scale else None
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, begin and end of the boxes of an MP4 file, and of those inside; nothing for another file."""
    if data[4:8] != b"ftyp":
        return
    at = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind in _MOVIES:
            at += 8
            continue
        if size < 8:
            return
        yield kind, at + 8, at + size
        at += size
