"""The command menus that Telegram's clients show."""

import pytest
from aiogram.types import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.intake.handlers.menu import Place, commands, menus, seen_by_all, typed
from bot.texts.en import EN
from bot.texts.ru import RU


def names(place: Place) -> list[str]:
    return [command.command for command in commands(EN, place)]


def test_the_menu_lists_what_a_person_can_do() -> None:
    assert names(Place.PRIVATE) == ["new", "history", "provider", "model", "role", "stop", "settings", "help"]
    assert names(Place.GROUP) == ["new", "provider", "model", "role", "stop", "retry", "settings", "help"]
    assert names(Place.ADMIN) == ["new", "history", "provider", "model", "role", "settings", "help", "admin"]


@pytest.mark.parametrize("place", list(Place))
def test_a_menu_is_short_enough_to_be_read_and_help_lists_the_rest(place: Place) -> None:
    listed = [*names(place), *(name for name, _ in typed(EN, place))]

    assert len(names(place)) <= 8
    assert len(set(listed)) == len(listed)
    assert {"find", "title", "export", "forget", "stop", "retry", "system", "usage", "id"} <= set(listed)
    assert ("ask" in listed) == (place is Place.GROUP)
    assert ({"invite", "allow", "deny", "admin"} <= set(listed)) == (place is Place.ADMIN)


def test_roles_are_offered_only_where_there_are_any() -> None:
    without = [call.commands for call in menus("en", [7], has_roles=False)]

    assert not [each for listed in without for each in listed if each.command == "role"]
    assert [listed[-1].command for listed in without] == ["help", "help", "admin"]


def test_there_is_a_menu_per_place_and_language() -> None:
    calls = menus("auto", [7])

    assert [(call.scope, call.language_code) for call in calls] == [
        (BotCommandScopeAllPrivateChats(), None),
        (BotCommandScopeAllPrivateChats(), "de"),
        (BotCommandScopeAllPrivateChats(), "ru"),
        (BotCommandScopeAllGroupChats(), None),
        (BotCommandScopeAllGroupChats(), "de"),
        (BotCommandScopeAllGroupChats(), "ru"),
        (BotCommandScopeChat(chat_id=7), None),
        (BotCommandScopeChat(chat_id=7), "de"),
        (BotCommandScopeChat(chat_id=7), "ru"),
    ]
    assert calls[2].commands == commands(RU, Place.PRIVATE)
    assert calls[6].commands == commands(EN, Place.ADMIN)


def test_an_operator_who_chose_a_language_gets_its_menus_alone() -> None:
    calls = menus("ru", [])

    assert [call.language_code for call in calls] == [None, None]
    assert calls[0].commands == commands(RU, Place.PRIVATE)


def test_in_groups_only_their_sender_sees_what_is_his_to_choose() -> None:
    unseen = {place: [each.command for each in commands(EN, place) if each.is_ephemeral] for place in Place}

    assert unseen == {
        Place.GROUP: ["provider", "model", "role", "settings", "help"],
        Place.PRIVATE: [],  # of groups and supergroups only, core.telegram.org/bots/api#ephemeral-messages
        Place.ADMIN: [],
    }


def test_for_an_older_server_the_same_menu_is_seen_by_all() -> None:
    private, _, _, group, *_ = menus("auto", [])

    assert seen_by_all(private) is None
    assert (plain := seen_by_all(group))
    assert [each.command for each in plain.commands] == names(Place.GROUP)
    assert "is_ephemeral" not in plain.model_dump_json(exclude_none=True)
    assert (plain.scope, plain.language_code) == (group.scope, group.language_code)
