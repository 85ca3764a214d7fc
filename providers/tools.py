"""Tools: what a model may be offered to call, as every service's protocol has it; pure.

A provider gets them as its option `tools` and yields ToolCall for what the model wishes; who calls them, how often and
whether anybody is asked before is the caller's affair.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from providers.surrogates import whole_characters

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what all services take for a tool's name


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool by its name (NAME), what it is for in words for the model, and its arguments as a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


def tools_in(options: Mapping[str, object]) -> list[Tool]:
    """Return the tools among the options of a call of a provider."""
    given = options.get("tools")
    return [each for each in given if isinstance(each, Tool)] if isinstance(given, list | tuple) else []


def may_call(options: Mapping[str, object]) -> bool:
    """Tell whether the model may call one of them now."""
    return options.get("tool_choice") != "none"


def arguments_in(text: str) -> dict[str, object] | None:
    """Return the arguments that a model wrote; nothing at all is none of them; None where it is no JSON object.

    Halves of characters are replaced, and numbers that JSON cannot write are none: a tool's wire takes neither.
    """
    try:
        given = json.loads(text) if text.strip() else {}
        written = json.dumps(given, ensure_ascii=False, allow_nan=False)
        if (whole := whole_characters(written)) != written:
            given = json.loads(whole)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None
