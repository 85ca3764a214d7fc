"""What a server can be told to answer instead, once a request was found in order."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from tests.services.wire import Wire, send

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAINTENANCE = "<html><head><title>Down for\n maintenance</title></head><body>Back soon. data-x</body></html>"
CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body class='no-js'></body></html>"
FIREWALL = "<html><head><title>Attention Required! | Cloudflare</title></head><body></body></html>"


def status(code: int, text: str = "", *, content_type: str = "text/plain", headers: Mapping[str, str] = {}) -> Fault:
    """Answer with this status and body."""

    async def fault(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=text, content_type=content_type, headers=headers)

    return fault


def document(value: object, *, code: int = 200, content_type: str = "application/json") -> Fault:
    """Answer with a JSON document, whatever was asked for."""
    return status(code, json.dumps(value), content_type=content_type)


def page(html: str = MAINTENANCE, *, code: int = 200, headers: Mapping[str, str] = {}) -> Fault:
    """Answer with an HTML page."""
    return status(code, html, content_type="text/html", headers=headers)


def body(data: bytes, wire: Wire | None = None) -> Fault:
    """Answer with these bytes, in this way."""

    async def fault(request: web.Request) -> web.StreamResponse:
        return await send(request, data, wire or Wire())

    return fault


def hang_up() -> Fault:
    """Close the connection without a word."""

    async def fault(request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    return fault


def silence() -> Fault:
    """Not even answer with a status until the client leaves."""

    async def fault(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    return fault


def echo(code: int = 500) -> Fault:
    """Answer with a failure whose reason repeats all that the client sent, its credentials too."""

    async def fault(request: web.Request) -> web.StreamResponse:
        names = ("X-Authorization", "authorization", "Cookie")
        sent = [request.headers[name].removeprefix("Bearer ") for name in names if name in request.headers]
        fields = [str(value) for value in (await request.post()).values()]
        told = " ".join([*sent, *request.query.values(), *fields])
        return web.json_response({"detail": told, "msg": told}, status=code)

    return fault


def held(gate: asyncio.Event, fault: Fault) -> Fault:
    """Answer so only when the gate is open."""

    async def late(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return await fault(request)

    return late
