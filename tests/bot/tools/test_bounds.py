"""What is read of what an MCP server says: whole characters, so much, so fast."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest

from bot.tools.bounds import MAX_MESSAGE, MAX_OBJECTS, RATE, UNPACKED, Pace, TooMuch, Unpacked, readable
from tests.clock import FakeClock


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (r'"plain \u00fc"', "plain ü"),
        (r'"\ud83e\udd8a"', "🦊"),
        (r'"\ud83e and \uDD8A"', "\ufffd and \ufffd"),
        (r'"\ud83e\ud83e\udd8a"', "\ufffd🦊"),
        (r'"C:\\ud83e"', r"C:\ud83e"),
        (r'"\\\ud83e"', "\\\ufffd"),
    ],
)
def test_halves_of_characters_are_replaced_and_nothing_else(said: str, read: str) -> None:
    assert json.loads(readable(said.encode())) == read


def test_what_is_too_much_at_once_is_not_read() -> None:
    words = json.dumps({"text": '{ "a": 1 }' * (MAX_OBJECTS + 1)}).encode()

    assert readable(words) == words  # objects in a text are a text
    with pytest.raises(TooMuch):
        readable(json.dumps([{"a": "long enough"}] * (MAX_OBJECTS + 1)).encode())
    with pytest.raises(TooMuch):
        readable(json.dumps({"content": [1] * (MAX_OBJECTS + 2)}).encode())
    with pytest.raises(TooMuch):
        readable(b" " * (MAX_MESSAGE + 1))


async def test_who_floods_is_held_up_and_who_says_one_long_thing_is_not(clock: FakeClock) -> None:
    began, pace = clock.now(), Pace(clock)
    for _ in range(20):
        await pace.take(100)
    assert clock.now() == began

    flood = asyncio.ensure_future(_flood(pace, 10 * RATE))
    await clock.advance(9)
    assert not flood.done()
    await clock.advance(2)
    await flood

    long = asyncio.ensure_future(pace.take(MAX_MESSAGE))
    await clock.advance(1)
    assert long.done()


async def _flood(pace: Pace, messages: int) -> None:
    for _ in range(messages):
        await pace.take(2)


class Body:
    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self.is_left = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def aclose(self) -> None:
        self.is_left = True


async def test_what_comes_packed_is_unpacked_in_small_pieces() -> None:
    said = bytes(range(256)) * 1_000 + b"0" * (8 << 20)
    packed = gzip.compress(said)
    body = Body(*(packed[at : at + 100] for at in range(0, len(packed), 100)))

    unpacked = Unpacked(body)
    pieces = [piece async for piece in unpacked]

    assert b"".join(pieces) == said
    assert max(map(len, pieces)) <= UNPACKED
    await unpacked.aclose()
    assert body.is_left
