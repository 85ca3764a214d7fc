"""The commands of the control API as commands.json lists them: what each does, and what it takes.

A line per command: what it does and its parameters with their kinds, `?` after those that may be left out.
"""

import difflib
import json
import re
import sys
from functools import cache
from importlib.resources import files

from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.protocol.wire import Json

_FILES = frozenset({"file", "files"})
_SETS = "set"  # the options themselves tell which there are, and what they take
_MOST = 1 << 63
_GREATEST = sys.float_info.max  # an integer of JSON can be greater, and is no float then
_FLAGS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_MUST_BE = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "integers": "a list of whole numbers",
    "objects": "a list of objects",
    "object": "an object",
}


@cache
def commands() -> dict[str, Json]:
    """Return what each command does and takes."""
    file = files("telegram_playground.protocol").joinpath("commands.json")
    found: dict[str, Json] = json.loads(file.read_text("utf-8"))
    return found


def given(name: str, parameters: Json) -> Json:
    """Return the parameters of a command in the types of its table, whether they came as JSON or from a form.

    Raises ApiError where there is no such command, it does not take one of them, or one is of another type.
    """
    if name not in commands():
        raise ApiError(404, f"Not Found: there is no command {name}")
    kinds: dict[str, str] = commands()[name]["parameters"]
    read: Json = {}
    for each, value in parameters.items():
        if each not in kinds and name != _SETS:
            raise bad_request(f"{name} has no parameter {each}; {_instead(each, kinds)}")
        kind = kinds.get(each, "any").removesuffix("?")
        if value == "" and kind != "string":  # the field of a form that nobody has filled
            continue
        read[each] = _read(kind, value)
        if name != _SETS and value is not None and not _fits(kind, read[each]):
            raise bad_request(f"{each} must be {_MUST_BE[kind]}")
    return read


def takes_files(name: str) -> bool:
    """Tell whether a command takes files."""
    kinds: dict[str, str] = commands().get(name, {}).get("parameters", {})
    return bool(_FILES & {*kinds.values()})


def _instead(name: str, kinds: dict[str, str]) -> str:
    near = difflib.get_close_matches(name, kinds, n=1)
    return f"did you mean {near[0]}?" if near else f"it takes {', '.join(kinds) or 'none'}"


def _read(kind: str, value: object) -> object:
    if kind == "string" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a chat's id is its key
    if not isinstance(value, str) or kind == "string":
        return value
    if kind == "boolean":
        return _FLAGS.get(value, value)
    if kind == "integer":
        return int(value) if _INTEGER.fullmatch(value) else value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _fits(kind: str, value: object) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _GREATEST
        case "object":
            return isinstance(value, dict)
        case "integers" | "objects":
            item = "integer" if kind == "integers" else "object"
            return isinstance(value, list) and all(_fits(item, each) for each in value)
    return True
