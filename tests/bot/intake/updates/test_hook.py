"""The webhook is kept where it is wished; how often Telegram is asked depends on who writes, and on how many bots."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import GetWebhookInfo, SetWebhook
from aiogram.types import WebhookInfo

from bot.clock import LULL_S, Lull
from bot.intake.updates.hook import EACH_S, LOOK_S, Hook
from bot.tally import Tally
from tests.clock import FakeClock

MANY = 50


class Hooked(Bot):
    """A bot whose webhook anybody may set; `looked_at`: when it was asked where that is; `answers`: it does so."""

    def __init__(self, number: int, clock: FakeClock, others: set[Hook], folder: Path) -> None:
        super().__init__(f"{number}:{'M' * 35}")
        self.url = ""
        self.pending = 0
        self.looked_at: list[float] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.tally = Tally()
        self._clock = clock
        lull = Lull(clock)
        self.tally.happened = lull.happened
        self.hook = Hook(
            self,
            f"https://bots.example/telegram/{number}",
            "secret",
            kinds=[],
            file=folder / f"{number}.webhook",
            others=others,
            lull=lull,
            tally=self.tally,
            clock=clock,
        )

    async def __call__(self, method: Any, request_timeout: int | None = None) -> Any:
        """Carry out a method."""
        if isinstance(method, SetWebhook):
            self.url = method.url
        elif isinstance(method, GetWebhookInfo):
            self.looked_at.append(self._clock.now())
            found = self.url
            await self.answers.wait()
            return WebhookInfo(url=found, has_custom_certificate=False, pending_update_count=self.pending)
        return True

    def looks(self) -> int:
        """Return how often it was asked since the last time."""
        count = len(self.looked_at)
        self.looked_at.clear()
        return count


@pytest.fixture
async def bots(clock: FakeClock, tmp_path: Path) -> AsyncIterator[list[Hooked]]:
    """Many in one process, to whom nobody has written for long."""
    others: set[Hook] = set()
    bots = [Hooked(number, clock, others, tmp_path) for number in range(1, MANY + 1)]
    running = [asyncio.ensure_future(each.hook.run()) for each in bots]
    await clock.advance(2 * LULL_S + EACH_S * MANY)
    for each in bots:
        each.looks()
    yield bots
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_many_bots_to_whom_nobody_writes_are_looked_after_seldom_and_all(
    clock: FakeClock, bots: list[Hooked]
) -> None:
    await clock.advance(EACH_S * MANY)

    assert [each.looks() for each in bots] == [1] * MANY
    assert all(each.tally.unseen_s + LOOK_S == EACH_S * MANY for each in bots)


async def test_a_bot_that_is_written_to_is_looked_after_each_minute_again(clock: FakeClock, bots: list[Hooked]) -> None:
    for _ in range(10):
        bots[0].tally.came("webhook", 1)
        await clock.advance(LOOK_S / 2)

    assert bots[0].looks() >= 5
    assert bots[0].tally.unseen_s == 0
    assert bots[1].looks() <= 1


async def test_a_webhook_that_somebody_changed_is_set_again_and_the_others_are_looked_at(
    clock: FakeClock, bots: list[Hooked]
) -> None:
    changed, *others = bots
    changed.url = "https://somebody.example"
    for each in others[:5]:
        each.url = "https://somebody.example"

    changed.tally.came("webhook", 1)
    await clock.advance(LOOK_S)

    assert "https://somebody.example" not in {each.url for each in bots}
    assert changed.tally.hooked_at


async def test_a_bot_whose_updates_do_not_come_through_is_looked_after_each_minute(
    clock: FakeClock, bots: list[Hooked]
) -> None:
    bots[0].pending = 7
    await clock.advance(EACH_S * MANY)  # until it is seen
    bots[0].looks()

    await clock.advance(5 * LOOK_S)

    assert bots[0].looks() == 5


async def test_what_comes_in_doubt_while_telegram_is_asked_is_asked_again(clock: FakeClock, bots: list[Hooked]) -> None:
    changed, other, *_ = bots
    other.answers.clear()
    other.tally.came("webhook", 1)
    await clock.advance(LOOK_S)
    changed.url = other.url = "https://somebody.example"
    changed.tally.came("webhook", 1)
    await clock.advance(LOOK_S)
    assert changed.tally.hooked_at

    other.answers.set()
    await clock.advance(LOOK_S)

    assert other.tally.hooked_at


async def test_a_bot_alone_is_looked_after_each_minute(clock: FakeClock, tmp_path: Path) -> None:
    alone = Hooked(1, clock, set(), tmp_path)
    running = asyncio.ensure_future(alone.hook.run())
    await clock.advance(2 * LULL_S)
    alone.looks()

    await clock.advance(10 * LOOK_S)

    assert alone.looks() == 10
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
