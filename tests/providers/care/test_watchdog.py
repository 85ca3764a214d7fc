"""One timer holds many limits, and bites at the last one that was set."""

import asyncio

import pytest

from providers.care.watchdog import Watchdog
from tests.leap import leap


def test_a_limit_that_is_put_off_again_and_again_does_not_bite() -> None:
    async def work() -> float:
        watchdog, loop = Watchdog(), asyncio.get_running_loop()
        for _ in range(100):
            watchdog.until(loop.time() + 30)
            await asyncio.sleep(20)
        watchdog.end()
        await asyncio.sleep(100)
        return loop.time()

    assert leap(work()) == pytest.approx(2100)


def test_it_bites_at_the_limit_and_says_so() -> None:
    async def work() -> tuple[bool, float]:
        watchdog, loop = Watchdog(), asyncio.get_running_loop()
        watchdog.until(20)
        await asyncio.sleep(10)
        watchdog.until(40)
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            return watchdog.has_bitten(), loop.time()
        return False, 0.0

    assert leap(work()) == (True, 40.0)


def test_while_it_rests_it_does_not_bite_and_a_nearer_limit_counts() -> None:
    async def work() -> float:
        watchdog, loop = Watchdog(), asyncio.get_running_loop()
        watchdog.until(20)
        watchdog.rest()
        await asyncio.sleep(50)
        watchdog.until(1000)
        watchdog.until(60)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(100)
        assert watchdog.has_bitten()
        return loop.time()

    assert leap(work()) == pytest.approx(60)


def test_a_cancellation_by_somebody_else_is_not_taken_for_its_own() -> None:
    async def work() -> bool:
        bitten = []

        async def watched() -> None:
            watchdog = Watchdog()
            watchdog.until(1000)
            try:
                await asyncio.sleep(100)
            finally:
                bitten.append(watchdog.has_bitten())
                watchdog.end()

        task = asyncio.ensure_future(watched())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled() and not bitten[0]

    assert leap(work())
