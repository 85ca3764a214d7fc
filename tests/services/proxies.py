"""Two proxies on loopback, HTTP and SOCKS 5, that write down what goes through them."""

import asyncio
import base64
import socket
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

USER = "proxyuser"
PASSWORD = "pr0xy-passw0rd"
_HOP = ("Connection", "Transfer-Encoding", "Content-Encoding", "Content-Length", "Keep-Alive")


class HttpProxy:
    """Forwards plain HTTP for USER with PASSWORD; `seen` are method and address of each request."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.url = ""
        self._runner = web.ServerRunner(web.Server(self._forward))

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{USER}:{PASSWORD}@127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _forward(self, request: web.BaseRequest) -> web.StreamResponse:
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Proxy-Authorization") != f"Basic {credentials}":
            return web.Response(status=407)
        self.seen.append(f"{request.method} {request.url}")
        headers = {name: value for name, value in request.headers.items() if name not in (*_HOP, "Proxy-Authorization")}
        async with self._session.request(
            request.method, request.url, headers=headers, data=await request.read(), skip_auto_headers=("Content-Type",)
        ) as answer:
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.extend([(name, value) for name, value in answer.headers.items() if name not in _HOP])
            return response


class SocksProxy:
    """Connects by SOCKS 5 without a password; `seen` are the addresses, `peers` its own ports towards them."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.peers: set[int] = set()
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._connect(reader, writer)
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly((await reader.readexactly(2))[1])
        writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        if kind == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        port = int.from_bytes(await reader.readexactly(2))
        self.seen.append(f"{host}:{port}")
        there, back = await asyncio.open_connection(host, port)
        self.peers.add(back.get_extra_info("sockname")[1])
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_relay(reader, back))
                group.create_task(_relay(there, writer))
        finally:
            back.close()


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return
    finally:
        writer.close()
