"""Anthropic's Messages API.

Sources: https://docs.anthropic.com/en/api/messages-streaming, https://docs.anthropic.com/en/api/errors.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from random import Random

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, Usage
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.wire.completion import Completion, End, count
from providers.wire.dialogue import dialogue
from providers.wire.exchange import Exchange, ListedModels, entries_of
from providers.wire.http import Http
from providers.wire.status import error_in, reason_in

VERSION = "2023-06-01"

_ENDS = {
    "max_tokens": (End.TOO_LONG, "the limit of tokens was reached"),
    "model_context_window_exceeded": (End.TOO_LONG, "the model's context is full"),
    "refusal": (End.FILTERED, "the model declined"),
}


class Settings(ProviderSettings):
    """A key; the address is without /v1, as the official SDK has it. `max_tokens` limits an answer."""

    model_config = SettingsConfigDict(env_prefix="ANTHROPIC_")

    api_key: ApiKey | None = None
    base_url: BaseUrl = "https://api.anthropic.com"
    model: str = "claude-sonnet-4-5"
    max_tokens: PositiveInt = 8192
    context_tokens: PositiveInt = 200_000


class Anthropic(ListedModels, AsyncGeneratorProvider):
    """Claude, by Anthropic's own protocol."""

    id = "anthropic"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model
        self.context_tokens = settings.context_tokens
        self._max_tokens = settings.max_tokens
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
        self._exchange = Exchange(http, clock, headers=headers, secret=key)

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer."""
        talk = dialogue(messages)
        body: dict[str, object] = {
            "model": self.get_model(model),
            "max_tokens": self._max_tokens,
            "messages": [{"role": role, "content": text} for role, text in talk.turns],
            "stream": True,
        }
        if talk.system:
            body["system"] = talk.system
        url = f"{self.url}/v1/messages"
        answer = self._exchange.answer(self.id, url, body, _Message(), proxy=proxy, silence_s=timeout)
        async with aclosing(answer) as deltas:
            async for delta in deltas:
                yield delta

    async def refresh(self) -> None:
        """Read the list of models."""
        url = f"{self.url}/v1/models?limit=1000"
        names = await self._exchange.names(self.id, url, lambda item: entries_of(item, "data", "id"), proxy=None)
        self.models = list(dict.fromkeys([self.default_model, *names]))


class _Message(Completion):
    """A message out of the events of its stream, or whole."""

    def __init__(self) -> None:
        super().__init__()
        self._prompt_tokens = 0

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take an event, by its type."""
        if error := error_in(item):
            raise error
        part = item.get("delta")
        delta = part if isinstance(part, dict) else {}
        match item.get("type"):
            case "message_start":
                message = item.get("message")
                self._count(message.get("usage") if isinstance(message, dict) else None)
            case "content_block_start":
                return self._block(item.get("content_block"))
            case "content_block_delta":
                return self._block(delta)
            case "message_delta":
                self._count(item.get("usage"))
                self._stop(delta.get("stop_reason"))
            case "message_stop":
                self.finished = True
            case "message":
                self._count(item.get("usage"))
                self._stop(item.get("stop_reason"))
                content = item.get("content")
                return [
                    delta for block in (content if isinstance(content, list) else []) for delta in self._block(block)
                ]
            case "ping" | "content_block_stop":
                pass
            case _ if not self.began:
                self.end, self.reason = End.FAILED, f"unexpected answer: {reason_in(item) or item.get('type')}"
        return []

    def _block(self, block: object) -> list[Delta]:
        """Return the deltas in a block of content or in a piece of one."""
        if not isinstance(block, dict):
            return []
        return [*self.reasoning(block.get("thinking")), *self.text(block.get("text"))]

    def _stop(self, reason: object) -> None:
        if isinstance(reason, str):
            self.end, self.reason = _ENDS.get(reason, (End.WHOLE, f"stop reason {reason}"))

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            self._prompt_tokens = count(usage.get("input_tokens")) or self._prompt_tokens
            self.usage = Usage(self._prompt_tokens, count(usage.get("output_tokens")))
