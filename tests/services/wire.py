"""How the bytes of an answer leave a server: whole or in pieces, packed, and with which kind of end."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Literal

from aiohttp import web

DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Wire:
    """The way of one body: `cuts` are offsets between pieces, `every` a fixed size of them.

    `end`: "close" ends the body as it should be, "hold" keeps the connection open in silence, "cut" closes it without
    the last chunk. Between two pieces `pause_s`, or after the first ones what `gates` wait for: so others see them.
    """

    cuts: Sequence[int] = ()
    every: int | None = None
    gzip: bool = False
    end: Literal["close", "hold", "cut"] = "close"
    content_type: str = "text/event-stream"
    pause_s: float = 0
    gates: Sequence[asyncio.Event] = ()

    def pieces(self, body: bytes) -> Iterator[bytes]:
        """Cut a body into pieces, none of them empty."""
        inner = range(self.every, len(body), self.every) if self.every else sorted(set(self.cuts))
        marks = [0, *(mark for mark in inner if 0 < mark < len(body)), len(body)]
        return (body[start:stop] for start, stop in pairwise(marks) if start < stop)


def sse(
    payloads: Iterable[str | dict[str, object]], *, newline: str = "\n", space: str = " ", end: str = DONE
) -> bytes:
    """Frame payloads as server-sent events; `end` empty: without an end marker."""
    texts = [payload if isinstance(payload, str) else json.dumps(payload) for payload in payloads]
    events = [*texts, end] if end else texts
    return "".join(f"data:{space}{text}{newline}{newline}" for text in events).encode()


def events(items: Sequence[dict[str, object]]) -> bytes:
    """Frame events that have a name each, as Anthropic's; an object without a type has none."""
    named = (f"event: {item['type']}\n" if "type" in item else "" for item in items)
    return "".join(f"{name}data: {json.dumps(item)}\n\n" for name, item in zip(named, items, strict=True)).encode()


async def send(request: web.Request, body: bytes, wire: Wire) -> web.StreamResponse:
    """Answer with a chunked body, piece by piece; a held answer ends when the client leaves."""
    response = web.StreamResponse(headers={"Content-Type": wire.content_type})
    if wire.gzip:
        response.enable_compression(web.ContentCoding.gzip)
    await response.prepare(request)
    for piece, gate in zip_longest(wire.pieces(body), wire.gates):
        if piece:
            await response.write(piece)
        await (gate.wait() if gate else asyncio.sleep(wire.pause_s))
    if wire.end == "hold":
        await asyncio.Event().wait()
    if wire.end == "cut" and request.transport is not None:
        request.transport.close()
    return response
