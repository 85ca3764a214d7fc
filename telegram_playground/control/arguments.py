"""The JSON object that comes with a command of the control API, read by name and type."""

import json
from typing import Any

from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.wire import Json

_MAX_NAME = 255
_MAX_ITEMS = 1000


class Arguments:
    """Values of one command; every reader raises ApiError for a value of another type."""

    def __init__(self, values: Json) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def integer(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self._values.get(name)
        if isinstance(value, str) and value.lstrip("-").isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
            raise bad_request(f"{name} must be a whole number")
        return value

    def integer_or_none(self, name: str) -> int | None:
        """Return a whole number, or None."""
        return self.integer(name) if self._values.get(name) not in (None, "") else None

    def number(self, name: str, default: float) -> float:
        """Return seconds."""
        value = self._values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
            raise bad_request(f"{name} must be a number")
        return float(value)

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self._values.get(name)
        if not isinstance(value, str):
            raise bad_request(f"{name} must be a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a text, or None."""
        return self.text(name) if name in self else None

    def name(self, name: str, default: str | None = None) -> str:
        """Return a short text without line breaks."""
        value = self.text(name) if name in self or default is None else default
        value = " ".join(value.split())
        if (default is None and not value) or len(value) > _MAX_NAME:
            raise bad_request(f"{name} must be a text of 1 to {_MAX_NAME} characters")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise bad_request(f"{name} must be true or false")
        return value

    def integers(self, name: str) -> list[int]:
        """Return a list of whole numbers, empty if it is not there."""
        value = self._values.get(name) or []
        if not isinstance(value, list) or not all(
            isinstance(item, int) and not isinstance(item, bool) for item in value
        ):
            raise bad_request(f"{name} must be a list of whole numbers")
        if len(value) > _MAX_ITEMS:
            raise bad_request(f"{name} must have at most {_MAX_ITEMS} items")
        return value

    def objects(self, name: str) -> list[Json]:
        """Return a list of objects, empty if it is not there; the field of a form holds it as JSON."""
        value = self._values.get(name) or []
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                value = None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request(f"{name} must be a list of objects")
        return value

    def raw(self) -> dict[str, Any]:
        """Return all of it."""
        return self._values
