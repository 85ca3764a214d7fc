"""A service on loopback that answers as a test says and writes down what it was asked."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.services.faults import Fault


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `body` is what its JSON says."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class Server:
    """Answers by `answers`: path → what to do, or a list of it, one for each request, the last one for good."""

    def __init__(self) -> None:
        self.answers: dict[str, Fault | list[Fault]] = {}
        self.asked: list[Asked] = []
        self.url = ""
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        self._busy = 0
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def busy(self, count: int) -> None:
        """Wait until so many requests are being answered; a held one ends when its client closes the connection."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: self._busy == count)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        told = json.loads(data) if data and request.content_type == "application/json" else None
        self.asked.append(Asked(request.method, request.raw_path, dict(request.headers), told))
        answer = self.answers[request.path]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        await self._count(1)
        try:
            return await answer(request)
        finally:
            await self._count(-1)

    async def _count(self, change: int) -> None:
        async with self._changed:
            self._busy += change
            self._changed.notify_all()
