"""A local server for one chat service: counts what is asked, checks it to the letter, misbehaves on demand."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Self

from aiohttp import web
from yarl import URL

from tests.services.faults import Fault
from tests.services.wire import Wire, send

CLOCK_SKEW_S = 30

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Complaint(Exception):
    """A request that the genuine client would never send; answered with 400 and kept in `complaints`."""


class Service:
    """One service on a free port of 127.0.0.1, below a path prefix.

    Every request is checked first; then the oldest of `faults[step]`, if any, is the answer. `reply` makes the body of
    an answer out of the prompt, `wire` says how it travels (a function: by the prompt). `calls` counts requests by
    step, `streaming` is how many are being answered now; `peers` are the client's ports, `secrets` all credentials
    that were given out.
    """

    public: ClassVar[str]

    def __init__(self, *, reply: Callable[[str], bytes], prefix: str = "/x") -> None:
        self.prefix = prefix
        self.reply = reply
        self.wire: Wire | Callable[[str], Wire] = Wire()
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.calls: Counter[str] = Counter()
        self.prompts: list[str] = []
        self.complaints: list[str] = []
        self.secrets: list[str] = []
        self.peers: set[int] = set()
        self.streaming = 0
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._origin = ""

    def routes(self) -> Mapping[str, tuple[str, str, Handler]]:
        """Return step → method, path below the base URL, handler."""
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        """Return the address to configure, without trailing slash."""
        return self._origin + self.prefix

    @property
    def authority(self) -> str:
        """Return host and port."""
        return URL(self._origin).authority

    @property
    def connections(self) -> int:
        """Return how many connections clients hold open."""
        assert self._runner is not None
        assert self._runner.server is not None
        return len(self._runner.server.connections)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 2**20)
        for step, (method, path, handler) in self.routes().items():
            app.router.add_route(method, (self.prefix + path) or "/", self._serving(step, handler))
        app.router.add_route("*", "/{rest:.*}", self._serving("stray", _stray))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self._origin = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def streams(self, count: int) -> None:
        """Wait until exactly `count` requests are being answered."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.streaming == count)

    async def leave(self) -> None:
        """Wait until no client holds a connection open."""
        async with asyncio.timeout(30):
            while self.connections:  # noqa: ASYNC110 - aiohttp's server has no event for it
                await asyncio.sleep(0)

    async def answer(self, request: web.Request, step: str, prompt: str) -> web.StreamResponse:
        """Answer a prompt that was found in order."""
        self.prompts.append(prompt)
        if fault := self.fault(step):
            return await fault(request)
        wire = self.wire if isinstance(self.wire, Wire) else self.wire(prompt)
        return await send(request, self.reply(prompt), wire)

    def fault(self, step: str) -> Fault | None:
        """Take the next fault of a step."""
        return self.faults[step].popleft() if self.faults[step] else None

    def _serving(self, step: str, handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.calls[step] += 1
            self.peers.add(_port(request))
            await self._count(+1)
            try:
                return await handler(request)
            except Complaint as complaint:
                self.complaints.append(f"{step}: {complaint}")
                return web.json_response({"complaint": str(complaint)}, status=400)
            finally:
                await asyncio.shield(self._count(-1))

        return serve

    async def _count(self, step: int) -> None:
        async with self._changed:
            self.streaming += step
            self._changed.notify_all()


def _port(request: web.Request) -> int:
    """Return the client's end of the connection."""
    assert request.transport is not None
    return int(request.transport.get_extra_info("peername")[1])


async def _stray(request: web.Request) -> web.StreamResponse:
    raise Complaint(f"no such address: {request.method} {request.path}")
