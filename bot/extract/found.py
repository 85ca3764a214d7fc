"""Found: what was read of a file, and how it crosses from one process to the other: a line of JSON, then the bytes."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

MAX_SIDE = 1568  # pixels of the longer side; services scale down what is more
MAX_PAGES = 100
MAX_CHARACTERS = 200_000
MAX_BODY = 4 << 20  # bytes of what is found: a text of MAX_CHARACTERS, or a picture that goes as it is
MAX_PDF = 14 << 20  # bytes of a PDF that goes as it is; Gemini takes 20 MB in base64 with all that is around it


class Reason(StrEnum):
    """Why nothing was read of a file."""

    EMPTY = "empty"
    BROKEN = "broken"
    LOCKED = "locked"  # by a password
    UNKNOWN = "unknown"  # a kind of file that is not read
    NO_TEXT = "no text"  # pages that are pictures
    TOO_LARGE = "too large"  # once it is unpacked: pixels, memory
    TOO_SLOW = "too slow"
    CRASHED = "the reader crashed"  # the program that reads it, on this file
    NO_EXTRA = "no extra"  # a package that reads it is not installed
    TOO_BIG = "too big"  # to be fetched
    LOST = "lost"  # Telegram has it no more
    UNREACHABLE = "unreachable"  # Telegram did not give it in time
    NO_ROOM = "no room"  # on our disk
    TOO_MANY = "too many"  # in one question
    DEAF = "nobody can listen to it"  # no service that writes down what is said
    NO_WORDS = "no words in it"
    NOT_HEARD = "not heard"  # the service that listens failed
    HEARD_LATER = "not heard for now"  # it is at its limit
    HEARD_BY_NO_KEY = "not heard: refused"  # it does not take our key, or wants money


class Unread(Exception):
    """Nothing was read of a file."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF as services read it: its first `pages`, of so many; `body` is empty where it is the file as it came."""

    pages: int
    of: int
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a model is sent: a picture (image/jpeg or image/png), or text in UTF-8 (text/plain).

    `pages` and `characters` are how many there are where not all were read, `…_read` how many were; else 0. `pdf`: what
    models are sent that read one with its pictures; then the text may be empty, and `wordless` is why.
    """

    media_type: str
    body: bytes = field(repr=False)
    pages: int = 0
    pages_read: int = 0
    characters: int = 0
    characters_read: int = 0
    pdf: Pdf | None = None
    wordless: Reason | None = None


def of_text(
    text: str, *, pages: int = 0, pages_read: int = 0, pdf: Pdf | None = None, wordless: Reason | None = None
) -> Found:
    """Return as much of a text as one file may have. Raises Unread."""
    if not text.strip() and pdf is None:
        raise Unread(Reason.EMPTY)
    cut = text[:MAX_CHARACTERS]
    more = (len(text), len(cut)) if len(cut) < len(text) else (0, 0)
    counted = (pages, pages_read) if pages_read < pages else (0, 0)
    return Found("text/plain", cut.encode("utf-8", "replace"), *counted, *more, pdf=pdf, wordless=wordless)


def dump(found: Found | Unread) -> bytes:
    """Return what goes over standard output."""
    if isinstance(found, Unread):
        return json.dumps({"reason": found.reason.value}).encode() + b"\n"
    pdf = found.pdf
    head = {name: value for name, value in asdict(found).items() if name not in ("body", "pdf")}
    more = {"pdf": [pdf.pages, pdf.of, len(found.body)]} if pdf else {}
    return json.dumps(head | more).encode() + b"\n" + found.body + (pdf.body if pdf else b"")


def load(said: bytes) -> Found:
    """Read what `dump` wrote. Raises Unread, also where that is not what was written."""
    head, newline, body = said.partition(b"\n")
    if not newline:
        raise Unread(Reason.BROKEN)
    try:
        fields = json.loads(head)
        if reason := fields.pop("reason", None):
            raise Unread(Reason(reason))
        why = fields.pop("wordless", None)
        fields["wordless"] = Reason(why) if why else None
        if told := fields.pop("pdf", None):
            pages, of, length = map(int, told)
            return Found(body=body[:length], pdf=Pdf(pages, of, body[length:]), **fields)
        return Found(body=body, **fields)
    except (ValueError, TypeError, AttributeError):
        raise Unread(Reason.BROKEN) from None
