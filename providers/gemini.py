"""Google's Gemini API.

Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/api/models.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from random import Random
from types import MappingProxyType
from urllib.parse import quote

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, Usage
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.wire.completion import Completion, End, count
from providers.wire.dialogue import dialogue
from providers.wire.exchange import Exchange, ListedModels, entries_of
from providers.wire.http import Http
from providers.wire.status import error_in

_ENDS = {"STOP": (End.WHOLE, ""), "MAX_TOKENS": (End.TOO_LONG, "the limit of tokens was reached")}
_FAILURES = ("OTHER", "MALFORMED_FUNCTION_CALL", "FINISH_REASON_UNSPECIFIED")


class Settings(ProviderSettings):
    """A key; the address is without /v1beta."""

    model_config = SettingsConfigDict(env_prefix="GEMINI_")
    other_names = MappingProxyType({"api_key": "GOOGLE_API_KEY"})

    api_key: ApiKey | None = None
    base_url: BaseUrl = "https://generativelanguage.googleapis.com"
    model: str = "gemini-2.5-flash"
    context_tokens: PositiveInt = 200_000


class Gemini(ListedModels, AsyncGeneratorProvider):
    """Gemini, by Google's own protocol."""

    id = "gemini"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model.removeprefix("models/")
        self.context_tokens = settings.context_tokens
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"x-goog-api-key": key} if key else {}
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
            "contents": [
                {"role": "user" if role == "user" else "model", "parts": [{"text": text}]} for role, text in talk.turns
            ]
        }
        if talk.system:
            body["systemInstruction"] = {"parts": [{"text": talk.system}]}
        name = quote(self.get_model(model).removeprefix("models/"), safe="")
        url = f"{self.url}/v1beta/models/{name}:streamGenerateContent?alt=sse"
        answer = self._exchange.answer(self.id, url, body, _Content(), proxy=proxy, silence_s=timeout)
        async with aclosing(answer) as deltas:
            async for delta in deltas:
                yield delta

    async def refresh(self) -> None:
        """Read the list of models that generate text."""
        url = f"{self.url}/v1beta/models?pageSize=1000"
        names = await self._exchange.names(self.id, url, _names_in, proxy=None)
        self.models = list(dict.fromkeys([self.default_model, *(name.removeprefix("models/") for name in names)]))


class _Content(Completion):
    """A content out of the responses of its stream.

    It is never `finished` before the stream is: older models say STOP in every response.
    """

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take a response: its first candidate, why the prompt was blocked, the token count."""
        if error := error_in(item):
            raise error
        if isinstance(usage := item.get("usageMetadata"), dict):
            answered = count(usage.get("candidatesTokenCount")) + count(usage.get("thoughtsTokenCount"))
            self.usage = Usage(count(usage.get("promptTokenCount")), answered)
        if isinstance(feedback := item.get("promptFeedback"), dict) and (blocked := feedback.get("blockReason")):
            self.end, self.reason = End.FILTERED, f"the prompt was blocked: {blocked}"
        candidates = item.get("candidates")
        candidate = candidates[0] if isinstance(candidates, list) and candidates else None
        if not isinstance(candidate, dict):
            return []
        if isinstance(finish := candidate.get("finishReason"), str):
            other = End.FAILED if finish in _FAILURES else End.FILTERED
            self.end, self.reason = _ENDS.get(finish, (other, f"finish reason {finish}"))
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        return [delta for part in (parts if isinstance(parts, list) else []) for delta in self._part(part)]

    def _part(self, part: object) -> list[Delta]:
        if not isinstance(part, dict):
            return []
        return self.reasoning(part.get("text")) if part.get("thought") else self.text(part.get("text"))


def _names_in(item: Mapping[str, object]) -> list[object]:
    methods = entries_of(item, "models", "supportedGenerationMethods")
    names = entries_of(item, "models", "name")
    return [
        name for name, can in zip(names, methods, strict=True) if isinstance(can, list) and "generateContent" in can
    ]
