"""A bounded number of bots begins at a time, and none of them holds up the others."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.app.many.beginnings import AT_ONCE, MOST_S, Beginnings, Turn
from tests.clock import FakeClock

SOME = 20  # turns of the event loop


class Crowd:
    """Bots that begin, in the order in which they have got their places."""

    def __init__(self, clock: FakeClock, **given: int) -> None:
        self.began: dict[str, Callable[[], Awaitable[None]]] = {}
        self._beginnings = Beginnings(clock, **given)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str, turn: Turn = Turn.NEW) -> None:
        for name in names:
            self._tasks[name] = asyncio.create_task(self._run(name, turn))
        await settle()

    async def go(self, *names: str) -> None:
        for name in names:
            self._tasks[name].cancel()
        await asyncio.gather(*(self._tasks[name] for name in names), return_exceptions=True)
        await settle()

    async def end(self) -> None:
        await self.go(*self._tasks)

    async def _run(self, name: str, turn: Turn) -> None:
        with suppress(asyncio.CancelledError):
            async with self._beginnings.place(turn) as leave:
                self.began[name] = leave
                await asyncio.Event().wait()


async def settle() -> None:
    for _ in range(SOME):
        await asyncio.sleep(0)


async def test_of_a_hundred_some_begin_at_a_time_and_each_that_has_begun_lets_another_one(clock: FakeClock) -> None:
    crowd, names = Crowd(clock), [f"bot{number}" for number in range(100)]
    await crowd.come(*names)
    for had in range(100 - AT_ONCE):
        assert [*crowd.began] == names[: AT_ONCE + had]
        await crowd.began[names[had]]()
        await settle()

    assert [*crowd.began] == names
    await crowd.end()


async def test_those_that_hang_make_room_and_take_it_from_nobody_twice(clock: FakeClock) -> None:
    crowd = Crowd(clock, at_once=2)
    await crowd.come("hangs", "hangs too", "waits", "waits too", "comes later")

    await clock.advance(MOST_S - 0.1)
    before = [*crowd.began]
    await clock.advance(0.1)
    after = [*crowd.began]
    await crowd.began["hangs"]()  # it goes on after all
    await crowd.go("hangs too")
    at_the_end = [*crowd.began]
    await crowd.end()

    assert before == ["hangs", "hangs too"]
    assert after == at_the_end == [*before, "waits", "waits too"]


async def test_who_was_served_until_now_goes_first_and_who_has_failed_last(clock: FakeClock) -> None:
    crowd = Crowd(clock, at_once=1)
    await crowd.come("first")
    await crowd.come("failed", turn=Turn.AGAIN)
    await crowd.come("new", "newer")
    await crowd.come("served", turn=Turn.SERVED)
    for _ in range(4):
        await [*crowd.began.values()][-1]()
        await settle()

    assert [*crowd.began] == ["first", "served", "new", "newer", "failed"]
    await crowd.end()


async def test_who_is_told_to_end_leaves_its_place_or_its_wait(clock: FakeClock) -> None:
    crowd = Crowd(clock, at_once=1)
    await crowd.come("has it", "goes", "waits", "is next")
    await crowd.go("goes")
    await crowd.go("has it")
    assert [*crowd.began] == ["has it", "waits"]
    await crowd.go("waits", "is next")
    await crowd.come("comes later")

    assert [*crowd.began][-1] == "comes later"
    await crowd.end()
