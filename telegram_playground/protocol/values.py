"""What a client sent, read: the parameters of a method, or one object among them."""

from collections.abc import Mapping
from typing import Any

from telegram_playground.protocol.wire import Json


class Values:
    """Fields by name, as attributes; one that was not given is None, one that does not exist an AttributeError."""

    __slots__ = ("_fields", "_given", "kind")

    def __init__(self, kind: str, fields: Mapping[str, object], given: Json) -> None:
        self.kind = kind  # the name of the method or type
        self._fields = fields
        self._given = given

    def __getattr__(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        if name in self._fields:
            return None
        raise AttributeError(f"{self.kind} has no field {name}")

    def __contains__(self, name: str) -> bool:
        """Tell whether a field was given."""
        return name in self._given

    def has(self, name: str) -> bool:
        """Tell whether there is such a field."""
        return name in self._fields

    def json(self) -> Json:
        """Return what was given."""
        return {name: plain(value) for name, value in self._given.items()}


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, Values):
        return value.json()
    return [plain(item) for item in value] if isinstance(value, list) else value
