"""Places that are given in turn: who wants much holds nobody up for longer than one of his own."""

import asyncio
from collections.abc import Sequence

from bot.work.attachments.turns import Turns


class Room:
    """Notes who is in, and who comes next."""

    def __init__(self, places: int) -> None:
        self.turns = Turns(places)
        self.came: list[int] = []
        self.leave = asyncio.Semaphore(0)

    async def visit(self, of: int) -> None:
        async with self.turns.place(of):
            self.came.append(of)
            await self.leave.acquire()

    async def visits(self, *of: int) -> Sequence["asyncio.Future[None]"]:
        visits = [asyncio.ensure_future(self.visit(each)) for each in of]
        await settled()
        return visits

    async def go(self, count: int = 1) -> None:
        for _ in range(count):
            self.leave.release()
            await settled()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_another_question_waits_for_one_file_and_not_for_ten() -> None:
    room = Room(2)
    visits = await room.visits(*[1] * 10, 2, 3, 2)

    await room.go(13)

    assert room.came[:4] == [1, 1, 2, 3]
    assert room.came.index(2, 3) < 7
    assert sorted(room.came) == [1] * 10 + [2, 2, 3]
    await asyncio.gather(*visits)


async def test_who_gives_up_takes_no_place_with_him() -> None:
    room = Room(1)
    first, waits, other = await room.visits(1, 1, 2)
    waits.cancel()
    await room.go()
    assert room.came == [1, 2]

    third, fourth = await room.visits(3, 4)
    room.leave.release()  # the place is given to the third ...
    await asyncio.sleep(0)
    third.cancel()  # ... which gives up at about the same moment
    await settled()
    await room.go(2)

    assert room.came[-1] == 4
    await asyncio.gather(first, waits, other, third, fourth, return_exceptions=True)
    await room.visits(5)
    assert room.came[-1] == 5
