"""JSON as it goes over the wire."""

import math
from typing import Any

Json = dict[str, Any]  # an object; its members are whatever the Bot API says they are
MAX_DEPTH = 100  # tdutils JsonBuilder, DEFAULT_MAX_DEPTH


def check_json(value: Any, *, depth: int = 0) -> Any:
    """Return a value; raises ValueError where it is nested too deep, has half a character or a number without end."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a finite number expected")
    elif isinstance(value, dict | list):
        if depth >= MAX_DEPTH:
            raise ValueError("nested too deep")
        for item in value:
            check_json(item, depth=depth + 1)
        if isinstance(value, dict):
            for item in value.values():
                check_json(item, depth=depth + 1)
    return value


def readable(value: Any, *, depth: int = 0) -> Any:
    """Return a value as it can be stored and shown, whatever is wrong with it."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict | list) and depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {readable(str(name)): readable(item, depth=depth + 1) for name, item in value.items()}
    return [readable(item, depth=depth + 1) for item in value] if isinstance(value, list) else value
