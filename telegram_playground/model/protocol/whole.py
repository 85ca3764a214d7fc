"""A completion as one JSON object."""

import json

from aiohttp import web

from telegram_playground.model.answer import Refusal, Thought, ToolCall, Usage
from telegram_playground.model.protocol.completion import called, counted, refused
from telegram_playground.protocol.wire import Json


class Whole:
    """All that is said, kept until the end."""

    def __init__(self, head: Json) -> None:
        self._head = head | {"object": "chat.completion"}
        self._texts: list[str] = []
        self._thoughts: dict[str, str] = {}
        self._calls: list[Json] = []
        self._raw = b""
        self._response: web.StreamResponse = web.Response()
        self.is_open = False  # until the end; then nothing follows

    @property
    def response(self) -> web.StreamResponse:
        """The answer, after its end."""
        return self._response

    async def open(self) -> None:
        """Wait: status line and body go together."""

    async def text(self, text: str) -> None:
        """Keep a piece of the answer."""
        self._texts.append(text)

    async def thought(self, thought: Thought) -> None:
        """Keep a piece of the reasoning."""
        self._thoughts[thought.name] = self._thoughts.get(thought.name, "") + thought.text

    async def call(self, place: int, call: ToolCall) -> None:
        """Keep the wish for a tool."""
        self._calls.append(called(place, call, "".join(call.pieces)))

    async def raw(self, data: bytes) -> None:
        """Send these bytes instead of the object."""
        self._raw += data

    async def fail(self, refusal: Refusal) -> None:
        """Answer with an error object; never called, as nothing is open before the end."""
        self._response = refused(refusal)

    async def cut(self) -> None:
        """Send half of the object."""
        data = json.dumps(self._object("stop", None)).encode()
        self._response = web.Response(body=data[: len(data) // 2], content_type="application/json")

    async def end(self, finish: str | None, usage: Usage) -> None:
        """Make the object."""
        data = self._raw or json.dumps(self._object(finish, usage)).encode()
        self._response = web.Response(body=data, content_type="application/json")

    def refused(self, refusal: Refusal) -> web.Response:
        """Return a refusal as it is."""
        return refused(refusal)

    def tear(self, size: int) -> None:
        """Keep the object in one piece."""

    def _object(self, finish: str | None, usage: Usage | None) -> Json:
        said = "".join(self._texts)
        message: Json = {"role": "assistant", "content": None if self._calls and not said else said, **self._thoughts}
        if self._calls:
            message["tool_calls"] = self._calls
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return {**self._head, "choices": [choice], "usage": counted(usage) if usage else None}
