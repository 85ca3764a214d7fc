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

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> AsyncIterator["Wire"]:
        """Lay one to a port of this machine, until the end of the block."""
        wire = cls(port)
        server = await asyncio.start_server(wire._connected, "127.0.0.1", 0)
        wire.port = server.sockets[0].getsockname()[1]
        yield wire
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", self.leads_to)
        except OSError:  # nobody is there
            writer.close()
            return
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

        with suppress(ConnectionError):
            both = [asyncio.ensure_future(forth()), asyncio.ensure_future(back())]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        writer.close()
        to_there.close()
