"""PDF: the words of its first pages, as far as there is time, and the file itself for models that read one."""

import logging
from contextlib import suppress
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

from bot.extract.clockwork import TimeUp
from bot.extract.found import MAX_CHARACTERS, MAX_PAGES, MAX_PDF, Found, Pdf, Reason, Unread, of_text
from bot.extract.weight import weight

if TYPE_CHECKING:
    import pypdf

MAX_UNPACKED = 256 << 20  # bytes of its streams, of a PDF that goes as it is: services have limits that nobody tells


def pdf(data: bytes) -> Found:
    """Return the text of a PDF, and what of it can be sent as it is.

    Nothing in it is run, and nothing that it names is fetched. Raises Unread.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PyPdfError
    except ImportError:
        raise Unread(Reason.NO_EXTRA) from None
    logging.disable()  # it quotes what it meets
    words: list[str] = []
    pages, is_timely, is_heavy, is_whole = 0, True, False, True
    whole: Pdf | None = None
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unread(Reason.LOCKED)
        pages = len(reader.pages)
        if 0 < pages <= MAX_PAGES and len(data) <= MAX_PDF and not reader.is_encrypted:
            is_heavy = weight(data, MAX_UNPACKED) > MAX_UNPACKED
            whole = None if is_heavy else Pdf(pages, pages)
        for number in range(min(pages, MAX_PAGES)):
            said = _words(reader.pages[number])
            is_whole = is_whole and said is not None
            words.append(said or "")
            if sum(map(len, words)) > MAX_CHARACTERS:
                break
        if pages > MAX_PAGES or reader.is_encrypted:
            some = _first_pages(reader, pages)
            is_heavy = some is not None and weight(some.body, MAX_UNPACKED) > MAX_UNPACKED
            whole = None if is_heavy else some
    except TimeUp:
        is_timely = False
    except DependencyError:  # a cipher that needs a package more
        raise Unread(Reason.NO_EXTRA) from None
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError):
        if not any(words):
            raise Unread(Reason.BROKEN) from None
    has_words = any(map(str.strip, words))
    if not has_words and is_heavy:
        raise Unread(Reason.TOO_LARGE)
    wordless = None
    if not has_words:
        wordless = _why(pages, is_timely=is_timely, is_whole=is_whole)
        if whole is None:
            raise Unread(wordless)
    text = "\n\n".join(f"[page {number}]\n{each}" for number, each in zip(count(1), words, strict=False))
    return of_text(text if has_words else "", pages=pages, pages_read=len(words), pdf=whole, wordless=wordless)


def _why(pages: int, *, is_timely: bool, is_whole: bool) -> Reason:
    """Return why a PDF has no words; `is_whole`: each page that was come to could be read."""
    if not is_timely:
        return Reason.TOO_SLOW
    if not is_whole:
        return Reason.BROKEN
    return Reason.NO_TEXT if pages else Reason.EMPTY


def _words(page: "pypdf.PageObject") -> str | None:
    """Return the words of a page, None of one that is broken. Raises TimeUp."""
    try:
        return page.extract_text().strip()
    except TimeUp:
        raise
    except Exception:  # noqa: BLE001 - a page that is broken in any way leaves the others to be read
        return None


def _first_pages(reader: "pypdf.PdfReader", pages: int) -> Pdf | None:
    """Return a PDF of as many pages as services take, without a cipher; None where that is too large or not to be had.

    The words are there whatever becomes of this, also where it takes too long.
    """
    from pypdf import PdfWriter

    with suppress(Exception, TimeUp):  # whatever it is, it is the file's fault
        writer = PdfWriter()
        for number in range(min(pages, MAX_PAGES)):
            writer.add_page(reader.pages[number])
        file = BytesIO()
        writer.write(file)
        if file.tell() <= MAX_PDF:
            return Pdf(min(pages, MAX_PAGES), pages, file.getvalue())
    return None
