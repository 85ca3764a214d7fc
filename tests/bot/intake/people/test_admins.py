"""Who administers a group is looked up beside intake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram.exceptions import ClientDecodeError, TelegramForbiddenError
from aiogram.methods import GetMe

from bot.intake.people.admins import AT_ONCE, Admins, GetRawAdministrators
from bot.storage.people.access import Accesses
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


class Slow(Telegram):
    """Answers when it is told to go on."""

    def __init__(self, answer: Callable[[int], list[Any]]) -> None:
        super().__init__(answer)
        self.go_on = asyncio.Event()

    async def __call__(self, method: GetRawAdministrators) -> list[Any]:
        found = await super().__call__(method)
        await self.go_on.wait()
        return found


def ann(_chat_id: int) -> list[Any]:
    return [{"status": "creator", "user": {"id": 11}}, {"status": "administrator", "user": {"id": 12}}]


class Answered:
    """Notes the groups about which there is an answer; None is the start."""

    def __init__(self) -> None:
        self.groups: list[int | None] = []
        self._more = asyncio.Event()

    async def __call__(self, telegram_id: int | None) -> None:
        self.groups.append(telegram_id)
        self._more.set()

    async def about(self, *telegram_ids: int) -> None:
        while not {*telegram_ids} <= {*self.groups}:
            self._more.clear()
            await self._more.wait()


@asynccontextmanager
async def running(admins: Admins) -> AsyncIterator["Answered"]:
    answered = Answered()
    task = asyncio.ensure_future(admins.run(answered))
    try:
        yield answered
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_administrators_are_stored_also_from_a_server_that_tells_few_rights(
    accesses: Accesses, clock: FakeClock
) -> None:
    telegram = Telegram(ann)
    admins = Admins(telegram, accesses, clock)

    async with running(admins) as answered:
        admins.want(GROUP)
        admins.want(OTHER)
        await answered.about(GROUP, OTHER)

    assert await accesses.administers(GROUP, 11) is True
    assert await accesses.administers(GROUP, 13) is False


async def test_wishes_for_one_group_are_one_until_there_is_an_answer(accesses: Accesses, clock: FakeClock) -> None:
    telegram = Slow(ann)
    admins = Admins(telegram, accesses, clock)
    for _ in range(5):
        admins.want(GROUP)

    async with running(admins) as answered:
        admins.want(OTHER)
        await telegram.was_asked(2)
        for _ in range(5):
            admins.want(GROUP)
        telegram.go_on.set()
        await answered.about(GROUP, OTHER)
        admins.want(GROUP)
        await telegram.was_asked(3)

    assert telegram.asked == [GROUP, OTHER, GROUP]


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


async def test_whoever_waits_is_told_when_the_answer_is_stored_and_what_was_put_aside_is_taken_up_at_the_start(
    accesses: Accesses, clock: FakeClock
) -> None:
    telegram = Telegram(lambda chat_id: ann(chat_id) if chat_id == GROUP else ["rubbish"])
    admins = Admins(telegram, accesses, clock)

    async with running(admins) as answered:
        admins.want(GROUP)
        admins.want(OTHER)
        await answered.about(GROUP, OTHER)
        assert await accesses.administers(GROUP, 11) is True

    assert answered.groups[0] is None
    assert sorted(answered.groups[1:], key=str) == [GROUP, OTHER]


async def test_groups_whose_answer_hangs_delay_no_other(accesses: Accesses, clock: FakeClock) -> None:
    class Hanging(Telegram):
        async def __call__(self, method: GetRawAdministrators) -> list[Any]:
            found = await super().__call__(method)
            if method.chat_id != GROUP:
                await asyncio.Event().wait()
            return found

    telegram = Hanging(ann)
    admins = Admins(telegram, accesses, clock)

    async with running(admins) as answered:
        for number in range(1, AT_ONCE):
            admins.want(-number)
        admins.want(GROUP)
        await answered.about(GROUP)

    assert await accesses.administers(GROUP, 11) is True
