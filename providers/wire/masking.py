"""Masking: what is secret is taken out of words that somebody else wrote, in whatever form they repeat it."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from providers.wire.unescaped import View, readings, views

MASK = "***"
SHORTEST_SECRET = 6  # characters; what is shorter would only spoil an error
PIECE = 8  # bytes of a secret that are masked wherever they stand
AT_AN_END = 6  # bytes of it that are masked where the text was cut off
ESCAPE = 8  # bytes of an escape that may be left where the text begins

_ADDRESS = b"://"
_USER_INFO = re.compile(r"(?<=://)[^/\s]*(?=@)")
_KEYS = re.compile(r"\b(?:(?:sk|pk|gsk|xai|hf)[-_]|AIza)[\w-]{12,}|(?<=Bearer )[\w.~+/=-]{4,}", re.IGNORECASE)
_BASIC = re.compile(r"\bBasic [\w+/-]{6,}=*", re.IGNORECASE)


def mask(text: str, *secrets: str) -> str:
    """Replace secrets, keys and passwords in URLs by ***: a secret whole, a piece of it, or what a cut left of it.

    A secret is known in any case, percent-encoded, escaped for HTML or JSON, twice too, in hexadecimal digits and in
    base64. That takes a time that grows with the text and no faster.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        if len(secret) < SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    if long := [_known(secret) for secret in dict.fromkeys(secrets) if len(secret) >= SHORTEST_SECRET]:
        text = _without(text, sorted(_places(text, long)))
    return _KEYS.sub(MASK, _BASIC.sub(MASK, _USER_INFO.sub(MASK, text)))


def passwords_in(url: str) -> Iterator[str]:
    """Yield the password in an address, as it stands there and as it is sent."""
    with suppress(ValueError):
        if password := urlsplit(url).password:
            yield from (each for each in {password, unquote(password)} if len(each) >= SHORTEST_SECRET)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a secret is known by: pieces of it, and what a text begins or ends with that was cut off in it."""

    pieces: dict[int, frozenset[bytes]]  # by their length
    begins: tuple[bytes, ...]
    ends: tuple[bytes, ...]


@lru_cache(maxsize=256)
def _known(secret: str) -> _Known:
    forms = {_folded(form) for each in {secret, secret.lower(), secret.upper()} for form in readings(each)}
    forms = {form for form in forms if len(form) >= SHORTEST_SECRET}
    pieces: dict[int, set[bytes]] = {}
    for form in forms:
        size = len(form) if _ADDRESS in form else min(PIECE, len(form))
        pieces.setdefault(size, set()).update(form[at : at + size] for at in range(len(form) - size + 1))
    forms = {form for form in forms if _ADDRESS not in form}  # all addresses begin alike
    lengths = range(PIECE, AT_AN_END - 1, -1)
    begins = tuple({form[:n]: None for n in lengths for form in forms if n <= len(form)})
    ends = tuple({form[-n:]: None for n in lengths for form in forms if n <= len(form)})
    return _Known({size: frozenset(each) for size, each in pieces.items()}, begins, ends)


def _folded(data: bytes) -> bytes:
    """Return bytes in the one form in which they are compared: in lower case, and a form's + as the blank it is."""
    return data.lower().replace(b"+", b" ")


def _places(text: str, secrets: Collection[_Known]) -> Iterator[tuple[int, int]]:
    """Yield where in a text something of secrets stands."""
    for view in views(text):
        data = _folded(view.data)
        for known in secrets:
            yield from _pieces(view, data, known)
            if cut := next((begin for begin in known.begins if data.endswith(begin)), b""):
                yield view.starts[len(data) - len(cut)], len(text)  # half an escape may follow
            for end in known.ends:
                if (at := data.find(end, 0, len(end) + ESCAPE)) >= 0:
                    yield view.starts[at], view.ends[at + len(end) - 1]
                    break


def _pieces(view: View, data: bytes, known: _Known) -> Iterator[tuple[int, int]]:
    for size, pieces in known.pieces.items():
        for at in range(len(data) - size + 1):
            if data[at : at + size] in pieces:
                yield view.starts[at], view.ends[at + size - 1]


def _without(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Return a text with *** for its places, which are in order; those that touch are one."""
    kept, at, covered = list[str](), 0, -1
    for begin, end in places:
        if begin > covered:
            kept += [text[at:begin], MASK]
        at = covered = max(covered, end)
    return "".join([*kept, text[at:]])
