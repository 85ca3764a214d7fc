"""An OpenAI-compatible service that streams the answers of answer.py and remembers when each delta went out.

`python -m bench.service` prints its address; `GET /log/<number>` returns the times of that answer's deltas, of
`time.monotonic()`, which is one clock for all processes of a machine.
"""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from bench.answer import ordered

MAX_BODY_BYTES = 16 << 20


class Service:
    """Streams on schedule: a delta that is late does not make the next one late."""

    def __init__(self) -> None:
        self._times: dict[int, list[float]] = {}

    def app(self) -> web.Application:
        """Return what is served."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_get("/log/{number}", self._log)
        return app

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "scripted"}]})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        asked: dict[str, Any] = await request.json()
        answer = ordered(asked["messages"][-1]["content"])
        if answer is None:
            return web.json_response({"error": {"message": "nothing ordered"}}, status=400)
        lines = [f"data: {json.dumps(_chunk(delta))}\n\n".encode() for delta in answer.deltas]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        times = self._times[answer.number] = []
        start = time.monotonic()
        for i, line in enumerate(lines):
            if (early := start + i / answer.per_s - time.monotonic()) > 0:
                await asyncio.sleep(early)
            times.append(time.monotonic())
            await response.write(line)
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _log(self, request: web.Request) -> web.Response:
        return web.json_response(self._times.get(int(request.match_info["number"]), []))


def _chunk(text: str) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}


async def main() -> None:
    """Serve until the process is stopped."""
    runner = web.AppRunner(Service().app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
