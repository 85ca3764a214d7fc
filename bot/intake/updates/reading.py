"""Reading: as much of a raw update as can be read; pure.

Telegram's server may be newer than aiogram, or another one, and whatever it adds or changes must not cost a question.
So what cannot be read is taken out, the smallest part that contains it first, until the rest is an update.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.intake.people.membership import completed
from bot.storage.ids import is_person

Path = tuple[str | int, ...]

MAX_UPDATE_ID = 2**63 - 2  # the next one must fit into the database too
MAX_ID = 2**52  # of a person or a chat, core.telegram.org/bots/api#chat
MAX_MESSAGE_ID = 2**31 - 1
MAX_NUMBER = 2**63 - 1
MAX_ROUNDS = 200
MAX_DEPTH = 100  # of what is nested: an update of our time has some ten levels

# What aiogram cannot do without, though a question can: what stands for it where it is missing or strange.
STAND_INS: dict[str, object] = {"date": 1, "message_id": 0, "is_bot": False, "first_name": "", "chat_instance": ""}
NAME = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{4,32}\b")
MESSAGES = ("message", "edited_message")
TOLD = ("message", "callback_query", "stopped_message_generation")  # whose sender waits for something
SHARED = ("group", "supergroup", "channel")
MEMBERS = ("old_chat_member", "new_chat_member")
STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")
ENTITIES = {"entities": "text", "caption_entities": "caption"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """An update as it can be read and as JSON (`content`); which fields of its message had to be `left_out`."""

    update: Update
    content: dict[str, Any]
    left_out: frozenset[str] = frozenset()


def update_id(raw: object) -> int | None:
    """Return the id of a raw update, None where it is none that could be kept or confirmed."""
    found = raw.get("update_id") if isinstance(raw, Mapping) else None
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 20:
        found = int(found)
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    is_id = isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MAX_UPDATE_ID
    return found if is_id and isinstance(found, int) else None


def is_too_deep(raw: object) -> bool:
    """Tell whether more is nested in an update than is read; JSON of some hundred levels can be read, not written."""
    level = [raw]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level if isinstance(each, dict | list) for inner in _inner(each)]
    return bool(level)


def read(raw: object, bot: Bot) -> Reading | None:
    """Read a raw update; None where it has no id, is of a kind that is not known, or nothing of use is left of it.

    Of a message or a press that cannot be read at all, a message without words is left, where it tells its person.
    """
    known = update_id(raw)
    if known is None or not isinstance(raw, dict):
        return None
    gone: set[Path] = set()
    content = _copy({**raw, "update_id": known}, (), gone)
    stood_in: set[Path] = set()
    for _ in range(MAX_ROUNDS):
        _place(content)
        try:
            update = Update.model_validate(completed(content), context={"bot": bot})
        except ValidationError as error:
            found = {_path(content, problem["loc"]) for problem in error.errors(include_url=False, include_input=False)}
            _mend_all(content, found, stood_in, bot)
            gone |= found
            continue
        if _restore(content, gone):
            continue
        try:
            log.debug("update id=%s kind=%s", known, update.event_type)
        except UpdateTypeLookupError:
            break
        left_out = {str(path[1]) for path in gone if len(path) > 1 and path[0] in MESSAGES}
        return Reading(update, content, frozenset(left_out - STAND_INS.keys() - {"from", "chat"}))
    bare = _bare(known, raw)
    return Reading(Update.model_validate(bare, context={"bot": bot}), bare, frozenset({"text"})) if bare else None


def _inner(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _bare(known: int, raw: dict[str, Any]) -> dict[str, Any] | None:
    """Return a message without words from the person of a private chat who sent what cannot be read."""
    for event in (raw[kind] for kind in TOLD if isinstance(raw.get(kind), dict)):
        inner = event.get("message")
        place = inner.get("chat") if isinstance(inner, dict) else event.get("chat")
        is_shared = isinstance(place, dict) and place.get("type") in SHARED
        for owner in (place, event.get("from")):
            person = owner.get("id") if isinstance(owner, dict) else None
            if not is_shared and _is_person(person):
                who = {"id": person, "is_bot": False, "first_name": ""}
                message = {"message_id": 0, "date": 1, "chat": {"id": person, "type": "private"}, "from": who}
                return {"update_id": known, "message": message}
    return None


def _is_person(known: object) -> bool:
    return isinstance(known, int) and not isinstance(known, bool) and 0 < known < MAX_ID


def _copy(value: Any, path: Path, strange: set[Path]) -> Any:
    """Copy raw content without what no row can hold: numbers beyond 64 bits, ids beyond Telegram's, half characters."""
    if isinstance(value, dict):
        found = {}
        for name, content in value.items():
            if _is_strange(name, content) or len(path) > MAX_DEPTH:
                strange.add((*path, name))
            else:
                found[name] = _copy(content, (*path, name), strange)
        return found
    if isinstance(value, list):
        if len(path) > MAX_DEPTH:
            strange.add(path)
            return []
        strange |= {(*path, at) for at, one in enumerate(value) if _is_strange("", one)}
        return [_copy(one, (*path, at), strange) for at, one in enumerate(value) if not _is_strange("", one)]
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _is_strange(name: str, value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    limit = {"id": MAX_ID, "message_id": MAX_MESSAGE_ID, "message_thread_id": MAX_MESSAGE_ID}.get(name, MAX_NUMBER)
    return not abs(value) <= limit  # nor is what is no number at all


def _path(content: Any, loc: Path) -> Path:
    """Return the path in the content that a problem is about; names of classes on the way are pydantic's own."""
    found: list[str | int] = []
    for number, step in enumerate(loc):
        is_missing = number == len(loc) - 1 and isinstance(content, dict) and isinstance(step, str)
        if not _has(content, step) and not is_missing:
            continue
        content = content[step] if _has(content, step) else None
        found.append(step)
        if step in MEMBERS:
            break  # is read as a whole
    return tuple(found)


def _has(content: object, step: str | int) -> bool:
    if isinstance(content, list):
        return isinstance(step, int) and step < len(content)
    return isinstance(content, dict) and step in content


def _mend_all(content: dict[str, Any], found: set[Path], stood_in: set[Path], bot: Bot) -> None:
    """Mend what is at some paths, from the end on: so the places in lists stay what they are."""
    removed: list[Path] = []
    for path in sorted(found, key=lambda path: [(isinstance(step, str), step) for step in path], reverse=True):
        if not any(path[: len(one)] == one for one in removed):
            removed.append(_mend(content, path, stood_in, bot))


def _mend(content: dict[str, Any], path: Path, stood_in: set[Path], bot: Bot) -> Path:
    """Put something plain in place of what is at a path, else take it out, or what lacks it; return what changed."""
    *way, last = path
    parent: Any = content
    for step in way:
        parent = parent[step]
    if isinstance(parent, list):
        del parent[int(last)]
        return path
    has_tried = path in stood_in
    stood_in.add(path)
    if not has_tried and (plain := _stand_in(parent, path, bot)) is not None:
        parent[last] = plain
    elif last in parent:
        del parent[last]
    elif way:
        return _mend(content, tuple(way), stood_in, bot)
    return path


def _stand_in(parent: dict[str, Any], path: Path, bot: Bot) -> object:
    """Return what may stand for a field that a question can do without, None where nothing may."""
    name = path[-1]
    if name in MEMBERS:
        stated = parent[name] if isinstance(parent.get(name), dict) else {}
        status = stated.get("status") if stated.get("status") in STATUSES else "member"
        me = {"id": bot.id, "is_bot": True, "first_name": ""}
        rest = {"is_anonymous": False, "is_member": stated.get("is_member") is not False, "until_date": 0}
        return {"status": status, "user": me, **rest}
    if name == "from" and len(path) == 2:
        return _person(parent, path)
    if name == "type" and path[-2] == "chat" and isinstance(parent.get("id"), int):
        return "private" if is_person(parent["id"]) else "supergroup"
    return STAND_INS.get(str(name))


def _person(event: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """Return who did something, where the place tells: a private chat is its person, unless it is not the bot's."""
    if path[0] == "guest_message":
        return None
    inner = event.get("message")
    place = inner.get("chat") if isinstance(inner, dict) else event.get("chat")
    known = place.get("id") if isinstance(place, dict) else None
    if isinstance(place, dict) and isinstance(known, int) and place.get("type") == "private":
        first_name = place.get("first_name")
        return {"id": known, "is_bot": False, "first_name": first_name if isinstance(first_name, str) else ""}
    return {"id": 0, "is_bot": False, "first_name": ""} if path[0] == "my_chat_member" else None


def _place(content: dict[str, Any]) -> None:
    """Fill in the id of a private chat that lacks it: it is its person's."""
    for event in (content.get(kind) for kind in TOLD):
        if isinstance(event, dict) and isinstance(chat := event.get("chat"), dict) and chat.get("type") == "private":
            person = event.get("from")
            if not isinstance(chat.get("id"), int) and isinstance(person, dict) and isinstance(person.get("id"), int):
                chat["id"] = person["id"]


def _restore(content: dict[str, Any], gone: set[Path]) -> bool:
    """Put back what a message needs and something else tells, once; tell whether anything was."""
    kind = next((kind for kind in MESSAGES if isinstance(content.get(kind), dict)), "")
    lost = {path[1] for path in gone if len(path) > 1 and path[0] == kind}
    gone -= {path for path in gone if path[:2] in {(kind, name) for name in ("from", *ENTITIES)}}
    message = content.get(kind, {})
    person = None if message.get("from") else _person(message, (kind, "from"))
    if person:
        message["from"] = person
    texts = {name: text for name, field in ENTITIES.items() if isinstance(text := message.get(field), str)}
    again = {name: text for name, text in texts.items() if name in lost or (not message.get(name) and "@" in text)}
    for name, text in again.items():
        message[name] = [*_kept(message.get(name)), *_mentions(text)]
    return bool(person or any(message[name] for name in again))


def _kept(entities: object) -> list[Any]:
    """Return the entities that could be read and are no mentions, which are looked for anew."""
    found = entities if isinstance(entities, list) else []
    return [entity for entity in found if isinstance(entity, dict) and entity.get("type") != "mention"]


def _mentions(text: str) -> Iterator[dict[str, Any]]:
    for match in NAME.finditer(text):
        units = [len(piece.encode("utf-16-le")) // 2 for piece in (text[: match.start()], match[0])]
        yield {"type": "mention", "offset": units[0], "length": units[1]}
