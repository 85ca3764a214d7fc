"""The server's TCP connections: those on which nothing goes on any more are cut, and there are never too many.

A connection is cut when its client
- has begun a request, or connected, and not sent the end of its headers for HEADERS_S,
- has not sent the whole body BODY_S after the headers,
- has not taken what it is sent for WRITE_S (a page that reads its events too slowly, a client that reads no answer),
- has vanished: the system asks it after PROBE_IDLE_S of silence, and gives up after PROBE_LOST_S.

Waiting for an answer (a long poll, an event, a call that a fault holds) is none of these and may last.
"""

import asyncio
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from aiohttp import web

from telegram_playground.process.clock import Clock

HEADERS_S = 30.0
BODY_S = 300.0  # 50 MB over a slow line
WRITE_S = 30.0
PROBE_IDLE_S, PROBE_LOST_S = 60, 120
MAX_CONNECTIONS = 4_000
_FILES_LEFT = 100  # of the process's open files, for other things
_LOOK_S = 1.0


class Connections:
    """All connections of a server; time is real time, also where the world's clock is turned by hand."""

    def __init__(self, clock: Clock, *, limit: int | None = None) -> None:
        self._clock = clock
        self._limit = limit if limit is not None else _limit()
        self._open: dict[asyncio.Transport, Connection] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def waiting(self) -> int:
        """The bytes that clients have not taken yet."""
        return sum(transport.get_write_buffer_size() for transport in self._open)

    def sockets(self) -> list[socket.socket]:
        """Return the sockets of all connections."""
        return [transport.get_extra_info("socket") for transport in self._open]

    async def listen(self, runner: web.AppRunner, host: str | None, port: int) -> asyncio.Server:
        """Take connections for a server that is set up; raises OSError where the port is taken."""
        protocol = cast(Callable[[], asyncio.Protocol], runner.server)
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Connection(protocol(), self, self._clock), host, port)

    async def run(self) -> None:
        """Cut what hangs, until cancelled."""
        while True:
            await self._clock.sleep(_LOOK_S)
            for connection in [*self._open.values()]:
                if connection.hangs():
                    connection.cut()

    @contextmanager
    def serving(self, request: web.Request) -> Iterator[None]:
        """Note that the headers of a request have come, and that it is being answered."""
        connection = self._open.get(request.transport) if isinstance(request.transport, asyncio.Transport) else None
        if connection is None:
            yield
            return
        connection.request = request
        connection.since = self._clock.now()
        try:
            yield
        finally:
            connection.request, connection.since = None, None

    def add(self, connection: "Connection") -> bool:
        """Take in a new connection, if need be in place of the one that has been idle the longest; False: no room."""
        if len(self._open) >= self._limit:
            idle = min((one for one in self._open.values() if one.request is None), key=_last_used, default=None)
            if idle is None:
                return False
            idle.cut()
            del self._open[idle.transport]
        self._open[connection.transport] = connection
        return True

    def remove(self, connection: "Connection") -> None:
        """Forget a connection that has ended."""
        self._open.pop(connection.transport, None)


class Connection(asyncio.Protocol):
    """One connection, between its transport and aiohttp's protocol."""

    transport: asyncio.Transport

    def __init__(self, inner: asyncio.Protocol, connections: Connections, clock: Clock) -> None:
        self._inner = inner
        self._connections = connections
        self._clock = clock
        self.request: web.Request | None = None
        self.since: float | None = clock.now()  # of the request or, while there is none, of what may become one
        self.used = self._drained = clock.now()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; a connection for which there is no room ends at once."""
        self.transport = cast(asyncio.Transport, transport)
        _probe(transport.get_extra_info("socket"))
        self._inner.connection_made(transport)
        if not self._connections.add(self):
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._connections.remove(self)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on; what comes between two requests begins the next one."""
        self.used = self._clock.now()
        if self.request is None and self.since is None:
            self.since = self.used
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on: the client has taken most of what waited."""
        self._drained = self._clock.now()
        self._inner.resume_writing()

    def hangs(self) -> bool:
        """Tell whether the client keeps the server waiting for too long."""
        now = self._clock.now()
        if not self.transport.get_write_buffer_size():
            self._drained = now
        if now - self._drained > WRITE_S:
            return True
        if self.since is None:
            return False
        if self.request is None:
            return now - self.since > HEADERS_S
        return now - self.since > BODY_S and not self.request.content.is_eof()

    def cut(self) -> None:
        """End it at once; what waits to be sent is thrown away."""
        self.transport.abort()


def _last_used(connection: Connection) -> float:
    return connection.used


def _limit() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else max(1, min(MAX_CONNECTIONS, files - _FILES_LEFT))


def _probe(connection: socket.socket) -> None:
    """Have the system find out whether the other side is still there, where it can."""
    options = {
        "TCP_KEEPIDLE": PROBE_IDLE_S,
        "TCP_KEEPINTVL": (PROBE_LOST_S - PROBE_IDLE_S) // 4,
        "TCP_KEEPCNT": 4,
        "TCP_USER_TIMEOUT": PROBE_LOST_S * 1000,
    }
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
