"""A provider that has its moods: it stands before the service and fails at random, at most once a question.

So a second try brings the answer, and what people see can still be judged. Connections that break in mid-answer, which
the service makes itself, are left hanging every other time.
"""

import asyncio
from collections import Counter
from random import Random
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.crash.essay import Kind, asked

CHANCE = 0.15  # of a fault
KINDS = ("429", "500", "503html", "reset", "hang")
SPARED = frozenset({Kind.LATE, Kind.FAILING})  # silent or refused anyway


class Moody:
    """Listens on loopback; an async context manager. `faults` counts what went wrong."""

    def __init__(self, service: str, random: Random) -> None:
        self.faults: Counter[str] = Counter()
        self.url = ""
        self._service = service
        self._random = random
        self._met: set[int] = set()
        self._http: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        app = web.Application(client_max_size=1 << 24)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()
        if self._http:
            await self._http.close()

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "essayist"}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        meant = asked(body["messages"][-1]["content"])
        if meant and meant[1] not in SPARED and meant[0] not in self._met and self._random.random() < CHANCE:
            self._met.add(meant[0])
            kind = self._random.choice(KINDS)
            self.faults[kind] += 1
            return await _failed(request, kind)
        return await self._passed_on(request, body)

    async def _passed_on(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        assert self._http is not None
        async with self._http.post(f"{self._service}/chat/completions", json=body) as answer:
            response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
            await response.prepare(request)
            try:
                async for data in answer.content.iter_any():
                    await response.write(data)
            except ConnectionResetError:
                pass  # the bot has gone away
            except aiohttp.ClientPayloadError:
                if self._random.random() < 0.5:
                    self.faults["silence in mid-answer"] += 1
                    await asyncio.Event().wait()
                self.faults["end in mid-answer"] += 1
                _break_off(request)
        return response


async def _failed(request: web.Request, kind: str) -> web.StreamResponse:
    match kind:
        case "429":
            return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "1"})
        case "500":
            return web.json_response({"error": {"message": "oops"}}, status=500)
        case "503html":
            return web.Response(status=503, text="<html><h1>503</h1></html>", content_type="text/html")
        case "hang":
            await asyncio.Event().wait()
    _break_off(request)
    return web.Response()


def _break_off(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()
