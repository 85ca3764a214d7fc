"""Api: a Bot API server on loopback that answers as a test scripts it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = list[Any] | web.Response


def error(status: int, description: str, **parameters: int) -> web.Response:
    """Return an error as Telegram words it."""
    body = {"ok": False, "error_code": status, "description": description}
    return web.json_response({**body, "parameters": parameters} if parameters else body, status=status)


def page(status: int) -> web.Response:
    """Return what a gateway says whose server is gone."""
    return web.Response(status=status, text="<html><h1>Bad Gateway</h1></html>", content_type="text/html")


@dataclass(slots=True)
class Api:
    """Answers getUpdates with `script`, one after the other, then holds the call like a long poll without news.

    getMe is answered by what stands in `at_get_me`, else well. `before` is awaited at each getUpdates.
    """

    script: list[Answer] = field(default_factory=list)
    at_get_me: list[web.Response] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    before: Callable[[dict[str, Any]], Awaitable[None]] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def polls(self) -> list[dict[str, Any]]:
        """The parameters of each getUpdates so far."""
        return [params for method, params in self.calls if method == "getUpdates"]

    async def polled(self, times: int) -> None:
        """Wait until getUpdates was called so often."""
        while len(self.polls) < times:
            self._changed.clear()
            await self._changed.wait()

    def server(self, port: int | None = None) -> TestServer:
        """Return the server, to be started; on any free port if none is given."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        return TestServer(app, port=port)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], dict(await request.post())
        self.calls.append((method, params))
        self._changed.set()
        if method == "getMe":
            me = {"id": 1, "is_bot": True, "first_name": "Delta"}
            return self.at_get_me.pop(0) if self.at_get_me else web.json_response({"ok": True, "result": me})
        if self.before:
            await self.before(params)
        if not self.script:
            await asyncio.Event().wait()
        answer = self.script.pop(0)
        return answer if isinstance(answer, web.Response) else web.json_response({"ok": True, "result": answer})
