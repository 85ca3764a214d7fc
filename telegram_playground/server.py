"""The playground's HTTP server: Bot API, files, control API, events and page.

async with Playground(port=0) as playground:
    ...  # Bot API at playground.url
"""

import asyncio
import hmac
import ipaddress
import json
import random as randomness
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from telegram_playground.api.endpoint import Answer, Api, Dropped
from telegram_playground.api.faults import Faults
from telegram_playground.api.request import MAX_BODY_BYTES, read
from telegram_playground.api.webhooks import Webhooks
from telegram_playground.control.endpoint import Control
from telegram_playground.control.stage import Stage
from telegram_playground.keeping.keeper import Keeper
from telegram_playground.limits.flood_limits import Floods, Limits
from telegram_playground.lint.lint import Lint
from telegram_playground.options import Options
from telegram_playground.page.policy import add_page, is_page
from telegram_playground.process.clock import Clock, MovableClock, SystemClock
from telegram_playground.process.tasks import Tasks
from telegram_playground.protocol.connections import Connections
from telegram_playground.protocol.errors import ApiError
from telegram_playground.world.calls import Calls
from telegram_playground.world.people import Bot
from telegram_playground.world.queries import Queries
from telegram_playground.world.roster import TooMany
from telegram_playground.world.state import World

_TOKEN = re.compile(r"\d{1,15}:[A-Za-z0-9_-]{35,}")
_KEEPALIVE_S = 500.0  # telegram-bot-api HttpServer.h
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Playground:
    """The server; an async context manager. Further options are those of `Options`.

    It listens on loopback unless told otherwise; elsewhere `url` begins with an access key, without which nothing is
    answered. `stage` and its parts may be used directly by tests in the same process. `state` is a file in which the
    world is kept over restarts.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
        random: randomness.Random | None = None,
        connections: Connections | None = None,
        state: Path | None = None,
        **options: Any,
    ) -> None:
        random = random or randomness.Random()
        self.clock = clock or MovableClock()
        self.tasks = Tasks()
        chosen = Options(limits=limits or Limits()).changed(options)
        self.world = World(clock=self.clock, random=random, options=chosen, tasks=self.tasks)
        self.floods = Floods(chosen.limits)
        self.faults = Faults(self.world.feed)
        self.calls = Calls(self.world.feed)
        self.queries = Queries(self.world)
        self.lint = Lint(self.clock, self.world.feed, self.calls, self.queries, chosen.limits)
        self.stage = Stage(self.world, self.calls, self.faults, self.floods, self.queries, self.lint)
        self.key = "" if _is_loopback(host) else secrets.token_urlsafe(24)
        self.api = Api(
            self.world, floods=self.floods, faults=self.faults, calls=self.calls, queries=self.queries, random=random
        )
        self._webhooks = Webhooks(self.world, self.api)
        self._connections = Connections(SystemClock()) if connections is None else connections
        self._state = state
        self._keeper: Keeper | None = None
        self.is_new = True  # nothing was kept of a former server
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The address of the Bot API, and of the page; no slash at its end."""
        host = "127.0.0.1" if self._host in ("", "0.0.0.0", "::") else self._host  # noqa: S104  # compared, not bound
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self._port}" + (f"/{self.key}" if self.key else "")

    async def start(self) -> None:
        """Listen; raises OSError where the port is taken, Unusable for a file that is no state."""
        if self._state:
            self._keeper = Keeper(self.stage, self._state, SystemClock())
            self.is_new = not self._keeper.load()
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        self._add_routes(app)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, keepalive_timeout=_KEEPALIVE_S, shutdown_timeout=0.5
        )
        await self._runner.setup()
        try:
            self._listener = await self._connections.listen(self._runner, self._host or None, self._port)
        except OSError:
            await self._runner.cleanup()
            if self._keeper:
                await self._keeper.close()
            raise
        self._port = self._listener.sockets[0].getsockname()[1]
        self.tasks.start(self._webhooks.run())
        self.tasks.start(self._connections.run())
        if self._keeper:
            self.tasks.start(self._keeper.run())

    def making(self) -> AbstractContextManager[None]:
        """Keep nothing while the world is made, and nothing at all where that fails."""
        return self._keeper.making() if self._keeper else nullcontext()

    async def save(self) -> None:
        """Write what has changed into the state file now."""
        if self._keeper:
            await self._keeper.save()

    async def close(self) -> None:
        """Stop listening and end everything that is under way."""
        await self.tasks.close()
        if self._listener:
            self._listener.close()
        if self._runner:
            await self._runner.cleanup()
        if self._keeper:
            await self._keeper.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _add_routes(self, app: web.Application) -> None:
        prefix = f"/{self.key}" if self.key else ""
        for path in ("/bot{token:[^/]*}/{method}", "/bot{token:[^/]*}/test/{method}"):
            app.router.add_route("*", prefix + path, self._bot_api)
        app.router.add_get(prefix + "/file/bot{token:[^/]*}/{path:.+}", self._file)
        app.router.add_get(prefix + "/healthz", _healthy)
        Control(self.stage).add_routes(app, prefix)
        add_page(app, prefix)

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        with self._connections.serving(request):
            return await self._guarded(request, handler)

    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Refuse other sites' pages, names that were bound to this address by somebody else, and wrong keys."""
        if not self.key and not _is_loopback(request.url.host or ""):
            return web.Response(status=403, text="this server answers to loopback names only")
        if self.key and not hmac.compare_digest(request.path.split("/")[1].encode(), self.key.encode()):
            return web.Response(status=403, text="the address lacks the access key")
        origin = request.headers.get("Origin", f"{request.scheme}://{request.host}")
        foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if origin != f"{request.scheme}://{request.host}" or (foreign and not is_page(request)):
            return web.Response(status=403, text="not from this site")
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return _json(Answer(404, ApiError(404, "Not Found").body()))

    async def _bot_api(self, request: web.Request) -> web.StreamResponse:
        if self.world.options.offline:
            return _cut(request)
        try:
            bot = self._bot(request)
        except ApiError as error:
            return _json(Answer(error.code, error.body()))
        name, received = request.match_info["method"], await read(request)
        # What has arrived is carried out, whether the client waits for it or not.
        work = self.tasks.start(self.api.answer(bot, name, received))
        try:
            return _json(await asyncio.shield(work))
        except Dropped:
            return _cut(request)
        except asyncio.CancelledError:
            if name.lower() == "getupdates":
                work.cancel()
            self.faults.abandon(work)
            raise

    def _bot(self, request: web.Request) -> Bot:
        """Return the bot that calls; raises ApiError for a token that is none, or is not this bot's."""
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            if self.world.options.bad_token == 404:
                raise ApiError(404, "Not Found")
            raise ApiError(401, "Unauthorized: invalid token specified")
        try:
            bot = self.world.roster.bot(token)
        except TooMany as error:
            raise ApiError(401, "Unauthorized") from error
        if bot is None:
            raise ApiError(401, "Unauthorized")
        return bot

    async def _file(self, request: web.Request) -> web.StreamResponse:
        try:
            self._bot(request)
        except ApiError as error:
            return _json(Answer(error.code, error.body()))
        file = self.world.files.at(request.match_info["path"])
        if file is None:
            return _json(Answer(404, ApiError(404, "Not Found").body()))
        headers = {"X-Content-Type-Options": "nosniff"}  # else the page's own address could give it a script
        return web.Response(body=file.data, content_type="application/octet-stream", headers=headers)


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


def _json(answer: Answer) -> web.Response:
    headers = {"Retry-After": str(answer.retry_after_s)} if answer.retry_after_s is not None else None
    if answer.raw is not None:
        return web.Response(status=answer.status, text=answer.raw, content_type="text/html")
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=answer.status, text=text, content_type="application/json", headers=headers)


def _cut(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
