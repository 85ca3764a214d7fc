"""Server: the ports of the bot, where there are any; imported only then, so that others do not pay for it."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from bot.members.figures import Figures
from bot.report.certificate import serving_with
from bot.report.health import health_of
from bot.report.metrics import CONTENT_TYPE, metrics
from bot.report.standing import Standings, look_at
from bot.settings import ConfigurationError, Settings

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header
LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared with
MAX_CONNECTIONS = 256
MAX_TURNED_AWAY = 128  # more than that, which wait for the 503
TURN_AWAY_S = 2.0
TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
CLOSE_S = 1.0
KEEP_S = 15.0  # a connection without a request: who has many open must not keep others out
RETRY_S = {HTTPStatus.TOO_MANY_REQUESTS: 1, HTTPStatus.SERVICE_UNAVAILABLE: 2}
HEALTH = ("/healthz", "/healthz/ready")
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP")  # a proxy has brought it from elsewhere


@dataclass(frozen=True, slots=True)
class Posted:
    """A post whose body is not read yet."""

    request: web.Request

    @property
    def secret(self) -> str:
        """What the header says."""
        return self.request.headers.get(SECRET_HEADER, "")

    @property
    def length(self) -> int | None:
        """How many bytes there are to come, as the header says."""
        return self.request.content_length

    async def read(self, limit: int) -> bytes | None:
        """Return the body, None where it is longer than `limit` bytes."""
        body = bytearray()
        while piece := await self.request.content.readany():
            body += piece
            if len(body) > limit:
                return None
        return bytes(body)


Answer = Callable[[Posted], Awaitable[HTTPStatus]]
Find = Callable[[int], Answer | None]  # who answers for a bot, by its id; None where nobody knows it


@asynccontextmanager
async def serving(
    settings: Settings, standings: Standings, find: Find | None, member: Callable[[], Figures | None] | None = None
) -> AsyncIterator[None]:
    """Listen at the ports that are wished until the end of the block. Raises ConfigurationError.

    `member`: how the process fares among others, unless one of the bots tells that.
    """
    async with AsyncExitStack() as stack:
        hooked = (settings.webhook_host, settings.webhook_port)
        if find:
            routes = [*_telegram(settings, find), *_figures(standings, member)]
            file = settings.webhook_certificate
            await _listen(stack, routes, *hooked, "WEBHOOK_HOST, WEBHOOK_PORT", serving_with(file) if file else None)
        if settings.metrics_port is not None and not (find and _has_figures(settings)):
            await _listen(stack, _figures(standings, member), LOOPBACK, settings.metrics_port, "METRICS_PORT")
        yield


def _has_figures(settings: Settings) -> bool:
    """Tell whether the webhook's port is the one of the figures too."""
    near = settings.webhook_host in (LOOPBACK, "localhost", *EVERYWHERE)
    return settings.webhook_url is not None and settings.webhook_port == settings.metrics_port and near


def _telegram(settings: Settings, find: Find) -> list[web.RouteDef]:
    """Return where Telegram posts; a proxy may have taken the path of WEBHOOK_URL away, or left it."""

    async def posted(request: web.Request) -> web.Response:
        answer = find(int(request.match_info["bot_id"]))
        if answer is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        status = await answer(Posted(request))
        headers = {"Retry-After": str(RETRY_S[status])} if status in RETRY_S else {}
        response = web.Response(status=status, headers=headers)
        if status is not HTTPStatus.OK:
            response.force_close()  # what is left of the body is not waited for
        return response

    path = urlsplit(settings.webhook_url or "").path.rstrip("/")
    own = r"/telegram/{bot_id:[1-9]\d{0,19}}"
    return [web.post(each, posted) for each in dict.fromkeys([own, f"{path}{own}"])]


def _figures(standings: Standings, member: Callable[[], Figures | None] | None) -> list[web.RouteDef]:
    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def health(_request: web.Request) -> web.Response:
        said = health_of(await look_at(standings))
        return web.json_response(said, status=HTTPStatus.OK if said["ready"] else HTTPStatus.SERVICE_UNAVAILABLE)

    async def figures(request: web.Request) -> web.Response:
        if not _is_near(request):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        text = metrics(await look_at(standings), member() if member else None)
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    return [
        web.get("/healthz", health),
        web.get("/healthz/ready", health),
        web.get("/healthz/live", live),
        web.get("/metrics", figures),
    ]


def _is_near(request: web.Request) -> bool:
    """Tell whether a request comes from this machine or its own network, and no proxy has brought it."""
    try:
        address = ipaddress.ip_address((request.remote or "").partition("%")[0])
    except ValueError:
        return False
    return (address.is_loopback or address.is_private) and not any(name in request.headers for name in FORWARDED)


async def _listen(
    stack: AsyncExitStack,
    routes: list[web.RouteDef],
    host: str,
    port: int,
    names: str,
    certificate: ssl.SSLContext | None = None,
) -> None:
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(
        application, access_log=None, auto_decompress=False, keepalive_timeout=KEEP_S, shutdown_timeout=CLOSE_S
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    serve = runner.server
    if serve is None:
        raise RuntimeError("set up, and no server")

    full: set[_Full] = set()

    def accept() -> asyncio.Protocol:
        return serve() if len(serve.connections) < MAX_CONNECTIONS else _Full(full)

    try:
        listening = await asyncio.get_running_loop().create_server(accept, host, port, ssl=certificate)
    except OSError as error:
        where = f"{host}:{port}" if "," in names else str(port)
        expected = f"an address of this machine and a port that is free ({error.strerror})"
        raise ConfigurationError(names, where, expected) from error
    stack.callback(listening.close)


class _Full(asyncio.Protocol):
    """Says that there are too many connections, and hangs up: open files are needed for Telegram and the providers.

    Where even of those that wait to be told there are too many it hangs up at once.
    """

    def __init__(self, others: "set[_Full]") -> None:
        self._others = others
        self._transport: asyncio.Transport | None = None
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the request: an answer before it would be taken for one to nothing."""
        if len(self._others) >= MAX_TURNED_AWAY or not isinstance(transport, asyncio.Transport):
            transport.close()
            return
        self._others.add(self)
        self._transport = transport
        self._late = asyncio.get_running_loop().call_later(TURN_AWAY_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Answer once what was sent has its end, or is on its way; the rest is read and forgotten."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(TOO_MANY)
            if self._transport.can_write_eof():
                self._transport.write_eof()  # to close with something unread would take the answer back
            self._transport = None

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self._others.discard(self)
        if self._late:
            self._late.cancel()
