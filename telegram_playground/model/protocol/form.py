"""A form: how one service's protocol is read and spoken; a model answers in each.

`heard` turns a request into the body that OpenAI's service would have got, which is what scripts see. A `Voice` says
what is told of an answer, as objects; `Spoken` sends each as soon as it is there, or all of them as one.
"""

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from telegram_playground.model.answer import Refusal, Thought, ToolCall, Usage
from telegram_playground.model.protocol.completion import refused
from telegram_playground.protocol.wire import Json


class Voice(Protocol):
    """What a service says of one answer, piece by piece."""

    media_type: str

    def framed(self, item: Json) -> bytes:
        """Return an object as it stands in the stream."""

    def begun(self) -> list[Json]:
        """Return what comes before the answer."""

    def text(self, text: str) -> list[Json]:
        """Return a piece of the answer."""

    def thought(self, thought: str) -> list[Json]:
        """Return a piece of the reasoning."""

    def call(self, place: int, call: ToolCall) -> list[Json]:
        """Return the wish for a tool."""

    def ended(self, finish: str | None, usage: Usage) -> list[Json]:
        """Return what comes after it."""

    def failed(self, status: int, message: str) -> Json:
        """Return an error, before the answer or amid it."""

    def whole(self, finish: str | None, usage: Usage) -> Json:
        """Return the answer as one object, of all that was said so far."""

    tail: bytes  # after the last object of a stream


class Spoken:
    """A completion by a voice, as a stream or (`streams` false) as one object."""

    def __init__(self, request: web.Request, voice: Voice, *, streams: bool) -> None:
        self._request = request
        self._voice = voice
        self._streams = streams
        self._stream = web.StreamResponse(headers={"Content-Type": voice.media_type})
        self._whole: web.StreamResponse = web.Response()
        self._raw = b""
        self._torn = 0
        self.is_open = False

    @property
    def response(self) -> web.StreamResponse:
        """What the server is to return."""
        return self._stream if self._streams else self._whole

    async def open(self) -> None:
        """Send the status line and what comes first; an object waits for its end."""
        if self._streams and not self.is_open:
            self.is_open = True
            await self._stream.prepare(self._request)
            await self._say(self._voice.begun())

    async def text(self, text: str) -> None:
        """Say a piece of the answer."""
        await self._say(self._voice.text(text))

    async def thought(self, thought: Thought) -> None:
        """Say a piece of the reasoning."""
        await self._say(self._voice.thought(thought.text))

    async def call(self, place: int, call: ToolCall) -> None:
        """Say the wish for a tool."""
        await self._say(self._voice.call(place, call))

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are; instead of the object where nothing streams."""
        if not self._streams:
            self._raw += data
            return
        await self.open()
        for start in range(0, len(data), self._torn or len(data) or 1):
            await self._stream.write(data[start : start + (self._torn or len(data))])

    async def fail(self, refusal: Refusal) -> None:
        """Say that it went wrong amid the answer."""
        await self._say([self._voice.failed(refusal.status, message_of(refusal))])

    async def cut(self) -> None:
        """End as if that were all, or amid the object."""
        if self._streams:
            await self.open()
            await self._stream.write_eof()
            return
        data = self._voice.framed(self._voice.whole(None, Usage(1, 1)))
        self._whole = web.Response(body=data[: len(data) // 2], content_type="application/json")

    async def end(self, finish: str | None, usage: Usage) -> None:
        """End in order."""
        if self._streams:
            await self._say(self._voice.ended(finish, usage))
            await self.raw(self._voice.tail)
        elif self._raw:
            self._whole = web.Response(body=self._raw, content_type="application/json")
        else:
            self._whole = web.json_response(self._voice.whole(finish, usage))

    def tear(self, size: int) -> None:
        """Write all that follows in pieces of so many bytes."""
        self._torn = size

    def refused(self, refusal: Refusal) -> web.Response:
        """Return a refusal in the words of this service; a page of what stands before it is left as it is."""
        if isinstance(refusal.body, str):
            return refused(refusal)
        body = self._voice.failed(refusal.status, message_of(refusal))
        return web.json_response(body, status=refusal.status, headers=refusal.headers)

    async def _say(self, items: list[Json]) -> None:
        if not self._streams:
            return
        await self.open()
        for item in items:
            await self.raw(self._voice.framed(item))


def message_of(refusal: Refusal) -> str:
    """Return what a refusal of OpenAI's form says."""
    error = refusal.body.get("error") if isinstance(refusal.body, Mapping) else None
    if isinstance(error, Mapping):
        return str(error.get("message", ""))
    return str(error or refusal.text)


def function(name: str, arguments: str, call_id: str) -> Json:
    """Return a wish for a tool as OpenAI's protocol has it."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool(name: object, description: object, parameters: object) -> Json:
    """Return the offer of a tool as OpenAI's protocol has it."""
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def picture(media_type: object, data: object) -> Json:
    """Return a picture as OpenAI's protocol has it."""
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}


def objects(value: object) -> list[Json]:
    """Return the objects of a list; nothing else is one."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
