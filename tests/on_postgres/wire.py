"""A wire between the bot and the server that can be cut when a transaction is to be committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

COMMIT = b"COMMIT;"


class Wire:
    """Passes on what is said; cut `before` the server hears of the next commit, or `after` it has answered."""

    def __init__(self, port: int) -> None:
        self.leads_to = port
        self.port = 0
        self.cut: str | None = None
        self._passing: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> AsyncIterator["Wire"]:
        """Lay one to a port of this machine, until the end of the block."""
        wire = cls(port)
        server = await asyncio.start_server(wire._connected, "127.0.0.1", 0)
        wire.port = server.sockets[0].getsockname()[1]
        try:
            yield wire
        finally:
            server.close()
            for each in wire._passing:
                each.cancel()
            await asyncio.gather(*wire._passing, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._pass(reader, writer))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closed(writer):
            with suppress(OSError):  # else nobody is there
                there, to_there = await asyncio.open_connection("127.0.0.1", self.leads_to)
                async with _closed(to_there):
                    await self._talk(reader, writer, there, to_there)

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        to_there: asyncio.StreamWriter,
    ) -> None:
        swallows = asyncio.Event()

        async def forth() -> None:
            while piece := await reader.read(1 << 16):
                if COMMIT in piece and self.cut:
                    when, self.cut = self.cut, None
                    if when == "before":
                        return
                    swallows.set()
                to_there.write(piece)

        async def back() -> None:
            while piece := await there.read(1 << 16):
                if swallows.is_set():
                    return
                writer.write(piece)

        both = [asyncio.ensure_future(forth()), asyncio.ensure_future(back())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)


@asynccontextmanager
async def _closed(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close it at the end of the block, and wait for that: what is left open is complained of in a later test."""
    try:
        yield
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
