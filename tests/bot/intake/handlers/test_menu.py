"""The command menus that Telegram's clients show."""

from aiogram.types import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.intake.handlers.menu import Place, commands, menus
from bot.texts.en import EN
from bot.texts.ru import RU


def names(place: Place) -> list[str]:
    return [command.command for command in commands(EN, place)]


def test_the_menu_lists_what_a_person_can_do() -> None:
    assert names(Place.PRIVATE) == ["new", "provider", "model", "stop", "retry", "settings", "help"]
    assert names(Place.GROUP) == names(Place.PRIVATE)
    assert names(Place.ADMIN) == [*names(Place.PRIVATE), "allow", "deny"]


def test_there_is_a_menu_per_place_and_language() -> None:
    calls = menus("auto", [7])

    assert [(call.scope, call.language_code) for call in calls] == [
        (BotCommandScopeAllPrivateChats(), None),
        (BotCommandScopeAllPrivateChats(), "ru"),
        (BotCommandScopeAllGroupChats(), None),
        (BotCommandScopeAllGroupChats(), "ru"),
        (BotCommandScopeChat(chat_id=7), None),
        (BotCommandScopeChat(chat_id=7), "ru"),
    ]
    assert calls[1].commands == commands(RU, Place.PRIVATE)
    assert calls[4].commands == commands(EN, Place.ADMIN)


def test_an_operator_who_chose_a_language_gets_its_menus_alone() -> None:
    calls = menus("ru", [])

    assert [call.language_code for call in calls] == [None, None]
    assert calls[0].commands == commands(RU, Place.PRIVATE)
