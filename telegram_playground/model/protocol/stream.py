"""A completion as server-sent events."""

import json

from aiohttp import web

from telegram_playground.model.answer import Refusal, Thought, ToolCall, Usage
from telegram_playground.model.protocol.completion import called, counted, refused
from telegram_playground.protocol.wire import Json


class Stream:
    """Chunks, each sent as soon as it is there."""

    def __init__(self, request: web.Request, head: Json, *, counts: bool) -> None:
        self._request = request
        self._response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        self._head = head | {"object": "chat.completion.chunk"}
        self._before = json.dumps(self._head)[:-1].encode() + b', "choices": [{"index": 0, "delta": {"content": '
        self._counts = counts
        self._torn = 0
        self.is_open = False

    @property
    def response(self) -> web.StreamResponse:
        """The stream."""
        return self._response

    async def open(self) -> None:
        """Send the status line."""
        if not self.is_open:
            self.is_open = True
            await self._response.prepare(self._request)

    async def text(self, text: str) -> None:
        """Send a piece of the answer; this is what a server does all day, so the chunk is not built anew each time."""
        await self.raw(b"data: " + self._before + _quoted(text) + b'}, "finish_reason": null}]}\n\n')

    async def thought(self, thought: Thought) -> None:
        """Send a piece of the reasoning."""
        await self._delta({thought.name: thought.text})

    async def call(self, place: int, call: ToolCall) -> None:
        """Send the wish for a tool: its name, then its arguments in pieces."""
        await self._delta({"tool_calls": [{"index": place, **called(place, call, "")}]})
        for piece in call.pieces:
            await self._delta({"tool_calls": [{"index": place, "function": {"arguments": piece}}]})

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        await self.open()
        if not self._torn:
            await self._response.write(data)
            return
        for start in range(0, len(data), self._torn):
            await self._response.write(data[start : start + self._torn])

    async def fail(self, refusal: Refusal) -> None:
        """Send an error object, after which nothing comes; so does OpenRouter."""
        await self.raw(b"data: " + refusal.text.encode() + b"\n\n")

    async def cut(self) -> None:
        """End as if that were all."""
        await self.open()
        await self._response.write_eof()

    async def end(self, finish: str | None, usage: Usage) -> None:
        """Send why it ended, the tokens if they were asked for, and the end mark."""
        if finish is not None:
            await self._delta({}, finish)
        if self._counts:
            await self._event({**self._head, "choices": [], "usage": counted(usage)})
        await self.raw(b"data: [DONE]\n\n")

    def refused(self, refusal: Refusal) -> web.Response:
        """Return a refusal as it is."""
        return refused(refusal)

    def tear(self, size: int) -> None:
        """Write all that follows in pieces of so many bytes."""
        self._torn = size

    async def _delta(self, delta: Json, finish: str | None = None) -> None:
        await self._event({**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    async def _event(self, item: Json) -> None:
        await self.raw(b"data: " + json.dumps(item).encode() + b"\n\n")


def _quoted(text: str) -> bytes:
    """Return a text as JSON in UTF-8, escaped only where it is half a character."""
    try:
        return json.dumps(text, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(text).encode()
