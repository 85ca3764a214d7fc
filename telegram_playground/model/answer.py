"""An answer: the items that are sent for one request, in their order.

    text            a delta
    a number        a pause in seconds; one that was too long does not make the next delta late
    asyncio.Event   a wait
    Thought         a delta of reasoning
    ToolCall        the wish for a tool, its arguments in pieces
    Usage, Finish   what the end is to say instead of the usual
    a fault         Refusal, Reset, Hang, Cut: the end
    Raw, Torn       bytes that no protocol knows; bytes in small pieces

The status line goes out first. Only a fault that is the first item comes before it, unless HEADERS stand before that.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

_TOKEN = re.compile(r"\s*\S{1,7}|\s+")


class Headers(Enum):
    """The place of the status line among the items."""

    HEADERS = "headers"


HEADERS: Literal[Headers.HEADERS] = Headers.HEADERS


@dataclass(frozen=True, slots=True)
class Thought:
    """A delta of reasoning; `name` is its field: OpenRouter calls it `reasoning`."""

    text: str
    name: str = "reasoning_content"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The wish for a tool, with its arguments as JSON in pieces of `size` characters; an empty id is made up."""

    name: str
    arguments: Mapping[str, object] | str = field(default_factory=dict)
    id: str = ""
    size: int = 12

    @property
    def pieces(self) -> list[str]:
        """The arguments as they are sent."""
        given = self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)
        return [given[start : start + self.size] for start in range(0, len(given), self.size)]


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens that the service counted."""

    prompt: int
    completion: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the model ended; None: it is not told. Usually `stop`, after a tool call `tool_calls`."""

    reason: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status and a body, a mapping as JSON; after the status line it is an error object in the stream."""

    status: int
    body: Mapping[str, object] | str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    after_s: float = 0.0

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is closed in the middle."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing more comes until the client leaves."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer ends in good order, but without a sign that it is whole."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are: a comment, a broken object, another service's page."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Torn:
    """All that follows is written in pieces of `size` bytes."""

    size: int


Fault = Refusal | Reset | Hang | Cut
Item = str | float | asyncio.Event | Headers | Thought | ToolCall | Usage | Finish | Fault | Raw | Torn
Answer = Sequence[Item]


def spoken(text: str, *, size: int | None = None, every_s: float = 0.0, first_s: float = 0.0) -> list[Item]:
    """Return a text as deltas, `every_s` apart: of `size` characters, or without it as a model's tokens are cut."""
    deltas = _TOKEN.findall(text) if size is None else [text[at : at + size] for at in range(0, len(text), size)]
    items: list[Item] = [first_s] if first_s else []
    for place, delta in enumerate(deltas):
        items += [every_s, delta] if place and every_s else [delta]
    return items
