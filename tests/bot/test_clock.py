"""Time that the process did not have is nobody's silence."""

import asyncio
import time

from bot.clock import STOOD_STILL_S, Clock, Loop


def test_a_limit_does_not_count_the_time_in_which_the_process_stood_still() -> None:
    async def wait() -> float:
        clock = Clock()
        begun = clock.now()
        coming = asyncio.ensure_future(asyncio.sleep(0.3))
        async with asyncio.timeout(1.0):
            await asyncio.sleep(0)
            time.sleep(2 * STOOD_STILL_S)  # noqa: ASYNC251  # as a paused machine does
            await coming
        return clock.now() - begun

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert 0.2 < runner.run(wait()) < 1.0


def test_a_limit_ends_what_takes_too_long_as_ever() -> None:
    async def wait() -> bool:
        return await Clock().wait(asyncio.Event(), 0.05)

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert not runner.run(wait())
