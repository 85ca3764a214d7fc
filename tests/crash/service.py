"""An OpenAI-compatible service that answers with essays and remembers what it was sent."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.crash.essay import Essay, Kind, asked, chunk, essay, words


@dataclass(frozen=True, slots=True)
class Request:
    """What the bot sent to have a question answered for the `generation`-th time: (role, text), oldest first."""

    question: int
    generation: int
    messages: list[tuple[str, str]]


class Service:
    """Listens on loopback; an async context manager."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.url = ""
        self._generations: Counter[int] = Counter()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
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

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "essayist"}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        messages: list[dict[str, Any]] = (await request.json())["messages"]
        meant = asked(messages[-1]["content"])
        if meant is None:
            return web.json_response({"error": {"message": "no question"}}, status=400)
        number, kind = meant
        self._generations[number] += 1
        generation = self._generations[number]
        sent = [(message["role"], message["content"]) for message in messages]
        self.requests.append(Request(number, generation, sent))
        if kind is Kind.FAILING:
            return web.json_response({"error": {"message": "Incorrect API key"}}, status=401)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        how = essay(kind, generation)
        said = words(number, generation, how.words)
        await _stream(response, how, said[:-1] if kind is Kind.BREAKING else said)
        if kind is Kind.BREAKING:
            if request.transport:
                request.transport.abort()
            return response
        await response.write(b"data: [DONE]\n\n")
        return response


async def _stream(response: web.StreamResponse, how: Essay, pieces: list[str]) -> None:
    await asyncio.sleep(how.silence_s)
    for start in range(0, len(pieces), how.at_once):
        text = " ".join(pieces[start : start + how.at_once]) + " "
        await response.write(f"data: {json.dumps(chunk(text))}\n\n".encode())
        await asyncio.sleep(how.pause_s)
