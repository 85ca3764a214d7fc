"""Bounds: what is read of what an MCP server says, how much and how fast, so that none can stop the bot."""

import re
import zlib
from collections.abc import AsyncIterator
from typing import Protocol

from bot.clock import Clock

MAX_MESSAGE = 4 << 20  # bytes
MAX_OBJECTS = 20_000  # and numbers and texts in one message: each takes 3 KB and 20 µs once it is read
RATE = 500  # messages in a second, over time; a piece of 16 KB counts as one too
PIECE = 16 << 10
BURST = 100
PACKED = "gzip"  # as an answer may be
UNPACKED = 64 << 10  # bytes at a time
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_HALF = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


class TooMuch(Exception):
    """The server said more than is read."""

    def __init__(self) -> None:
        super().__init__(f"it sent more than {MAX_MESSAGE >> 20} MB or {MAX_OBJECTS} objects at once")


class Pace:
    """Holds up who talks too fast, as a server that floods; what is held up waits in its pipe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._units = 0.0

    async def take(self, size: int, messages: int = 1) -> None:
        """Note that so many bytes have come; wait where that is more than a server may say by now."""
        self._units += messages + size / PIECE
        if self._units >= BURST:
            units, self._units = self._units, 0.0
            await self._clock.sleep(units / RATE)


class Body(Protocol):
    """The pieces of an answer, as they come."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield them."""

    async def aclose(self) -> None:
        """Leave it."""


class Unpacked:
    """An answer that comes packed, piece by piece, of which none is large, whatever it is packed in."""

    def __init__(self, body: Body) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the pieces. Raises zlib.error."""
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
        async for packed in self._body:
            piece, is_more = packed, True
            while is_more and not unpacking.eof:
                unpacked = unpacking.decompress(piece, UNPACKED)
                yield unpacked
                piece = unpacking.unconsumed_tail
                is_more = bool(piece) or len(unpacked) == UNPACKED

    async def aclose(self) -> None:
        """Leave it."""
        await self._body.aclose()


def readable(message: bytes) -> bytes:
    """Return a message as it can be read: halves of characters, as servers send that cut texts, are replaced.

    Raises TooMuch.
    """
    if len(message) > MAX_MESSAGE:
        raise TooMuch
    if len(message) > MAX_OBJECTS:
        bare = _TEXT.sub(b"", message)
        if sum(map(bare.count, (b",", b"{", b"["))) > MAX_OBJECTS:
            raise TooMuch
    if b"\\ud" not in message and b"\\uD" not in message:
        return message
    return _HALF.sub(lambda found: rb"\ufffd" if found[1] else found[0], message)
