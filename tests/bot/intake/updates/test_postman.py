"""Posts that processes share, as far as no server is needed for it: tests/on_postgres/test_posts.py has the rest."""

import asyncio
from collections.abc import Callable, Sequence

from bot.intake.updates.postman import LOOK_S, Postman
from bot.storage.ownership.posts import Posted, Posts
from tests.clock import FakeClock


class Crowded(Posts):
    """Takes a tenth of a second to keep some, while which one more comes."""

    def __init__(self, clock: FakeClock) -> None:
        self.looks = 0
        self.more: Callable[[], None] = lambda: None
        self._clock = clock

    async def keep(self, posted: Sequence[Posted]) -> None:
        self.more()
        await self._clock.sleep(0.1)

    async def forget(self, *, after_s: float) -> int:
        return 0

    async def bots(self, heard: Callable[[int], None]) -> Sequence[int]:
        self.looks += 1
        return []


async def test_what_came_to_other_processes_is_looked_for_also_while_posts_never_cease(clock: FakeClock) -> None:
    posts, posted = Crowded(clock), set[asyncio.Future[object]]()
    postman = Postman(posts, clock)
    posts.more = lambda: posted.add(asyncio.ensure_future(postman.take(Posted(1, len(posted), "{}"), 2)))
    posts.more()
    running = asyncio.ensure_future(postman.run())

    for _ in range(250):
        await clock.advance(0.1)

    assert len(posted) > 200
    assert posts.looks == 1 + 25.0 // LOOK_S
    running.cancel()
    await asyncio.gather(running, *posted, return_exceptions=True)
