"""The model's HTTP server.

async with Model() as model:
    model.says("weather", "It is ", 0.5, "sunny.")
    ...  # base URL of the protocol: model.url
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from telegram_playground.model.answer import Answer, Item
from telegram_playground.model.forms import Heard, add_forms, body_of
from telegram_playground.model.media import Media
from telegram_playground.model.order import ordered
from telegram_playground.model.performance import Performance
from telegram_playground.model.protocol import anthropic
from telegram_playground.model.protocol.completion import Completion
from telegram_playground.model.protocol.dialogue import fault_of
from telegram_playground.model.protocol.stream import Stream
from telegram_playground.model.protocol.whole import Whole
from telegram_playground.model.request import End, Request, prompt_of
from telegram_playground.model.script import Lines, Script, echo
from telegram_playground.process.clock import Clock, SystemClock
from telegram_playground.protocol.wire import Json

MODELS = ("small", "large")
MAX_BODY_BYTES = 64 << 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recording:
    """What was sent to be written down."""

    filename: str
    media_type: str
    data: bytes
    model: str


class Model:
    """The server; an async context manager.

    An answer is what a test has put in by `says`, else what `script` says, else what the prompt orders, else the prompt
    itself. `kept`: of how many requests the messages are kept, None: of all.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        models: Sequence[str] = MODELS,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        kept: int | None = None,
    ) -> None:
        self.models = list(models)
        self.requests: list[Request] = []
        self.recordings: list[Recording] = []
        self.transcript: str | Callable[[bytes], str] | None = None  # of each recording; None: no such endpoint
        self.takes_tools: bool | None = None  # as the list of models says it; None: it says nothing
        self.media = Media()  # pictures and speech
        self.open = 0  # answers under way
        self._lines = Lines()
        self._scripts: list[Script] = [self._lines, *([script] if script else []), ordered, echo]
        self._clock = clock or SystemClock()
        self._attempts: Counter[str] = Counter()
        self._host, self._port = host, port
        self._kept = kept
        self._runner: web.AppRunner | None = None
        self._is_closing = False
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """The base URL of OpenAI's protocol; no slash at its end."""
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        """The base URL of the protocols of Anthropic, Gemini and Ollama; no slash at its end."""
        return f"http://{self._host}:{self._port}"

    def says(self, prompt: str, *items: Item) -> None:
        """Answer the next request whose prompt contains `prompt`; the last such answer repeats."""
        self._lines.add(prompt, items)

    def prompts(self) -> list[str]:
        """Return the prompt of each request."""
        return [request.prompt for request in self.requests]

    async def wait(self, met: Callable[[], T | None], timeout: float = 10.0) -> T:
        """Wait until `met` returns something true, and return it; it is asked whenever a request begins or ends.

        Raises TimeoutError.
        """
        async with asyncio.timeout(timeout):
            while not (found := met()):
                await self._changed.wait()
            return found

    async def asked(self, prompt: str = "", *, times: int = 1, timeout: float = 10.0) -> Request:
        """Wait for the `times`-th request whose prompt contains `prompt`."""

        def request() -> Request | None:
            found = [each for each in self.requests if prompt in each.prompt]
            return found[times - 1] if len(found) >= times else None

        return await self.wait(request, timeout)

    async def ended(self, request: Request, timeout: float = 10.0) -> End:
        """Wait for the end of a request."""
        return await self.wait(lambda: request.end if request.ended_at is not None else None, timeout)

    async def start(self) -> None:
        """Listen; raises OSError where the port is taken."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_get("/v1/models", self._list)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/audio/transcriptions", self._write_down)
        self.media.add(app, self._tell)
        app.router.add_get("/requests", self._record)
        add_forms(app, self)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening and end everything that is under way."""
        self._is_closing = True
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _list(self, asked: web.Request) -> web.Response:
        if "anthropic-version" in asked.headers:
            return web.json_response(anthropic.listed(self.models))
        told = {None: {}, True: {"supported_parameters": ["tools"]}, False: {"supported_parameters": ["stop"]}}
        data = [
            {"id": name, "object": "model", "created": 0, "owned_by": "playground", **told[self.takes_tools]}
            for name in self.models
        ]
        return web.json_response({"object": "list", "data": data})

    async def _write_down(self, asked: web.Request) -> web.Response:
        if self.transcript is None:
            raise web.HTTPNotFound
        form = await asked.post()
        file = form.get("file")
        if not isinstance(file, web.FileField) or not form.get("model"):
            return web.json_response({"error": {"message": "file and model are required"}}, status=400)
        data = file.file.read()
        self.recordings.append(Recording(file.filename, file.content_type, data, str(form["model"])))
        self._tell()
        return web.json_response({"text": self.transcript(data) if callable(self.transcript) else self.transcript})

    async def _record(self, asked: web.Request) -> web.Response:
        part = asked.query.get("prompt", "")
        return web.json_response([request.json() for request in self.requests if part in request.prompt])

    async def _complete(self, asked: web.Request) -> web.StreamResponse:
        body = await body_of(asked)
        heard = Heard("openai", body or {}, body or {}, fault_of(body, self.models))
        return await self.perform(asked, heard, lambda request: self._completion(asked, request))

    async def perform(
        self, asked: web.Request, heard: Heard, voiced: Callable[[Request], Completion]
    ) -> web.StreamResponse:
        """Answer a request of any form."""
        request = self._noted(asked, heard)
        completion = voiced(request)
        self.open += 1
        self._tell()
        try:
            performance = Performance(request, completion, self._clock, asked.transport)
            return await performance.play([heard.fault] if heard.fault else self._answer(request))
        except asyncio.CancelledError:
            request.end = self._left()
            raise
        except ConnectionResetError:  # who asked has gone, which is no fault of the server's
            request.end = self._left()
            return completion.response
        finally:
            request.ended_at = self._clock.now()
            self.open -= 1
            self._tell()

    def _left(self) -> End:
        return End.CLOSED if self._is_closing else End.LEFT

    def _noted(self, asked: web.Request, heard: Heard) -> Request:
        prompt = prompt_of(heard.body)
        self._attempts[prompt] += 1
        number, attempt, now = len(self.requests) + 1, self._attempts[prompt], self._clock.now()
        headers = dict(asked.headers)
        request = Request(number, heard.body, headers, attempt, now, form=heard.form, sent=heard.sent)
        self.requests.append(request)
        if self._kept is not None and len(self.requests) > self._kept:
            self.requests[-1 - self._kept].forget()
        return request

    def _completion(self, asked: web.Request, request: Request) -> Completion:
        head: Json = {
            "id": f"chatcmpl-{request.number}",
            "created": int(self._clock.wall()),
            "model": request.model or self.models[0],
        }
        if not request.body.get("stream"):
            return Whole(head)
        counts = (request.body.get("stream_options") or {}).get("include_usage")
        return Stream(asked, head, counts=bool(counts))

    def _answer(self, request: Request) -> Answer:
        answers = (script(request) for script in self._scripts)
        return next(answer for answer in answers if answer is not None)

    def _tell(self) -> None:
        """Wake those who wait; the next ones wait for the next change."""
        self._changed.set()
        self._changed = asyncio.Event()
