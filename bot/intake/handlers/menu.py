"""The command menus: which commands Telegram's clients offer where, and in which language."""

from collections.abc import Iterable
from enum import StrEnum

from aiogram.methods import SetMyCommands
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from bot.texts import AUTO, LANGUAGES, Texts
from bot.texts import texts as texts_in

UNSEEN = frozenset(
    {"provider", "model", "role", "settings", "help"}
)  # in groups only their sender sees them, and the answer

Scope = BotCommandScopeAllPrivateChats | BotCommandScopeAllGroupChats | BotCommandScopeChat


class Place(StrEnum):
    """Where a menu is shown; `admin` is the private chat of an admin of the bot."""

    PRIVATE = "private"
    GROUP = "group"
    ADMIN = "admin"


def descriptions(texts: Texts, place: Place, *, has_roles: bool = True) -> list[tuple[str, str]]:
    """Return the commands in the menu of a place with their meanings: eight at the most, more are not read.

    Without `has_roles` there is none to choose.
    """
    roles = [("role", texts.command_role)] if has_roles else []
    history = [] if place is Place.GROUP else [("history", texts.command_history)]
    stop = [] if place is Place.ADMIN else [("stop", texts.command_stop)]
    retry = [("retry", texts.command_retry)] if place is Place.GROUP else []
    admin = [("admin", texts.command_admin)] if place is Place.ADMIN else []
    return [
        ("new", texts.command_new),
        *history,
        ("provider", texts.command_provider),
        ("model", texts.command_model),
        *roles,
        *stop,
        *retry,
        ("settings", texts.command_settings),
        ("help", texts.command_help),
        *admin,
    ]


def typed(texts: Texts, place: Place) -> list[tuple[str, str]]:
    """Return the further commands, which /help lists and a person types."""
    ask = [("ask", texts.command_ask)] if place is Place.GROUP else []
    stop = [("stop", texts.command_stop)] if place is Place.ADMIN else []
    retry = [] if place is Place.GROUP else [("retry", texts.command_retry)]
    admin = [("invite", texts.command_invite), ("allow", texts.command_allow), ("deny", texts.command_deny)]
    return [
        *ask,
        *stop,
        *retry,
        ("system", texts.command_system),
        ("image", texts.command_image),
        ("find", texts.command_find),
        ("title", texts.command_title),
        ("export", texts.command_export),
        ("forget", texts.command_forget),
        ("usage", texts.command_usage),
        ("id", texts.command_id),
        *(admin if place is Place.ADMIN else []),
    ]


def commands(texts: Texts, place: Place, *, has_roles: bool = True) -> list[BotCommand]:
    """Return the menu of a place in a language."""
    offered = descriptions(texts, place, has_roles=has_roles)
    unseen = UNSEEN if place is Place.GROUP else frozenset()
    return [
        BotCommand(command=name, description=meaning, is_ephemeral=True if name in unseen else None)
        for name, meaning in offered
    ]


def seen_by_all(menu: SetMyCommands) -> SetMyCommands | None:
    """Return a menu for a server that takes no commands that others do not see; None where there are none of them."""
    if not any(command.is_ephemeral for command in menu.commands):
        return None
    seen = [BotCommand(command=command.command, description=command.description) for command in menu.commands]
    return SetMyCommands(commands=seen, scope=menu.scope, language_code=menu.language_code)


def menus(language: str, admins: Iterable[int], *, has_roles: bool = True) -> list[SetMyCommands]:
    """Return the calls that register all menus; `language` is the operator's choice, `auto` by the user's client.

    An admin who never wrote to the bot has no chat yet: Telegram refuses that menu, and it is set at the next start.
    """
    everybodys: list[tuple[Scope, Place]] = [
        (BotCommandScopeAllPrivateChats(), Place.PRIVATE),
        (BotCommandScopeAllGroupChats(), Place.GROUP),
    ]
    calls = [call for scope, place in everybodys for call in _menus(language, scope, place, has_roles)]
    return calls + [call for admin in admins for call in admin_menus(language, admin, has_roles=has_roles)]


def admin_menus(language: str, admin: int, *, has_roles: bool = True) -> list[SetMyCommands]:
    """Return the calls that register the menus of one admin."""
    return _menus(language, BotCommandScopeChat(chat_id=admin), Place.ADMIN, has_roles)


def _menus(language: str, scope: Scope, place: Place, has_roles: bool) -> list[SetMyCommands]:
    """Return a place's menu in each language; the one without a code is for whoever has none in his own."""
    fallback = texts_in(language)
    others = [each for each in LANGUAGES.values() if each is not fallback] if language == AUTO else []
    return [
        SetMyCommands(commands=commands(words, place, has_roles=has_roles), scope=scope, language_code=code)
        for words, code in ((fallback, None), *((other, other.code) for other in others))
    ]
