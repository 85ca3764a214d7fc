"""Media: OpenAI's endpoints that make pictures and read aloud, as far as a test gives them something to send."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from telegram_playground.model.answer import Refusal
from telegram_playground.model.forms import body_of
from telegram_playground.protocol.wire import Json


@dataclass(slots=True)
class Media:
    """What a model draws and says; without a picture or a sound there is no such endpoint.

    `previews` are streamed before the picture, where that is asked for; `hold` keeps the picture back until it is set,
    `refusals` come first; `edits`: pictures can be changed too. `drawn` and `spoken` are the bodies that were posted, a
    form as its fields, with the bytes of pictures in lists by their names.
    """

    picture: bytes | None = None
    previews: Sequence[bytes] = ()
    sound: bytes | None = None
    edits: bool = True
    hold: asyncio.Event | None = None
    refusals: list[Refusal] = field(default_factory=list)
    drawn: list[Json] = field(default_factory=list)
    spoken: list[Json] = field(default_factory=list)

    def add(self, app: web.Application, tell: Callable[[], None]) -> None:
        """Serve the endpoints; `tell` is called at each request."""

        async def draw(asked: web.Request) -> web.StreamResponse:
            is_edit = asked.path.endswith("/edits")
            self.drawn.append(await _form(asked) if is_edit else await body_of(asked) or {})
            tell()
            if self.picture is None or (is_edit and not self.edits):
                raise web.HTTPNotFound
            if refused := self._refused():
                return refused
            if self.drawn[-1].get("stream") in (True, "true"):
                return await self._stream(asked, self.picture, "image_edit" if is_edit else "image_generation")
            await self._held()
            return web.json_response({"created": 1, "data": [{"b64_json": _text(self.picture)}], "usage": _USAGE})

        async def speak(asked: web.Request) -> web.StreamResponse:
            self.spoken.append(await body_of(asked) or {})
            tell()
            if self.sound is None:
                raise web.HTTPNotFound
            if refused := self._refused():
                return refused
            await self._held()
            return web.Response(body=self.sound, content_type="audio/ogg")

        app.router.add_post("/v1/images/generations", draw)
        app.router.add_post("/v1/images/edits", draw)
        app.router.add_post("/v1/audio/speech", speak)

    def _refused(self) -> web.Response | None:
        if not self.refusals:
            return None
        refusal = self.refusals.pop(0)
        return web.Response(
            status=refusal.status, text=refusal.text, headers=refusal.headers, content_type=refusal.media_type
        )

    async def _held(self) -> None:
        if self.hold:
            await self.hold.wait()

    async def _stream(self, asked: web.Request, picture: bytes, kind: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(asked)
        for number, preview in enumerate(self.previews):
            event = {"type": f"{kind}.partial_image", "partial_image_index": number}
            await response.write(_event({**event, "b64_json": _text(preview)}))
        await self._held()
        event = {"type": f"{kind}.completed", "usage": _USAGE}
        await response.write(_event({**event, "b64_json": _text(picture)}))
        return response


_USAGE = {"input_tokens": 12, "output_tokens": 1056, "total_tokens": 1068}


async def _form(asked: web.Request) -> Json:
    """Return the fields of a form, pictures as lists of bytes."""
    found: Json = {}
    for name, value in (await asked.post()).items():
        if isinstance(value, web.FileField):
            found[name] = [*found.get(name, []), value.file.read()]
        else:
            found[name] = value
    return found


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _event(value: Json) -> bytes:
    return f"event: {value['type']}\ndata: {web.json_response(value).text}\n\n".encode()
