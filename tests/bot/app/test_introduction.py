"""The command menus, as a server takes them."""

import logging
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SetMyCommands

from bot.app.introduction import register
from bot.intake.handlers.menu import menus
from tests.bot.door import TOKEN
from tests.bot.telegram import Telegram


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
