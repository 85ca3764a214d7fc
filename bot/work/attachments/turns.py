"""Turns: so many places, and whoever waits for one gets it in turn, however much another one wants."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Gives places; ten files of one question wait for each other, and the file of another for one of them."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}  # by who waits, in their turn

    @asynccontextmanager
    async def place(self, of: int) -> AsyncIterator[None]:
        """Wait for a place and hold it; `of`: the question for which it is."""
        await self._take(of)
        try:
            yield
        finally:
            self._give(of)

    async def _take(self, of: int) -> None:
        if self._free:
            self._free -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(of, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given at the same moment
                self._give(of)
            raise

    def _give(self, last: int) -> None:
        """Give a place to who is next; the question that had it `last` comes behind all that wait."""
        if last in self._waiting:
            self._waiting[last] = self._waiting.pop(last)
        while self._waiting:
            of = next(iter(self._waiting))
            queue = self._waiting.pop(of)
            while queue:
                mine = queue.popleft()
                if not mine.done():
                    if queue:
                        self._waiting[of] = queue
                    mine.set_result(None)
                    return
        self._free += 1
