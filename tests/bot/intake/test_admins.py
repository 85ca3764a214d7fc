"""Who administers a group is looked up beside intake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram.exceptions import ClientDecodeError, TelegramForbiddenError
from aiogram.methods import GetMe

from bot.intake.admins import MAX_WANTED, Admins, GetRawAdministrators
from bot.storage.access import Accesses
from tests.clock import FakeClock

GROUP, OTHER = -1001, -1002


class Telegram:
    """Knows who administers which group; `asked` are the calls so far."""

    def __init__(self, answer: Callable[[int], list[Any]]) -> None:
        self.asked: list[int] = []
        self._answer = answer
        self._more = asyncio.Event()

    async def __call__(self, method: GetRawAdministrators) -> list[Any]:
        self.asked.append(method.chat_id)
        self._more.set()
        return self._answer(method.chat_id)

    async def was_asked(self, times: int) -> None:
        while len(self.asked) < times:
            self._more.clear()
            await self._more.wait()


def ann(_chat_id: int) -> list[Any]:
    return [{"status": "creator", "user": {"id": 11}}, {"status": "administrator", "user": {"id": 12}}]


@asynccontextmanager
async def running(admins: Admins) -> AsyncIterator[None]:
    task = asyncio.ensure_future(admins.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_administrators_are_stored_also_from_a_server_that_tells_few_rights(
    accesses: Accesses, clock: FakeClock
) -> None:
    telegram = Telegram(ann)
    admins = Admins(telegram, accesses, clock)

    async with running(admins):
        admins.want(GROUP)
        admins.want(OTHER)
        await telegram.was_asked(2)

    assert await accesses.administers(GROUP, 11) is True
    assert await accesses.administers(GROUP, 13) is False


async def test_a_group_is_looked_up_once_a_minute(accesses: Accesses, clock: FakeClock) -> None:
    telegram = Telegram(ann)
    admins = Admins(telegram, accesses, clock)

    async with running(admins):
        for _ in range(5):
            admins.want(GROUP)
        await clock.advance(61)
        admins.want(GROUP)
        admins.want(GROUP)
        await telegram.was_asked(2)
        admins.want(OTHER)
        await telegram.was_asked(3)

    assert telegram.asked == [GROUP, GROUP, OTHER]


@pytest.mark.parametrize(
    "error",
    [
        TelegramForbiddenError(GetMe(), "Forbidden: bot is not a member of the supergroup chat"),
        ClientDecodeError("not JSON", ValueError("x"), "<html>"),
    ],
)
async def test_a_group_that_telegram_does_not_tell_about_delays_no_other(
    accesses: Accesses, clock: FakeClock, error: Exception
) -> None:
    def tell(chat_id: int) -> list[Any]:
        if chat_id == GROUP:
            raise error
        return ann(chat_id)

    telegram = Telegram(tell)
    admins = Admins(telegram, accesses, clock)

    async with running(admins):
        admins.want(GROUP)
        admins.want(OTHER)
        await telegram.was_asked(2)
        admins.want(GROUP)
        await telegram.was_asked(3)

    assert telegram.asked == [GROUP, OTHER, GROUP]
    assert await accesses.administers(GROUP, 11) is None
    assert await accesses.administers(OTHER, 11) is True


@pytest.mark.parametrize("answer", [["rubbish"], [{}], [{"user": {"id": "x"}}], [None]])
async def test_rubbish_is_not_stored(accesses: Accesses, clock: FakeClock, answer: list[Any]) -> None:
    telegram = Telegram(lambda chat_id: answer if chat_id == GROUP else [])
    admins = Admins(telegram, accesses, clock)

    async with running(admins):
        admins.want(GROUP)
        admins.want(OTHER)
        await telegram.was_asked(2)

    assert await accesses.administers(GROUP, 11) is None


async def test_wishes_are_bounded(accesses: Accesses, clock: FakeClock) -> None:
    telegram = Telegram(ann)
    admins = Admins(telegram, accesses, clock)
    for number in range(MAX_WANTED + 50):
        admins.want(number)

    async with running(admins):
        await telegram.was_asked(MAX_WANTED)
        admins.want(-1)
        await telegram.was_asked(MAX_WANTED + 1)

    assert telegram.asked == [*range(MAX_WANTED), -1]
