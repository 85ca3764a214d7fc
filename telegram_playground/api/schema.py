"""Every method of the Bot API, known by aiogram's types, and how its parameters are read."""

import json
import types
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import aiogram.methods
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, InputFile
from aiogram.types.base import TelegramObject
from pydantic import ValidationError

from telegram_playground.errors import bad_request
from telegram_playground.wire import Json

Method = type[TelegramMethod[Any]]
# Required parameters whose absence the methods themselves refuse, each with Telegram's own words.
_REFUSED_BY_METHOD: Json = {"chat_id": "", "text": "", "message_id": 0, "draft_id": 0, "callback_query_id": ""}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a request."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Schema:
    """One method and the kinds of its parameters."""

    method: Method
    name: str
    nested: frozenset[str]  # objects and lists, which may come as JSON in a string
    words: frozenset[str]  # strings: an empty one is a value
    files: frozenset[str]  # may be uploaded
    only_files: frozenset[str]  # cannot be anything else
    required: frozenset[str]

    def read(self, parameters: Json, uploads: dict[str, Upload]) -> TelegramMethod[Any]:
        """Return the method with its parameters; raises ApiError where they are not what the schema says."""
        values = {name: self._value(name, value) for name, value in parameters.items() if self._given(name, value)}
        for name in self.files:
            upload = uploads.get(name)
            if name in self.only_files:
                attached = uploads.get(str(values.pop(name, "")).removeprefix("attach://"), upload)
                if attached:
                    values[name] = BufferedInputFile(b"", attached.name)
            elif upload and name not in values:
                values[name] = f"attach://{name}"
        for name in self.required - values.keys():
            if name not in _REFUSED_BY_METHOD:
                raise bad_request(f"there is no {name} in the request")
            values[name] = _REFUSED_BY_METHOD[name]
        try:
            return self.method.model_validate(values)
        except ValidationError as error:
            complaint = error.errors()[0]
            place = ".".join(str(step) for step in complaint["loc"])
            raise bad_request(f"can't parse {place}: {complaint['msg']}") from error

    def _given(self, name: str, value: object) -> bool:
        return value is not None and (value != "" or name in self.words)

    def _value(self, name: str, value: object) -> object:
        if name not in self.nested or not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error


@cache
def schemas() -> dict[str, Schema]:
    """Return all methods by their names in small letters."""
    found = {}
    for name in aiogram.methods.__all__:
        method = getattr(aiogram.methods, name)
        api_name = getattr(method, "__api_method__", None)
        if isinstance(api_name, str):
            found[api_name.lower()] = _schema(method, api_name)
    return found


def _schema(method: Method, name: str) -> Schema:
    kinds = {field: _kinds(info.annotation) for field, info in method.model_fields.items()}
    return Schema(
        method,
        name,
        nested=frozenset(field for field, kind in kinds.items() if kind & {"object"}),
        words=frozenset(field for field, kind in kinds.items() if "str" in kind and field != "parse_mode"),
        files=frozenset(field for field, kind in kinds.items() if "file" in kind and "object" not in kind),
        only_files=frozenset(field for field, kind in kinds.items() if kind == {"file"}),
        required=frozenset(field for field, info in method.model_fields.items() if info.is_required()),
    )


def _kinds(annotation: Any) -> set[str]:
    """Return which of object, file, str an annotation allows."""
    if annotation is str:
        return {"str"}
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, InputFile):
            return {"file"}
        return {"object"} if issubclass(annotation, TelegramObject | dict | list) else set()
    origin = getattr(annotation, "__origin__", None)
    if origin in (list, dict):
        return {"object"}
    return set().union(*(_kinds(part) for part in get_args(annotation)))
