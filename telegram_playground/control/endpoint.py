"""The control API over HTTP: commands and events. docs/playground.md describes it."""

import asyncio
import json
import logging
from typing import Any

from aiohttp import WSMsgType, web

from telegram_playground.api.request import Received, read
from telegram_playground.control.arguments import Arguments
from telegram_playground.control.commands import COMMANDS
from telegram_playground.control.commands.acts import send_file
from telegram_playground.control.commands.deeds import send_album
from telegram_playground.control.commands.places import set_photo
from telegram_playground.control.openapi import document
from telegram_playground.control.snapshot import snapshot
from telegram_playground.control.stage import Stage
from telegram_playground.protocol.commands import given, takes_files
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.world.deeds import DEEDS, TROUBLE
from telegram_playground.world.feed import Subscriber

log = logging.getLogger(__name__)
_PING_S = 30.0
_MAX_IN_BYTES = 1 << 16  # of a WebSocket message from the page, which has nothing to say

_OF_A_FILE = {"send_file": send_file, "set_photo": set_photo}


class Control:
    """Takes commands and passes on what happens."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def add_routes(self, app: web.Application, prefix: str) -> None:
        """Answer under `playground/`."""
        app.router.add_get(f"{prefix}/playground/events", self._events)
        app.router.add_get(f"{prefix}/playground/openapi.json", self._openapi)
        app.router.add_get(f"{prefix}/playground/file/{{file_id}}", self._file)
        app.router.add_post(f"{prefix}/playground/{{command}}", self._command)

    async def _openapi(self, _: web.Request) -> web.Response:
        return _json(document())

    async def _command(self, request: web.Request) -> web.Response:
        try:
            result = await self._carried_out(request.match_info["command"], await read(request))
        except ApiError as error:
            body = {"ok": False, "description": error.description}
            return _json(body, status=error.code)
        except ValueError as error:
            return _json({"ok": False, "description": str(error)}, status=400)
        return _json({"ok": True, "result": result})

    async def _carried_out(self, name: str, received: Received) -> Any:
        if received.refusal:
            raise received.refusal
        received.parameters = given(name, received.parameters)
        if received.uploads and not takes_files(name):
            raise bad_request(f"{name} takes no files")
        if name not in DEEDS | TROUBLE:
            return await self._run(name, received)
        uploads = received.uploads.values()
        deed = self._stage.deeds.begin(self._stage.world.clock.now(), name, dict(received.parameters), uploads)
        try:
            result = await self._run(name, received)
        except (ApiError, ValueError) as error:
            deed.refused = str(error)
            raise
        finally:
            self._stage.world.feed.changes += 1  # also where nobody is told of them
        deed.done(result)
        return result

    async def _run(self, name: str, received: Received) -> Any:
        arguments = Arguments(received.parameters)
        if name in _OF_A_FILE:
            upload = received.uploads.get("file")
            if upload is None:
                raise bad_request("there is no file in the request; it must be in the field file")
            return await _OF_A_FILE[name](self._stage, arguments, upload)
        if name == "send_album":
            return await send_album(self._stage, arguments, [*received.uploads.values()])
        return await COMMANDS[name](self._stage, arguments)

    async def _file(self, request: web.Request) -> web.Response:
        file = self._stage.world.files.get(request.match_info["file_id"])
        if file is None:
            return web.Response(status=404, text="no such file")
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        }
        if file.mime in ("image/png", "image/jpeg", "image/gif", "image/webp"):
            return web.Response(body=file.data, content_type=file.mime, headers=headers)
        headers["Content-Disposition"] = "attachment"
        return web.Response(body=file.data, content_type="application/octet-stream", headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=_PING_S, max_msg_size=_MAX_IN_BYTES)
        feed = self._stage.world.feed
        try:
            subscriber = feed.subscribe()
        except ValueError:
            return web.Response(status=503, text="too many readers")
        try:
            await socket.prepare(request)
            first = snapshot(self._stage)
            sending = asyncio.create_task(_send(socket, subscriber, first))
            try:
                async for message in socket:
                    if message.type == WSMsgType.ERROR:
                        break
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        finally:
            feed.unsubscribe(subscriber)
        return socket


async def _send(socket: web.WebSocketResponse, subscriber: Subscriber, first: Any) -> None:
    """Send the snapshot and all that follows, until the reader is too slow."""
    await socket.send_str(json.dumps(first, ensure_ascii=False))
    while True:
        change = await subscriber.queue.get()
        if change is None:
            await socket.close(code=1013, message=b"too slow")
            return
        await socket.send_str(json.dumps(change, ensure_ascii=False))


def _json(body: Any, *, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
