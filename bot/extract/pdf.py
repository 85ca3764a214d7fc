"""PDF: the words of its first pages, as far as there is time."""

import logging
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

from bot.extract.clockwork import TimeUp
from bot.extract.found import MAX_CHARACTERS, MAX_PAGES, Found, Reason, Unread, of_text

if TYPE_CHECKING:
    import pypdf


def pdf(data: bytes) -> Found:
    """Return the text of a PDF; nothing in it is run, and nothing that it names is fetched. Raises Unread."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PyPdfError
    except ImportError:
        raise Unread(Reason.NO_EXTRA) from None
    logging.disable()  # it quotes what it meets
    words: list[str] = []
    pages, is_timely = 0, True
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unread(Reason.LOCKED)
        pages = len(reader.pages)
        for number in range(min(pages, MAX_PAGES)):
            words.append(_words(reader.pages[number]))
            if sum(map(len, words)) > MAX_CHARACTERS:
                break
    except TimeUp:
        is_timely = False
    except DependencyError:  # a cipher that needs a package more
        raise Unread(Reason.LOCKED) from None
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError):
        if not any(words):
            raise Unread(Reason.BROKEN) from None
    if not any(map(str.strip, words)):
        raise Unread(Reason.NO_TEXT if pages and is_timely else Reason.TOO_SLOW if not is_timely else Reason.EMPTY)
    text = "\n\n".join(f"[page {number}]\n{each}" for number, each in zip(count(1), words, strict=False))
    return of_text(text, pages=pages, pages_read=len(words))


def _words(page: "pypdf.PageObject") -> str:
    try:
        return page.extract_text().strip()
    except TimeUp:
        raise
    except Exception:  # noqa: BLE001 - a page that is broken in any way leaves the others to be read
        return ""
