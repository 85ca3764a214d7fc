"""Glued calls: those of OpenAI's protocol out of the pieces in which servers stream them, and as they go back; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from providers.blocks import ToolCall
from providers.tools import Tool, arguments_in

MAX_CALLS = 128  # of one message; more are no wish but a loop
MAX_ARGUMENTS = 200_000  # characters of one call

_OURS = ("index", "id", "type", "function")


@dataclass(slots=True)
class _Glued:
    """A call that grows; `more`: what its service says beside, as the signature of a thought."""

    id: str = ""
    name: str = ""
    arguments: str = ""
    more: dict[str, object] = field(default_factory=dict)


class GluedCalls:
    """The calls of one message, in their order.

    A piece belongs to the call of its `index`; where there is none, to the one of its place in the list. Some servers
    send each call whole with the same index, or none: another id, or a name after whole arguments, begins a further
    one.
    """

    def __init__(self, made: str) -> None:
        self._made = made
        self._calls: list[_Glued] = []
        self._at: dict[int, _Glued] = {}

    def add(self, pieces: object) -> None:
        """Take the pieces in a delta or a whole message."""
        for place, piece in enumerate(pieces if isinstance(pieces, list) else []):
            if isinstance(piece, dict) and isinstance(function := piece.get("function"), dict):
                index = piece.get("index")
                self._add(index if isinstance(index, int) else place, piece, function)

    def _add(self, index: int, piece: Mapping[str, object], function: Mapping[str, object]) -> None:
        id_, name, given = piece.get("id"), function.get("name"), function.get("arguments")
        id_, name = id_ if isinstance(id_, str) else "", name if isinstance(name, str) else ""
        given = json.dumps(given, ensure_ascii=False) if isinstance(given, dict) else given
        call = self._at.get(index)
        is_other = (
            call is not None
            and bool(name)
            and call.name != ""
            and (_differ(id_, call) or (bool(given) and _is_whole(call)))
        )
        if call is None or is_other:
            if len(self._calls) == MAX_CALLS:
                return
            call = self._at[index] = _Glued()
            self._calls.append(call)
        call.id = call.id or id_
        call.name = call.name or name
        if isinstance(given, str):
            call.arguments = (call.arguments + given)[:MAX_ARGUMENTS]
        call.more |= {key: value for key, value in piece.items() if key not in _OURS and value is not None}

    def calls(self) -> list[ToolCall]:
        """Return the calls that have a name."""
        named = [call for call in self._calls if call.name]
        return [
            ToolCall(call.id or f"{self._made}{number}", call.name, call.arguments) for number, call in enumerate(named)
        ]

    @property
    def more(self) -> list[Mapping[str, object]]:
        """What the service says beside each of them."""
        return [call.more for call in self._calls if call.name]


def call_message(words: str, calls: Sequence[ToolCall], more: Sequence[Mapping[str, object]] = ()) -> dict[str, object]:
    """Return an assistant's message that ended in calls; some servers read the arguments, so they are an object."""
    made = [
        {
            **(more[number] if number < len(more) else {}),
            "id": call.id,
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": call.arguments if arguments_in(call.arguments) and call.arguments.strip() else "{}",
            },
        }
        for number, call in enumerate(calls)
    ]
    return {"role": "assistant", "content": words or None, "tool_calls": made}


def functions(tools: Sequence[Tool]) -> list[dict[str, object]]:
    """Return tools as OpenAI's protocol and Ollama's have them."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
        }
        for tool in tools
    ]


def _differ(id_: str, call: _Glued) -> bool:
    return bool(id_) and bool(call.id) and id_ != call.id


def _is_whole(call: _Glued) -> bool:
    return bool(call.arguments) and arguments_in(call.arguments) is not None
