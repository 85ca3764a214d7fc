"""Calling: which models of a service take tools, and what of former calls they can be sent."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from providers.base import Clock, Message, content_of
from providers.blocks import MADE, Raw, Text, ToolCall, ToolResult, line_of
from providers.errors import NotTaken, ProviderError, ServiceFailed
from providers.tools import Tool

FORGET_S = 3600.0  # what a refusal taught: another model may be served under the name

# As Ollama, OpenRouter, vLLM, llama.cpp, Groq, Mistral, Gemini and servers that know no such field say it.
_REFUSED = re.compile(
    r"(tool|function)s?\b.{0,60}(not|n't|un)\s?(be )?(support|enabl|allow|permit|available|implement|recogni)"
    r"|(not|n't|un)\s?(support|enabl|allow|permit|recogni|known)\w*\b.{0,60}\b(tool|function)"
    r"|no endpoints? found.{0,40}tool|tool.?choice.{0,20}requires|tools? param\w* requires|tool.?call.?parser"
    r"|extra (inputs?|fields?)\b.{0,40}tool|tool\w*\W{0,4}extra (inputs?|fields?)",
    re.IGNORECASE,
)


class Calling:
    """What is known of a service's models; one that nothing is known of is offered tools, and its refusal teaches."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused_until: dict[str, float] = {}
        self._used: set[str] = set()

    def takes(self, model: str, told: bool | None) -> bool | None:
        """Tell whether a model takes tools, as the service `told` it or its answers did; None: nobody knows."""
        if self._clock.now() < self._refused_until.get(model, 0.0):
            return False
        return True if model in self._used else told

    @contextmanager
    def watched(self, model: str, tools: Sequence[Tool]) -> Iterator[None]:
        """Learn from a refusal of the tools that were offered, and raise it as NotTaken."""
        try:
            yield
        except ServiceFailed as error:
            if not tools or not _REFUSED.search(error.reason):
                raise
            self._refused_until[model] = self._clock.now() + FORGET_S
            raise _not_taken(error) from None

    def note(self, model: str, delta: object) -> None:
        """Learn from an answer that the model takes tools."""
        if isinstance(delta, ToolCall):
            self._used.add(model)


def replayed(messages: Sequence[Message], provider: str, model: str) -> list[Message]:
    """Return a conversation in which calls of another service or model are told as words, with their results.

    Thoughts and signatures that belong to those calls would be refused, and left out they are missed.
    """
    found: list[Message] = []
    foreign: set[str] = set()
    for message in messages:
        blocks = content_of(message["content"])
        raws = [block for block in blocks if isinstance(block, Raw)]
        if any((raw.provider, raw.model) != (provider, model) for raw in raws):
            foreign |= {block.id for block in blocks if isinstance(block, ToolCall)}
            words = "\n".join(filter(None, map(line_of, blocks)))
            found.append(Message(role="assistant", content=words))
        elif message["role"] == "tool" and any(
            isinstance(block, ToolResult) and block.id in foreign for block in blocks
        ):
            found.append(Message(role="user", content=tuple(Text(f"{line_of(block)}\n") for block in blocks)))
        else:
            found.append(message)
    return found


def made(messages: Sequence[Message]) -> str:
    """Return how the ids begin of calls that their service gives none: no others of the conversation do."""
    return f"{MADE}{len(messages)}_"


def _not_taken(error: ProviderError) -> NotTaken:
    return NotTaken({ToolCall}, said=error.said, provider=error.provider, status=error.status)
