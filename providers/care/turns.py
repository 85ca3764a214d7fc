"""Turns: so many places, and each person who waits for one gets it in turn, however much another one wants."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Gives places, at most `each` of them to one person.

    Ten files of one person, of however many questions in however many chats, wait for each other; the file of another
    one waits for one of them.
    """

    def __init__(self, places: int, *, each: int | None = None) -> None:
        self._free = places
        self._each = each or places
        self._held: Counter[int] = Counter()  # by person
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}  # by who waits, in their turn

    @asynccontextmanager
    async def place(self, of: int) -> AsyncIterator["Place"]:
        """Wait for a place and hold it; `of`: the person for whom it is."""
        place = await self.take(of)
        try:
            yield place
        finally:
            place.leave()

    async def take(self, of: int) -> "Place":
        """Wait for a place, which whoever takes it leaves in the end; `of`: the person for whom it is."""
        await self._take(of)
        return Place(self, of)

    def give(self, last: int) -> None:
        """Give a place to who is next; the person who had it `last` comes behind all that wait."""
        self._free += 1
        self._held[last] -= 1
        if not self._held[last]:
            del self._held[last]
        if last in self._waiting:
            self._waiting[last] = self._waiting.pop(last)
        while self._free and (of := self._next()) is not None:
            queue = self._waiting.pop(of)
            mine = queue.popleft()
            if queue:
                self._waiting[of] = queue
            if not mine.done():
                self._hold(of)
                mine.set_result(None)

    def is_wanted(self, last: int) -> bool:
        """Tell whether somebody waits who gets the place that a person would leave."""
        return self._next(left_by=last) is not None

    async def _take(self, of: int) -> None:
        if self._free and self._held[of] < self._each:
            self._hold(of)
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(of, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given at the same moment
                self.give(of)
            else:
                self._forget(of, mine)
            raise

    def _hold(self, of: int) -> None:
        self._free -= 1
        self._held[of] += 1

    def _next(self, left_by: int | None = None) -> int | None:
        return next((of for of in self._waiting if self._held[of] - (of == left_by) < self._each), None)

    def _forget(self, of: int, mine: "asyncio.Future[None]") -> None:
        queue = self._waiting.get(of, deque())
        if mine in queue:
            queue.remove(mine)
        if not queue:
            self._waiting.pop(of, None)


class Place:
    """A place that is held, until it is left."""

    def __init__(self, turns: Turns, of: int) -> None:
        self._turns = turns
        self._of = of
        self._is_held = True

    def leave(self) -> None:
        """Leave it to who is next."""
        if self._is_held:
            self._is_held = False
            self._turns.give(self._of)

    def give_way(self) -> bool:
        """Leave it where somebody waits for it; tell whether that is so."""
        if self._is_held and self._turns.is_wanted(self._of):
            self.leave()
            return True
        return False
