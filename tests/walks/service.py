"""An OpenAI-compatible service that says what a test tells it to."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

Item = str | float | asyncio.Event | Exception


@dataclass(slots=True)
class Answer:
    """What is streamed: text as deltas, a number as a pause in seconds, an event to wait for, an error to break off."""

    items: Sequence[Item]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Service:
    """Listens on loopback; an async context manager. Prompts without an answer of their own are echoed."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.open = 0  # answers under way
        self._answers: dict[str, list[Answer]] = {}
        self._runner: web.AppRunner | None = None
        self.url = ""

    def says(self, prompt: str, *items: Item, status: int = 200, body: str = "", **headers: str) -> None:
        """Answer the next request whose last message contains `prompt`; the last such answer repeats."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers.setdefault(prompt, []).append(Answer(items, status, fields, body))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._completions)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    def prompts(self) -> list[str]:
        """Return the last message of each request."""
        return [request["messages"][-1]["content"] for request in self.requests]

    def _answer(self, prompt: str) -> Answer:
        for part, answers in self._answers.items():
            if part in prompt:
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return Answer([f"You said: {prompt}"])

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "small"}, {"id": "large"}]})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.requests.append(asked)
        answer = self._answer(asked["messages"][-1]["content"])
        if answer.status != 200 or answer.body:
            return web.Response(status=answer.status, text=answer.body, headers=answer.headers)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.open += 1
        try:
            for item in answer.items:
                match item:
                    case str():
                        chunk = {"choices": [{"index": 0, "delta": {"content": item}}]}
                        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
                    case asyncio.Event():
                        await item.wait()
                    case Exception():
                        if request.transport:
                            request.transport.abort()
                        return response
                    case pause_s:
                        await asyncio.sleep(pause_s)
            await response.write(b"data: [DONE]\n\n")
        finally:
            self.open -= 1
        return response
