"""A chat completion of OpenAI's protocol on its way to a client, as a stream of chunks or as one object.

Source: platform.openai.com/docs/api-reference/chat. Each has the same methods: `open` sends the status line, `text`,
`thought` and `call` a delta, `end` the rest.
"""

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from telegram_playground.model.answer import Refusal, Thought, ToolCall, Usage
from telegram_playground.model.request import text_of
from telegram_playground.protocol.wire import Json

CHARACTERS_PER_TOKEN = 4


class Completion(Protocol):
    """What a client is sent of a completion."""

    is_open: bool

    async def open(self) -> None:
        """Send the status line."""

    async def text(self, text: str) -> None:
        """Send a piece of the answer."""

    async def thought(self, thought: Thought) -> None:
        """Send a piece of the reasoning."""

    async def call(self, place: int, call: ToolCall) -> None:
        """Send the wish for a tool, the `place`-th of the answer."""

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""

    async def fail(self, refusal: Refusal) -> None:
        """Tell of an error after the status line."""

    async def cut(self) -> None:
        """End as if that were all."""

    async def end(self, finish: str | None, usage: Usage) -> None:
        """End in order."""

    def refused(self, refusal: Refusal) -> web.Response:
        """Return a refusal instead of the completion."""

    @property
    def response(self) -> web.StreamResponse:
        """What the server is to return."""

    def tear(self, size: int) -> None:
        """Write all that follows in pieces of so many bytes."""


def refused(refusal: Refusal) -> web.Response:
    """Return a refusal as it is answered."""
    return web.Response(
        status=refusal.status, text=refusal.text, content_type=refusal.media_type, headers=refusal.headers
    )


def estimated(messages: Sequence[Json], deltas: int) -> Usage:
    """Return a count of tokens: a delta is one, a prompt has one for so many characters."""
    return Usage(max(1, sum(len(text_of(each)) for each in messages) // CHARACTERS_PER_TOKEN), deltas)


def called(place: int, call: ToolCall, arguments: str) -> Json:
    """Return the wish for a tool, with so much of its arguments."""
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id or f"call_{call.name}_{place}", "type": "function", "function": function}


def counted(usage: Usage) -> Json:
    """Return the tokens as the protocol has them."""
    total = usage.prompt + usage.completion
    return {"prompt_tokens": usage.prompt, "completion_tokens": usage.completion, "total_tokens": total}
