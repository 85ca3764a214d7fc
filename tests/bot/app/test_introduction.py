"""What the bot and Telegram's server say to each other at a start."""

import asyncio
import logging
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe, SetMyCommands
from aiogram.types import User

from bot.app.introduction import REPEAT_S, Introduction, register
from bot.catalog.catalog import Catalog
from bot.intake.handlers.menu import menus
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.people.access import Accesses, ForeignDatabaseError
from tests.bot.door import TOKEN
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ME = User(id=int(TOKEN.partition(":")[0]), is_bot=True, first_name="Delta", username="delta_bot")


def introduced(server: Telegram, db: Sessions, settings: Settings, catalog: Catalog, clock: FakeClock) -> Introduction:
    return Introduction(Bot(TOKEN, session=server), settings, Accesses(db, clock), catalog, {}, clock)


class Menus(Telegram):
    """A Bot API server that takes menus; an older one takes no commands that only their sender sees."""

    def __init__(self, refuses: str = "") -> None:
        super().__init__()
        self.refuses = refuses
        self.taken: list[SetMyCommands] = []

    async def make_request(self, bot: Bot, method: Any, timeout: int | None = None) -> Any:
        if self.refuses and self.refuses in method.model_dump_json(exclude_none=True):
            raise TelegramBadRequest(method, "Bad Request: can't parse BotCommand")
        self.taken.append(method)
        return True


async def test_commands_that_only_their_sender_sees_are_registered_as_such() -> None:
    server = Menus()
    menu = menus("en", [])[1]

    await register(Bot(TOKEN, session=server), menu)

    assert server.taken == [menu]


async def test_a_server_that_refuses_them_gets_the_same_menu_seen_by_all(caplog: pytest.LogCaptureFixture) -> None:
    server = Menus(refuses="is_ephemeral")
    menu = menus("en", [])[1]

    with caplog.at_level(logging.INFO):
        await register(Bot(TOKEN, session=server), menu)

    assert [[each.command for each in taken.commands] for taken in server.taken] == [
        [each.command for each in menu.commands]
    ]
    assert not caplog.records


async def test_a_server_without_menus_lacks_just_these(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for menu in menus("en", []):
            await register(Bot(TOKEN, session=Menus(refuses="commands")), menu)

    assert {record.getMessage() for record in caplog.records} == {"menu not registered error=TelegramBadRequest"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TelegramAPIError(GetMe(), "HTTP 404"), "this is no Bot API server, trying again, look at TELEGRAM_API_URL"),
        (ClientDecodeError("Failed", ValueError("page"), None), "this is no Bot API server"),
        (TelegramNetworkError(GetMe(), "ClientError: gone"), "Telegram cannot be reached, trying again"),
    ],
)
async def test_what_answers_in_the_place_of_a_server_is_told_and_asked_again(
    error: Exception, said: str, db: Sessions, settings: Settings, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    clock, server = FakeClock(), Telegram()
    server.answers(GetMe, error, ME)
    introduction = introduced(server, db, settings, catalog, clock)

    making = asyncio.ensure_future(introduction.make())
    await clock.asleep()
    await clock.advance(REPEAT_S)
    assert (await making).username == "delta_bot"

    assert any(line.startswith(said) for line in caplog.messages)


async def test_a_webhook_that_is_not_removed_is_told_only_when_the_token_is_known(
    db: Sessions, settings: Settings, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    clock, server, tried = FakeClock(), Telegram(), asyncio.Event()
    unknown = [TelegramUnauthorizedError(DeleteWebhook(), "Unauthorized")] * 2
    server.answers(DeleteWebhook, *unknown, True)
    server.answers(GetMe, ME)
    introduction = introduced(server, db, settings, catalog, clock)

    dropping = asyncio.ensure_future(introduction.drop_webhook(tried))
    while not server.calls:
        await clock.sleep(0)
    assert not tried.is_set()
    assert not caplog.messages
    await introduction.make()
    await clock.asleep()
    assert tried.is_set()
    assert [type(call) for call in server.calls] == [DeleteWebhook, GetMe, DeleteWebhook]
    await clock.advance(REPEAT_S)
    await dropping

    assert "webhook not removed error=TelegramUnauthorizedError" in caplog.messages


async def test_nothing_is_asked_of_telegram_for_a_bot_whose_database_this_is_not(
    db: Sessions, settings: Settings, catalog: Catalog
) -> None:
    clock, server = FakeClock(), Telegram()
    await Accesses(db, clock).identify(ME.id + 1)

    with pytest.raises(ForeignDatabaseError):
        await introduced(server, db, settings, catalog, clock).check()

    assert server.calls == []
