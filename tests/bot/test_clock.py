"""Time that the process did not have is nobody's silence."""

import asyncio
import itertools
import os
import selectors
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

import bot.clock
from bot.clock import LULL_S, STOOD_STILL_S, Clock, Loop, Lull
from bot.tally import Tally
from tests.clock import FakeClock
from tests.stopwatch import PATIENCE_S


def test_a_limit_does_not_count_the_time_in_which_the_process_stood_still(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    select = selectors.DefaultSelector.select

    def punctual(
        self: selectors.DefaultSelector, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        at[0] += max(0.0, timeout or 0.0)
        return select(self, 0)

    async def wait() -> float:
        clock = Clock()
        begun = clock.now()
        coming = asyncio.ensure_future(asyncio.sleep(0.3))
        async with asyncio.timeout(1.0):
            await asyncio.sleep(0)
            at[0] += 2 * STOOD_STILL_S  # as on a paused machine
            await coming
        return clock.now() - begun

    monkeypatch.setattr(selectors.DefaultSelector, "select", punctual)
    monkeypatch.setattr(bot.clock, "time", SimpleNamespace(monotonic=lambda: at[0]))
    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(wait()) == pytest.approx(0.3)


def test_a_limit_begins_anew_where_the_process_stood_still_while_it_waited() -> None:
    """What was waited for before it stopped and what it slept through look the same."""
    program = """
import asyncio
from bot.clock import Loop
from bot.tally import Tally

async def wait():
    print("waiting", flush=True)
    async with asyncio.timeout(3):
        await asyncio.to_thread(input)

with asyncio.Runner(loop_factory=Loop) as runner:
    runner.run(wait())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.2)  # nothing tells that it is in its wait
        os.kill(child.pid, signal.SIGSTOP)
        time.sleep(3 + 1.2 * STOOD_STILL_S)
        os.kill(child.pid, signal.SIGCONT)
        time.sleep(0.2)
        child.stdin.write(b"late\n")
        child.stdin.flush()
        assert child.wait(PATIENCE_S) == 0


def test_a_limit_ends_what_takes_too_long_as_ever() -> None:
    async def wait() -> bool:
        return await Clock().wait(asyncio.Event(), 0.05)

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert not runner.run(wait())


def test_a_limit_ends_on_a_machine_that_is_always_late(monkeypatch: pytest.MonkeyPatch) -> None:
    at, waits = [0.0], itertools.count()
    select = selectors.DefaultSelector.select

    def late(self: selectors.DefaultSelector, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert next(waits) < 100
        at[0] += max(0.0, timeout or 0.0) + 1.5 * STOOD_STILL_S
        return select(self, 0)

    async def wait() -> bool:
        return await Clock().wait(asyncio.Event(), 6.0)

    monkeypatch.setattr(selectors.DefaultSelector, "select", late)
    monkeypatch.setattr(bot.clock, "time", SimpleNamespace(monotonic=lambda: at[0]))
    with asyncio.Runner(loop_factory=Loop) as runner:
        assert not runner.run(wait())


@pytest.mark.parametrize("quick_rounds", [0, 1])
def test_a_limit_ends_where_rounds_of_the_loop_take_long(monkeypatch: pytest.MonkeyPatch, quick_rounds: int) -> None:
    at = [0.0]

    async def wait() -> bool:
        never = asyncio.Event()
        toiling = asyncio.ensure_future(toil(never))
        is_set = await Clock().wait(never, 6.0)
        toiling.cancel()
        return is_set

    async def toil(end: asyncio.Event) -> None:
        for _ in range(20):
            at[0] += 1.5 * STOOD_STILL_S
            for _ in range(1 + quick_rounds):
                await asyncio.sleep(0)
        end.set()

    monkeypatch.setattr(bot.clock, "time", SimpleNamespace(monotonic=lambda: at[0]))
    with asyncio.Runner(loop_factory=Loop) as runner:
        assert not runner.run(wait())
    assert at[0] > 6.0


async def test_who_waits_in_a_lull_waits_long_and_is_woken_by_its_end(clock: FakeClock) -> None:
    lull, news = Lull(clock), asyncio.Event()

    async def wait() -> float:
        begun, waiting = clock.now(), asyncio.ensure_future(lull.wait(news, 5.0, 900.0))
        while not waiting.done():
            await clock.advance(1.0)
            if clock.now() - begun == 300.0:
                lull.happened()
                await clock.advance(0.0)
        return clock.now() - begun

    assert await wait() == 5.0
    await clock.advance(LULL_S)
    assert await wait() == 300.0
    assert news.is_set()
    news.clear()
    assert await wait() == 5.0


async def test_those_that_look_equally_often_wake_the_process_once(clock: FakeClock) -> None:
    woken = []

    async def look() -> None:
        while True:
            await clock.tick(30.0)
            woken.append(clock.now())

    looking = []
    for _ in range(3):
        looking.append(asyncio.ensure_future(look()))
        await clock.advance(1.0)
    await clock.advance(60.0)

    assert sorted(set(woken)) == [1020.0, 1050.0]
    assert len(woken) == 6
    for each in looking:
        each.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


def test_what_only_looks_for_news_ends_no_lull() -> None:
    news: list[None] = []
    tally = Tally(happened=lambda: news.append(None))

    for method in ("getUpdates", "getWebhookInfo"):
        tally.called(method, "ok", 0.1, now=1.0)
    tally.called("sendMessage", "unanswered", 0.1, now=1.0)
    tally.came("polling", 0)
    assert not news
    tally.called("sendMessage", "ok", 0.1, now=1.0)
    tally.came("polling", 2)
    assert len(news) == 2


def test_a_clock_that_differs_from_that_of_the_rows_goes_by_it() -> None:
    clock = Clock()
    here = clock.wall()

    clock.agree(here + 0.5, within_s=0.0)
    assert clock.wall() - here < 0.4  # the way there and back takes as long

    clock.agree(here - 180.0, within_s=0.1)
    assert clock.wall() - here < -179.0
    clock.agree(here, within_s=0.1)
    assert clock.wall() - here > -1.0
