"""Beginnings: only some of a process's bots begin at the same time, or of a hundred none would be there for long.

What is bound is our work for them. One that waits for somebody else, as Telegram or a locked file, makes room soon.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from enum import IntEnum

from bot.clock import Clock

AT_ONCE = 8
MOST_S = 2.0  # that one has its place: so another four begin each second, whatever hangs


class Turn(IntEnum):
    """Who goes first of those that wait."""

    SERVED = 0  # until now by another process: people may be waiting
    NEW = 1
    AGAIN = 2  # it has ended by an error


class Beginnings:
    """Gives out the places."""

    def __init__(self, clock: Clock, *, at_once: int = AT_ONCE) -> None:
        self._clock = clock
        self._free = at_once
        self._waiting: list[tuple[Turn, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @asynccontextmanager
    async def place(self, turn: Turn) -> AsyncIterator[Callable[[], Coroutine[None, None, None]]]:
        """Wait for a place; it is left by a call of what is given, after `MOST_S`, or at the end."""
        await self._take(turn)
        begun = asyncio.Event()
        leaving = asyncio.ensure_future(self._clock.wait(begun, MOST_S))
        leaving.add_done_callback(lambda _: self._hand_on())

        async def leave() -> None:
            begun.set()

        try:
            yield leave
        finally:
            begun.set()
            await asyncio.wait({leaving})

    async def _take(self, turn: Turn) -> None:
        if self._free:
            self._free -= 1
            return
        handed = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (turn, next(self._order), handed))
        try:
            await handed
        except asyncio.CancelledError:
            if handed.done() and not handed.cancelled():
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        while self._waiting:
            _, _, handed = heapq.heappop(self._waiting)
            if not handed.done():
                handed.set_result(None)
                return
        self._free += 1
