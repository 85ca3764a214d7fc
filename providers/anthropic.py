"""Anthropic's Messages API.

Sources: https://docs.anthropic.com/en/api/messages-streaming, https://docs.anthropic.com/en/api/errors.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from random import Random

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, ProviderModelMixin, Usage
from providers.completion import Completion, End, count
from providers.dialogue import dialogue
from providers.exchange import completed, exchange
from providers.http import Http, failures
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.status import error_in, reason_in

VERSION = "2023-06-01"
MODELS_TIMEOUT = 20  # seconds of silence

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


class Anthropic(ProviderModelMixin, AsyncGeneratorProvider):
    """Claude, by Anthropic's own protocol."""

    id = "anthropic"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model
        self.context_tokens = settings.context_tokens
        self._max_tokens = settings.max_tokens
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._headers = {"anthropic-version": VERSION} | ({"x-api-key": self._key} if self._key else {})
        self._http = http
        self._clock = clock

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the contract's name
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
        limits = self._http.timeout(timeout)
        with failures(self.id, self._key) as call:
            async with (
                self._http.session(proxy) as session,
                exchange(session, url, body, headers=self._headers, limits=limits, clock=self._clock) as items,
                aclosing(completed(items, _Message(), call)) as deltas,
            ):
                async for delta in deltas:
                    yield delta

    async def refresh(self) -> None:
        """Read the list of models."""
        url = f"{self.url}/v1/models?limit=1000"
        limits = self._http.timeout(MODELS_TIMEOUT)
        with failures(self.id, self._key):
            async with (
                self._http.session() as session,
                exchange(session, url, headers=self._headers, limits=limits, clock=self._clock) as items,
            ):
                names = [name async for item in items for name in _model_names(item)]
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


def _model_names(item: Mapping[str, object]) -> list[str]:
    entries = item.get("data")
    names = [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [name for name in names if isinstance(name, str) and name]
