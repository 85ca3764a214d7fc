"""The things of a world as JSON, and back: what stands in one thing of another one is a reference to it.

A value is written as it is, but for objects with one member, whose name says what they stand for:
j  an object of JSON        d  a dictionary, as pairs       t  a tuple      s  a set
o  a dataclass, [its name, its fields]                      r  a thing of the world, [its kind, its key …]
"""

from dataclasses import MISSING, Field, fields
from typing import Any

from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat, Message, Topic
from telegram_playground.world.files import File
from telegram_playground.world.invites import Invite
from telegram_playground.world.members import Member
from telegram_playground.world.payments import Invoice, Payment
from telegram_playground.world.people import Bot, User, Webhook
from telegram_playground.world.polls import Poll
from telegram_playground.world.state import World
from telegram_playground.world.stickers import Sticker, StickerSet

_CLASSES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (Bot, Chat, File, Invite, Invoice, Member, Message, Payment, Poll, Sticker, StickerSet, Topic, User)
} | {"Webhook": Webhook}
# Messages are things of their own; what is over in a minute, and what only tells of the past, is not kept.
_LEFT_OUT = {"Chat": {"messages", "transcript", "albums", "drafts", "lanes"}, "Bot": {"updates"}, "File": {"data"}}

_FIELDS: dict[type[Any], tuple[tuple[Field[Any], bool], ...]] = {}


class Lost(ValueError):
    """A reference to something that is not there."""


def written(world: World, thing: object) -> Json:
    """Return the fields of a thing, or of anything else that is a dataclass."""
    return {field.name: write(world, getattr(thing, field.name)) for field, is_kept in _fields(type(thing)) if is_kept}


def filled(world: World, thing: object, told: Json) -> None:
    """Give a thing its fields; one that was not written has its default."""
    for field, is_kept in _fields(type(thing)):
        if is_kept and field.name in told:
            object.__setattr__(thing, field.name, read(world, told[field.name]))
        elif is_kept or field.default is not MISSING or field.default_factory is not MISSING:
            object.__setattr__(thing, field.name, _default(field))


def blank(kind: str) -> Any:
    """Return a thing without its fields, so that others can refer to it."""
    return object.__new__(_CLASSES[kind])


def write(world: World, value: object) -> Any:
    """Return a value as JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        if _plain(value):
            return {"j": value}
        return {"d": [[write(world, name), write(world, item)] for name, item in value.items()]}
    if isinstance(value, list):
        return [write(world, item) for item in value]
    if isinstance(value, tuple):
        return {"t": [write(world, item) for item in value]}
    if isinstance(value, set):
        return {"s": [write(world, item) for item in value]}
    reference = _reference(world, value)
    return {"r": reference} if reference else {"o": [type(value).__name__, written(world, value)]}


def read(world: World, told: Any) -> Any:
    """Return the value that was written; raises Lost, and ValueError for what nobody wrote."""
    if isinstance(told, list):
        return [read(world, item) for item in told]
    if not isinstance(told, dict):
        return told
    ((mark, value),) = told.items()
    match mark:
        case "j":
            return value
        case "d":
            return {read(world, name): read(world, item) for name, item in value}
        case "t":
            return tuple(read(world, item) for item in value)
        case "s":
            return {read(world, item) for item in value}
        case "o":
            made = blank(value[0])
            if isinstance(made, File):  # a file that the server has thrown away
                object.__setattr__(made, "data", b"")
            filled(world, made, value[1])
            return made
        case "r":
            return _referred(world, *value)
    raise ValueError(f"unknown mark {mark}")


def _fields(kind: type[Any]) -> tuple[tuple[Field[Any], bool], ...]:
    """Return the fields of a class, and which of them are written."""
    if kind not in _FIELDS:
        left_out = _LEFT_OUT.get(kind.__name__, set())
        _FIELDS[kind] = tuple((field, field.name not in left_out) for field in fields(kind))
    return _FIELDS[kind]


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    if field.default is MISSING:
        raise ValueError(f"{field.name} is missing")
    return field.default


def _plain(value: object) -> bool:
    """Tell whether a value is JSON as it is."""
    if value is None or isinstance(value, str | int | float):
        return True
    if isinstance(value, dict):
        return all(isinstance(name, str) and _plain(item) for name, item in value.items())
    return isinstance(value, list) and all(_plain(item) for item in value)


def _reference(world: World, value: object) -> list[Any] | None:
    """Return by what a thing is found again; None for one that is no part of the world any more."""
    found: list[Any] | None = None
    if isinstance(value, User):
        found = ["User", value.id]
    elif isinstance(value, Bot):
        found = ["Bot", value.id]
    elif isinstance(value, Chat):
        found = ["Chat", value.key]
    elif isinstance(value, Message):
        found = ["Message", value.chat.key, value.message_id]
    elif isinstance(value, File):
        found = ["File", value.file_id]
    return found if found and _found(world, *found) is value else None


def _found(world: World, kind: str, key: Any, number: int = 0) -> object:
    match kind:
        case "User":
            return world.users.get(key)
        case "Bot":
            return world.bots.get(key)
        case "Chat":
            return world.chats.get(key)
        case "File":
            return world.files.get(key)
        case "Message" if key in world.chats:
            return world.chats[key].messages.get(number)
    return None


def _referred(world: World, kind: str, *key: Any) -> object:
    found = _found(world, kind, *key)
    if found is None:
        raise Lost(f"there is no {kind} {key}")
    return found
