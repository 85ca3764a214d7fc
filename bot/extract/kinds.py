"""Kinds: what a file is, told from its bytes, whatever it is called and whatever its sender says."""

from enum import StrEnum

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_HEIF = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"heim", b"heis")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = (b"<!doctype html", b"<html")
_HEAD = 1024  # bytes in which the mark of a PDF may stand
_SAMPLE = 64 << 10
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1b\x08")
MAX_CONTROLS = 0.01  # of a text's bytes


class Kind(StrEnum):
    """What a file is read as."""

    IMAGE = "image"
    PDF = "pdf"
    ZIP = "zip"  # DOCX, XLSX, OpenDocument
    LOCKED = "locked"
    HTML = "html"
    TEXT = "text"
    UNKNOWN = "unknown"


def kind_of(data: bytes, name: str = "") -> Kind:
    """Return what a file is; its name only tells a page from other text."""
    if data.startswith(_IMAGES) or _is_riff(data) or (data[4:8] == b"ftyp" and data[8:12] in _HEIF):
        return Kind.IMAGE
    if b"%PDF-" in data[:_HEAD]:
        return Kind.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ZIP
    if data.startswith(_OLE):
        return Kind.LOCKED if _ENCRYPTED in data else Kind.UNKNOWN
    if not is_text(data):
        return Kind.UNKNOWN
    is_page = name.lower().endswith((".html", ".htm", ".xhtml"))
    return (
        Kind.HTML if is_page or data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP) else Kind.TEXT
    )


def is_text(data: bytes) -> bool:
    """Tell whether bytes are words: no control characters but those of texts, or UTF-16 that says so."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    sample = data[:_SAMPLE]
    controls = sum(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in sample)
    return 0 not in sample and controls <= len(sample) * MAX_CONTROLS


def _is_riff(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"
