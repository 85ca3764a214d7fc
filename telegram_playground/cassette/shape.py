"""What a cassette must hold, so that it can be played: judged before anything of it is."""

import base64
from typing import Any

from telegram_playground.control.cassette import VERSION
from telegram_playground.protocol.commands import given
from telegram_playground.protocol.errors import ApiError
from telegram_playground.protocol.wire import Json
from telegram_playground.world.deeds import DEEDS

_NUMBER = (int, float)
_BOTS = {"id": int, "username": str, "first_name": str, "token": str}
_PEOPLE = {"id": int, "first_name": str}
_CHATS = {"key": str, "id": int, "type": str, "title": str, "members": list, "bots": list, "topics": list}
_DEEDS = {"time": _NUMBER, "command": str, "arguments": dict}
_ENTRIES = {"kind": str, "time": _NUMBER}
_CALLS = {"method": str}
_FILES = {"name": str, "mime": str, "data": str}
_LISTS: dict[str, Json] = {"bots": _BOTS, "people": _PEOPLE, "chats": _CHATS, "deeds": _DEEDS, "calls": _CALLS}


def sound(raw: Any) -> Json:
    """Return a cassette with the arguments of its deeds in the types of their commands.

    Raises ValueError, which says where it is not as telegram_playground/control/cassette.py writes it.
    """
    if not isinstance(raw, dict) or raw.get("playground_cassette") != VERSION:
        raise ValueError("this is no cassette of a playground, or one of another version")
    for name, fields in _LISTS.items():
        _check_list(name, raw.get(name), fields)
    transcripts = raw.get("transcripts")
    if not isinstance(transcripts, dict):
        raise ValueError("transcripts must be an object")
    for key, entries in transcripts.items():
        _check_list(f"transcripts of {key}", entries, _ENTRIES)
    for chat in raw["chats"]:
        _check_list(f"members of {chat['key']}", chat["members"], {"user": int})
        _check_list(f"topics of {chat['key']}", chat["topics"], {"message_thread_id": int, "name": str})
    return {**raw, "deeds": [_deed(number, deed) for number, deed in enumerate(raw["deeds"], 1)]}


def _deed(number: int, deed: Json) -> Json:
    made = deed.get("made", {})
    if not isinstance(made, dict) or deed["command"] not in DEEDS:
        raise ValueError(f"deed {number} ({deed['command']}) is nothing that people do")
    _check_list(f"files of deed {number}", deed.get("files", []), _FILES)
    try:
        arguments = given(deed["command"], deed["arguments"])
        for file in deed.get("files", []):
            base64.b64decode(file["data"], validate=True)
    except (ApiError, ValueError) as error:
        raise ValueError(f"deed {number} ({deed['command']}): {error}") from error
    return {**deed, "arguments": arguments, "made": made}


def _check_list(name: str, items: Any, fields: Json) -> None:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError(f"{name} must be a list of objects")
    for number, item in enumerate(items, 1):
        for field, kind in fields.items():
            if not isinstance(item.get(field), kind) or isinstance(item[field], bool):
                raise ValueError(f"number {number} of {name} has no {field} of the right type")
