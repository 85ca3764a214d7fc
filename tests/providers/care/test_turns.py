"""Places that are given in turn: who wants much holds nobody up for longer than one of his own."""

import asyncio
from collections.abc import Sequence

from providers.care.turns import Turns


class Room:
    """Notes who is in, and who comes next."""

    def __init__(self, places: int, each: int | None = None) -> None:
        self.turns = Turns(places, each=each)
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


async def test_another_person_waits_for_one_file_and_not_for_ten() -> None:
    room = Room(2)
    visits = await room.visits(*[1] * 10, 2, 3, 2)

    await room.go(13)

    assert room.came[:4] == [1, 1, 2, 3]
    assert room.came.index(2, 3) < 7
    assert sorted(room.came) == [1] * 10 + [2, 2, 3]
    await asyncio.gather(*visits)


async def test_no_person_has_more_than_its_share_though_places_are_free() -> None:
    room = Room(3, each=2)
    visits = await room.visits(1, 1, 1, 1, 2)
    assert room.came == [1, 1, 2]

    await room.go(5)

    assert room.came == [1, 1, 2, 1, 1]
    await asyncio.gather(*visits)


async def test_a_place_is_given_away_once_and_only_where_somebody_waits_for_it() -> None:
    room = Room(2, each=2)
    async with room.turns.place(1) as place, room.turns.place(1):
        assert not place.give_way()
        mine, other = await room.visits(1, 2)
        assert place.give_way()
        await settled()
        assert not place.give_way()
        assert room.came == [2]
    await settled()

    assert room.came == [2, 1]
    await room.go(2)
    await asyncio.gather(mine, other)
    assert not room.turns.is_wanted(1)


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
