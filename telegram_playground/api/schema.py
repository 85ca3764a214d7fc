"""Every method of the Bot API, and how its parameters are read.

schema.json has a line per method and per type of a parameter, made from aiogram's types. Values are read as
telegram-bot-api reads them (Client.cpp: to_bool, to_integer; tdutils JsonBuilder.cpp: get_*_field): at the top
everything is a text of which a number takes its leading digits, inside an object types are looked at.
"""

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json, check_json

_OLD_NAMES = {  # telegram-bot-api Client.cpp, init_methods
    "kickchatmember": "banchatmember",
    "getchatmemberscount": "getchatmembercount",
    "setstickersetthumb": "setstickersetthumbnail",
}
_RAW = frozenset({"reply_markup"})  # read by keyboards.py, which knows what is legal there
_LENIENT = frozenset({"allowed_updates"})  # what cannot be read is passed over; get_allowed_update_types
# Required parameters whose absence the methods themselves refuse, each with Telegram's own words.
_REFUSED_BY_METHOD: Json = {
    "chat_id": "",
    "text": "",
    "message_id": 0,
    "draft_id": 0,
    "callback_query_id": "",
    "user_id": 0,
}
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_TRUE = frozenset({"true", "yes", "1"})
_MAX_INTEGER = 1 << 63


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a request."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Schema:
    """One method: its name as Telegram writes it, and its parameters."""

    name: str
    fields: Json

    def read(self, parameters: Json, uploads: dict[str, Upload]) -> Values:
        """Return the method's parameters; raises ApiError for those that cannot be read."""
        given: Json = {}
        for name, (kind, *_) in self.fields.items():
            value = parameters.get(name)
            if value is None or (value == "" and kind != "str"):
                if _is_file(kind) and name in uploads:
                    given[name] = f"attach://{name}"
                continue
            read = _top(name, kind, value)
            if kind == "file" and read.removeprefix("attach://") not in uploads:
                continue
            if read is not None:
                given[name] = read
        for name, (_, required, *_) in self.fields.items():
            if required and name not in given:
                if name not in _REFUSED_BY_METHOD:
                    raise bad_request(f"there is no {name} in the request")
                given[name] = _REFUSED_BY_METHOD[name]
        return Values(self.name, self.fields, given)


@cache
def schemas() -> dict[str, Schema]:
    """Return all methods by their names in small letters, old names too."""
    found = {name.lower(): Schema(name, fields) for name, fields in _table()["methods"].items()}
    return found | {old: found[new] for old, new in _OLD_NAMES.items()}


def read_object(kind: str, value: object) -> Values:
    """Return one object of a type of the Bot API; raises ApiError where it is none."""
    try:
        found: Values = _nested(kind, value, "object")
    except _Unfit as error:
        raise bad_request(f"can't parse {kind}: {error}") from error
    return found


def parameter_types() -> Json:
    """Return the fields of each type of a parameter."""
    types: Json = _table()["types"]
    return types


class _Unfit(ValueError):
    """A value of another type; the text says which."""


@cache
def _table() -> Json:
    table: Json = json.loads(files("telegram_playground.api").joinpath("schema.json").read_text("utf-8"))
    return table


def _is_file(kind: Any) -> bool:
    return kind == "file" or (isinstance(kind, dict) and "file" in kind["any"])


def _top(name: str, kind: Any, value: Any) -> Any:
    """Read a parameter."""
    if name in _LENIENT:
        return value
    if name in _RAW:
        return _decoded(name, value)
    if isinstance(kind, dict) and "str" in kind["any"]:  # a chat, or a file
        text = _text(value)
        return integer(text) if "int" in kind["any"] and _INTEGER.match(text) else text
    if isinstance(kind, str) and kind in _AS_TEXT:
        return _AS_TEXT[kind](name, _text(value))
    decoded = _decoded(name, value)
    if decoded is None:
        return None
    try:
        return _nested(kind, decoded, name)
    except _Unfit as error:
        raise bad_request(f"can't parse {_label(kind, name)}: {error}") from error


def _label(kind: Any, name: str) -> str:
    kind = kind[0] if isinstance(kind, list) else kind
    return kind if isinstance(kind, str) and kind[0].isupper() else name.replace("_", " ")


def _text(value: Any) -> str:
    """Return a parameter as it would stand in a form."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def integer(text: str) -> int:
    """Return the leading digits of a text as a number; 0 where there are none, or too many."""
    match = _INTEGER.match(text)
    number = int(match[0]) if match else 0
    return number if abs(number) < _MAX_INTEGER else 0


def _number(name: str, text: str) -> float:
    match = _NUMBER.match(text)
    number = float(match[0]) if match else 0.0
    if not math.isfinite(number) or text.strip("+-").lower().startswith(("nan", "inf")):
        raise bad_request(f"can't parse {name}: a finite number expected")
    return number


_AS_TEXT: Json = {
    "str": lambda name, text: text,
    "file": lambda name, text: text,
    "int": lambda name, text: integer(text),
    "float": _number,
    "bool": lambda name, text: text.lower() in _TRUE,
}


def _decoded(name: str, value: Any) -> Any:
    """Return a parameter that is JSON, also where it came in a string."""
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return check_json(json.loads(value, parse_constant=_no_number))
    except (ValueError, RecursionError) as error:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _nested(kind: Any, value: Any, name: str) -> Any:
    """Read a value inside of JSON by its kind; raises _Unfit."""
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise _Unfit(f'Field "{name}" must be of type Array')
        return [_nested(kind[0], item, name) for item in value]
    if isinstance(kind, dict):
        return _nested(_choice(kind["any"], value, name), value, name)
    match kind:
        case "str" | "file":
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise _Unfit(f'Field "{name}" must be of type String')
            return _text(value)
        case "int":
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise _Unfit(f'Field "{name}" must be of type Number')
            return integer(_text(value))
        case "float":
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise _Unfit(f'Field "{name}" must be of type Number')
            return _number(name, _text(value))
        case "bool":
            if not isinstance(value, bool):
                raise _Unfit(f'Field "{name}" must be of type Boolean')
            return value
    fields = parameter_types()[kind]
    if "" in fields:  # a name for something else
        return _nested(fields[""][0], value, name)
    if not isinstance(value, dict):
        raise _Unfit(f'Field "{name}" must be an Object' if name != "object" else "expected an Object")
    return _object(kind, fields, value)


def _object(kind: str, fields: Json, value: Json) -> Values:
    given: Json = {}
    for name, (inner, required, *only) in fields.items():
        found = value.get(name)
        if only:
            given[name] = only[0]
        elif name in _RAW and found is not None:
            given[name] = found
        elif found is not None:
            given[name] = _nested(inner, found, name)
        elif required and inner != "bool":  # Client.cpp asks for no bool: get_optional_bool_field
            raise _Unfit(f'Can\'t find field "{name}"')
    return Values(kind, fields, given)


def _choice(kinds: list[Any], value: Any, name: str) -> Any:
    """Return which of several kinds a value is meant to be."""
    found: list[Any]
    if isinstance(value, list):
        found = [kind for kind in kinds if isinstance(kind, list)]
    elif isinstance(value, dict):
        found = [kind for kind in kinds if isinstance(kind, str) and kind[0].isupper() and _fits(kind, value)]
        # of types that are told apart by nothing else, the one that explains most of what is there
        found.sort(key=lambda kind: -len(parameter_types()[kind].keys() & value.keys()))
    elif isinstance(value, bool):
        found = [kind for kind in kinds if kind == "bool"]
    else:
        found = [kind for kind in kinds if kind in ("str", "file", "int", "float")]
    if not found:
        raise _Unfit(f'Field "{name}" has an unsupported type')
    return found[0]


def _fits(kind: str, value: Json) -> bool:
    """Tell whether an object says of itself that it is of this type, and has what it must have."""
    return all(
        value.get(name) == only[0] if only else not required or value.get(name) is not None
        for name, (_, required, *only) in parameter_types()[kind].items()
    )
