"""Connections on which nothing goes on are cut; those that wait for something are not."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from telegram_playground.protocol.connections import BODY_S, HEADERS_S, WRITE_S, Connections
from telegram_playground.server import Playground
from tests.stopwatch import PATIENCE_S
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.raw_bot import TOKEN

POLL = f"GET /bot{TOKEN}/getUpdates?timeout=50 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
GET_ME = f"GET /bot{TOKEN}/getMe HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
EVENTS = (
    b"GET /playground/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LIMIT = 5


@pytest.fixture
def real() -> HandClock:
    return HandClock()


@pytest.fixture
def connections(real: HandClock) -> Connections:
    return Connections(real, limit=LIMIT)


@pytest.fixture
async def server(connections: Connections) -> AsyncIterator[Playground]:
    async with Playground(limits=None, connections=connections) as server:
        yield server


class Line:
    """A client's side of a connection; it reads only when it is told to."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._line, data)

    async def status(self) -> str:
        """Read an answer that comes in one piece; return its first line."""
        answer = await asyncio.get_running_loop().sock_recv(self._line, 1 << 16)
        return answer.decode(errors="replace").split("\r\n")[0]

    async def ends(self) -> None:
        """Wait until the server has ended it; what it sent is read over. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            await self._read_to_end()

    async def is_cut(self) -> bool:
        """Tell whether the server has ended it by now."""
        try:
            async with asyncio.timeout(0.1):
                await self._read_to_end()
        except TimeoutError:
            return False
        return True

    async def _read_to_end(self) -> None:
        with suppress(ConnectionError):
            while await asyncio.get_running_loop().sock_recv(self._line, 1 << 20):
                pass


Dial = Callable[..., Awaitable[Line]]


@pytest.fixture
async def dial(server: Playground) -> AsyncIterator[Dial]:
    lines: list[socket.socket] = []

    async def dialled(data: bytes = b"") -> Line:
        line = socket.socket()
        lines.append(line)
        line.setblocking(False)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", int(server.url.rpartition(":")[2])))
        client = Line(line)
        await client.send(data)
        return client

    yield dialled
    for line in lines:
        line.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop go on until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # the other side of a socket sets no event
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("sent", [b"", b"POST /bot", POLL[:-2]], ids=["nothing", "a word", "no end"])
async def test_a_request_whose_headers_do_not_end_is_cut(dial: Dial, real: HandClock, sent: bytes) -> None:
    slow = await dial(sent)
    assert not await slow.is_cut()

    await real.advance(HEADERS_S + 2)

    await slow.ends()


async def test_a_second_request_has_as_long_as_the_first(dial: Dial, real: HandClock) -> None:
    slow = await dial(GET_ME)
    assert await slow.status() == "HTTP/1.1 200 OK"
    await real.advance(10 * HEADERS_S)
    await slow.send(POLL[:-2])
    assert not await slow.is_cut()

    await real.advance(HEADERS_S + 2)

    await slow.ends()


@pytest.mark.parametrize("path", [f"/bot{TOKEN}/sendMessage", "/playground/write"])
async def test_a_body_that_drips_is_cut(dial: Dial, real: HandClock, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
    slow = await dial(head.encode())

    for _ in range(6):
        assert not await slow.is_cut()
        await slow.send(b"x")
        await real.advance(BODY_S / 5)

    await slow.ends()


async def test_what_waits_for_an_answer_or_for_events_is_kept(dial: Dial, real: HandClock) -> None:
    poll, events, idle = await dial(POLL), await dial(EVENTS), await dial(GET_ME)
    assert await idle.status() == "HTTP/1.1 200 OK"
    assert await events.status() == "HTTP/1.1 101 Switching Protocols"

    await real.advance(10 * (HEADERS_S + BODY_S + WRITE_S))

    for line in (poll, events, idle):
        assert not await line.is_cut()
    await idle.send(GET_ME)
    assert await idle.status() == "HTTP/1.1 200 OK"


async def test_a_page_that_does_not_read_its_events_is_cut_and_the_others_go_on(
    dial: Dial, server: Playground, connections: Connections, real: HandClock
) -> None:
    stuck, reading = await dial(EVENTS), await dial(EVENTS)
    assert await stuck.status() == await reading.status() == "HTTP/1.1 101 Switching Protocols"
    for _ in range(80):  # more than fits into what the system holds back
        server.world.feed.publish({"type": "told", "text": "x" * 100_000})

    for _ in range(4):
        assert not await reading.is_cut()
        await real.advance(WRITE_S / 3)

    await until(lambda: len(connections) == 1)
    assert not await reading.is_cut()
    await stuck.ends()


async def test_a_client_that_does_not_read_its_answer_is_cut(
    dial: Dial, server: Playground, connections: Connections, real: HandClock
) -> None:
    file = server.world.files.add("big.bin", "application/octet-stream", os.urandom(20 << 20))
    await dial(f"GET /playground/file/{file.file_id} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await until(lambda: connections.waiting > 0)

    await real.advance(WRITE_S - 2)
    assert len(connections) == 1
    await real.advance(4)

    await until(lambda: len(connections) == 0)


async def test_beyond_the_limit_a_new_connection_takes_the_place_of_the_longest_idle_one(
    dial: Dial, connections: Connections, real: HandClock
) -> None:
    busy = [await dial(EVENTS) for _ in range(LIMIT - 2)]
    for line in busy:
        assert await line.status() == "HTTP/1.1 101 Switching Protocols"
    oldest = await dial(GET_ME)
    assert await oldest.status() == "HTTP/1.1 200 OK"
    await real.advance(1)
    newer = await dial(GET_ME)
    assert await newer.status() == "HTTP/1.1 200 OK"

    busy.append(await dial(EVENTS))

    await oldest.ends()
    assert not await newer.is_cut()
    busy.append(await dial(EVENTS))
    await newer.ends()
    await (await dial(GET_ME)).ends()
    assert len(connections) == LIMIT
    assert not [line for line in busy if await line.is_cut()]


async def test_a_client_whose_machine_is_gone_is_asked_for_by_the_system(dial: Dial, connections: Connections) -> None:
    await dial()
    await until(lambda: len(connections) == 1)

    for line in connections.sockets():
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 120_000


async def test_the_server_ends_though_clients_hang(dial: Dial, server: Playground) -> None:
    hanging = [await dial(data) for data in (b"", b"POST", POLL, EVENTS)]

    await server.close()

    for line in hanging:
        await line.ends()
