"""Telegram's methods and the types of their parameters, as aiogram knows them: what schema.json is made of.

Made anew by: python -m tests.telegram_playground.api.aiogram_schema > telegram_playground/api/schema.json
"""

import datetime
import json
import sys
import types
import typing
from enum import Enum
from typing import Any, ForwardRef, Literal, get_args, get_origin

import aiogram.methods
from aiogram.client.default import Default
from aiogram.types import InputFile
from aiogram.types.base import TelegramObject

_WORDS: dict[object, str] = {str: "str", int: "int", float: "float", bool: "bool"}


def schema() -> dict[str, Any]:
    """Return {"methods": {name: fields}, "types": {name: fields}}.

    A field is [kind, required], or [kind, required, its only value]; a type whose only field has no name is that kind.
    """
    kinds: dict[str, Any] = {}
    methods = {}
    for name in aiogram.methods.__all__:
        method = getattr(aiogram.methods, name)
        api_name = getattr(method, "__api_method__", None)
        if isinstance(api_name, str):
            methods[api_name] = _fields(method, kinds)
    for name, field in kinds["User"].items():  # of a user in an entity only the id is read; Client.cpp, get_text_entity
        field[1] = name == "id"
    return {"methods": dict(sorted(methods.items())), "types": dict(sorted(kinds.items()))}


def written() -> str:
    """Return the schema as the file holds it: a line per method and type."""
    found = schema()
    parts = []
    for part, rows in found.items():
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(fields)}" for name, fields in rows.items())
        parts.append(f"{json.dumps(part)}: {{\n{lines}\n}}")
    return "{" + ",\n".join(parts) + "}\n"


def _fields(model: Any, kinds: dict[str, Any]) -> dict[str, Any]:
    model.model_rebuild()  # the bot's tests put off what aiogram builds at import
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        kind = _kind(info.annotation, kinds)
        field = [kind, info.is_required()]
        if get_origin(info.annotation) is Literal:
            (value,) = get_args(info.annotation)
            field = ["str", False, value.value if isinstance(value, Enum) else value]
        fields[info.alias or name] = field
    return fields


def _kind(annotation: Any, kinds: dict[str, Any]) -> Any:
    """Return a word, a list of one kind ([kind]), or {"any": kinds}."""
    if annotation in _WORDS:
        return _WORDS[annotation]
    if annotation in (datetime.datetime, datetime.timedelta):
        return "int"
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, InputFile):
            return "file"
        if issubclass(annotation, Enum):
            return "str"
        if issubclass(annotation, TelegramObject):
            if annotation.__name__ not in kinds:
                kinds[annotation.__name__] = {}
                kinds[annotation.__name__] = _fields(annotation, kinds)
            return annotation.__name__
    if isinstance(annotation, str | ForwardRef):  # such an alias, from within
        return annotation if isinstance(annotation, str) else annotation.__forward_arg__
    if hasattr(annotation, "__value__"):  # an alias that is made of itself
        if annotation.__name__ not in kinds:
            kinds[annotation.__name__] = {}
            kinds[annotation.__name__] = {"": [_kind(annotation.__value__, kinds), True]}
        return annotation.__name__
    origin = get_origin(annotation)
    if origin is list:
        return [_kind(get_args(annotation)[0], kinds)]
    if origin is Literal:
        return "str"
    if origin is typing.Annotated:
        return _kind(get_args(annotation)[0], kinds)
    if origin in (typing.Union, types.UnionType):
        found: list[Any] = []
        for part in get_args(annotation):
            if part in (type(None), Default):
                continue
            kind = _kind(part, kinds)
            for each in kind["any"] if isinstance(kind, dict) else [kind]:
                if each not in found:
                    found.append(each)
        return found[0] if len(found) == 1 else {"any": found}
    raise TypeError(f"no kind for {annotation!r}")


if __name__ == "__main__":
    sys.stdout.write(written())
