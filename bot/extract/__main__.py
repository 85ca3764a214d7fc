"""Read the file on standard input: `python -m bot.extract NAME`; what a model can be sent goes to standard output."""

import sys

from bot.extract.clockwork import TimeUp, done, limit
from bot.extract.found import Found, Reason, Unread, dump, of_text
from bot.extract.kinds import Kind, kind_of
from bot.extract.office import office
from bot.extract.pdf import pdf
from bot.extract.picture import picture
from bot.extract.plain import decoded, page_text


def read(data: bytes, name: str) -> Found:
    """Return what a model can be sent of a file. Raises Unread, TimeUp, and whatever a broken file brings about."""
    if not data.strip():
        raise Unread(Reason.EMPTY)
    match kind_of(data, name):
        case Kind.IMAGE:
            return picture(data)
        case Kind.PDF:
            return pdf(data)
        case Kind.ZIP:
            return office(data)
        case Kind.LOCKED:
            raise Unread(Reason.LOCKED)
        case Kind.HTML:
            return of_text(page_text(decoded(data)))
        case Kind.TEXT:
            return of_text(decoded(data))
        case Kind.UNKNOWN:
            raise Unread(Reason.UNKNOWN)


def main() -> None:
    """Read, under limits, and say what came of it."""
    limit()
    found: Found | Unread
    try:
        found = read(sys.stdin.buffer.read(), sys.argv[1] if len(sys.argv) > 1 else "")
    except Unread as reason:
        found = reason
    except TimeUp:
        found = Unread(Reason.TOO_SLOW)
    except MemoryError:
        found = Unread(Reason.TOO_LARGE)
    except Exception:  # noqa: BLE001 - whatever it is, it is the file's fault, and is told as such
        found = Unread(Reason.BROKEN)
    done()
    sys.stdout.buffer.write(dump(found))


main()
