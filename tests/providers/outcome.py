"""What comes of a provider's answer."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from providers.base import Alive, Delta, Message, Reasoning, Revised, Usage
from providers.errors import ProviderError

HELLO: list[Message] = [{"role": "user", "content": "Hello"}]


@dataclass(slots=True)
class Outcome:
    """All deltas, apart from them the signs of life, and the failure at their end if there was one."""

    deltas: list[Delta] = field(default_factory=list)
    signs: list[Alive] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        """The text that a reader has at the end."""
        text = ""
        for delta in self.deltas:
            if isinstance(delta, str):
                text += delta
            elif isinstance(delta, Revised):
                text = delta.text
        return text

    @property
    def reasoning(self) -> str:
        """All reasoning."""
        return "".join(delta.text for delta in self.deltas if isinstance(delta, Reasoning))

    @property
    def usage(self) -> Usage | None:
        """The last token count."""
        return next((delta for delta in reversed(self.deltas) if isinstance(delta, Usage)), None)


async def outcome(answer: AsyncGenerator[Delta, None]) -> Outcome:
    """Read an answer to its end; other exceptions than ProviderError are raised."""
    found = Outcome()
    try:
        async with aclosing(answer):
            async for delta in answer:
                if isinstance(delta, Alive):
                    found.signs.append(delta)
                else:
                    found.deltas.append(delta)
    except ProviderError as error:
        found.error = error
    return found


def unmarked(sent: Any) -> Any:
    """Return what was sent to Anthropic as it is without the marks of the cache, a single text as a string."""
    if isinstance(sent, dict):
        return {key: unmarked(value) for key, value in sent.items() if key != "cache_control"}
    if not isinstance(sent, list):
        return sent
    match [unmarked(each) for each in sent]:
        case [{"type": "text", "text": text}] if "cache_control" in sent[0]:
            return text
        case plain:
            return plain
