"""Unescaped: what a text says where parts of it are escaped, and from where in the text each byte of that comes.

Services escape what they think they must, each character in its own way, and some of them twice; and what they say can
be cut off anywhere, within an escape too. All of it takes a time that grows with the text and no faster.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import html5

ROUNDS = 4  # of escapes within escapes
LEAST = 8  # digits of a run that may hold anything
_CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"0": b"\0"}
_STANDARD = bytes.maketrans(b"-_", b"+/")

_ESCAPE = re.compile(
    rb"""
      (?P<cut> (?: % [0-9a-f]? | & \#? [0-9a-z]{0,31} | \\ (?: u [0-9a-f]{0,3} | x [0-9a-f]? | [0-7]{0,2} )) \Z )
    | % (?P<percent> [0-9a-f]{2} ) | \\x (?P<byte> [0-9a-f]{2} )
    | \\u (?P<high> d[89ab][0-9a-f]{2} ) \\u (?P<low> d[c-f][0-9a-f]{2} )
    | \\u (?P<code> [0-9a-f]{4} ) | \\u\{ (?P<braced> [0-9a-f]{1,8} ) \} | \\ (?P<octal> [0-3][0-7]{2} )
    | &\#x (?P<hexadecimal> [0-9a-f]{1,8} ) ;? | &\# (?P<decimal> [0-9]{1,8} ) ;?
    | & (?P<name> [a-z][a-z0-9]{1,31} ) ; | & (?P<bare> lt | gt | amp | quot )
    | \\ (?P<other> . )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_HEX = re.compile(rb"[0-9a-f]{%d,}" % (2 * LEAST - 4), re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+(?: [A-Za-z0-9+/_-]+)*")  # in lines, too


@dataclass(frozen=True, slots=True)
class View:
    """What a text says; byte `at` of it comes from the text's characters `starts[at]` to `ends[at]`."""

    data: bytes
    starts: Sequence[int]
    ends: Sequence[int]


def views(text: str) -> Iterator[View]:
    """Yield what a text says as it stands, and with all that may be escaped in it read."""
    for said in _unescaped(_view(text)):
        yield said
        yield from _digits(said)


def readings(secret: str) -> Iterator[bytes]:
    """Yield a secret as it stands, and as it is after what looks like an escape in it was read."""
    for said in _unescaped(_view(secret)):
        yield said.data


def _view(text: str) -> View:
    pieces = [character.encode(errors="replace") for character in text]
    starts = [at for at, piece in enumerate(pieces) for _ in piece]
    return View(b"".join(pieces), starts, [at + 1 for at in starts])


def _unescaped(view: View) -> Iterator[View]:
    """Yield a view, and what it says after one round, two … as long as something is escaped."""
    yield view
    for _ in range(ROUNDS):
        if not any(sign in view.data for sign in (b"%", b"&", b"\\")):
            return
        further = _read(view)
        if further.data == view.data:
            return
        yield (view := further)


def _read(view: View) -> View:
    """Read one round of escapes; one that is cut off says nothing."""
    data, starts, ends, at = bytearray(), list[int](), list[int](), 0
    for match in _ESCAPE.finditer(view.data):
        begin, end = match.span()
        said = _said(match)
        if said is None:
            continue
        data += view.data[at:begin] + said
        starts += [*view.starts[at:begin], *[view.starts[begin]] * len(said)]
        ends += [*view.ends[at:begin], *[view.ends[end - 1]] * len(said)]
        at = end
    return View(bytes(data) + view.data[at:], [*starts, *view.starts[at:]], [*ends, *view.ends[at:]])


def _said(match: re.Match[bytes]) -> bytes | None:
    """Return what an escape says, None where it is none."""
    kind, given = match.lastgroup, match[match.lastgroup or 0]
    if kind == "low":
        return _character(0x10000 + ((int(match["high"], 16) & 0x3FF) << 10) + (int(given, 16) & 0x3FF))
    if kind in ("name", "bare"):
        name = given.decode()
        said = html5.get(f"{name};") or html5.get(f"{name.lower()};")
        return said.encode() if said else None
    read: dict[str | None, Callable[[], bytes]] = {
        "cut": lambda: b"",
        "percent": lambda: bytes.fromhex(given.decode()),
        "byte": lambda: bytes.fromhex(given.decode()),
        "octal": lambda: bytes([int(given, 8)]),
        "decimal": lambda: _character(int(given)),
        "other": lambda: _CONTROL.get(given, given),
    }
    return read.get(kind, lambda: _character(int(given, 16)))()


def _character(code: int) -> bytes:
    return chr(code).encode(errors="replace") if code < 0x110000 else b"?"


def _digits(view: View) -> Iterator[View]:
    """Yield what runs of hexadecimal digits and of base64 say, wherever in the run that begins."""
    for run in _HEX.finditer(view.data):
        for begin in (run.start(), run.start() + 1):
            end = begin + (run.end() - begin) // 2 * 2
            data = bytes.fromhex(view.data[begin:end].decode())
            yield View(data, view.starts[begin:end:2], view.ends[begin + 1 : end : 2])
    for run in _BASE64.finditer(view.data):
        places = [at for at in range(*run.span()) if view.data[at] != 32]
        for begin in range(4 if len(places) >= LEAST else 0):
            yield _base64(view, places[begin:])


def _base64(view: View, places: Sequence[int]) -> View:
    digits = bytes(view.data[at] for at in places).translate(_STANDARD)
    size = len(digits) * 6 // 8
    data = b64decode(digits + b"A" * (-len(digits) % 4))[:size]
    first = [view.starts[places[at * 8 // 6]] for at in range(size)]
    return View(data, first, [view.ends[places[(at * 8 + 7) // 6]] for at in range(size)])
