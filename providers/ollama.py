"""Ollama's own protocol, for models on the operator's machines.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from random import Random

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, Usage, texts_of
from providers.errors import ServiceFailed
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.wire.completion import Completion, End, count
from providers.wire.exchange import Exchange, ListedModels, entries_of
from providers.wire.http import Http
from providers.wire.status import error_in


class Settings(ProviderSettings):
    """Where Ollama listens.

    `context_tokens` is also what Ollama is told to reserve (num_ctx); without that it takes less, and cuts off the
    beginning of a longer conversation in silence.
    """

    model_config = SettingsConfigDict(env_prefix="OLLAMA_")

    api_key: ApiKey | None = None
    base_url: BaseUrl = "http://localhost:11434"
    model: str = ""
    context_tokens: PositiveInt = 8192

    @property
    def configured(self) -> bool:
        """Tell whether any of the fields is set: the address of a local Ollama goes without saying."""
        return bool(self.model_fields_set)


class Ollama(ListedModels, AsyncGeneratorProvider):
    """A local Ollama. Without a configured model the first one that it has is the default."""

    id = "ollama"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model
        self.context_tokens = settings.context_tokens
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
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
        """Stream the answer; raises ServiceFailed where no model has been pulled."""
        talk = [{"role": role, "content": text} for role, text in texts_of(messages)]
        if not model and not self.default_model:
            await self._list_models(proxy)
        body = {
            "model": self.get_model(model),
            "messages": talk,
            "stream": True,
            "options": {"num_ctx": self.context_tokens},
        }
        url = f"{self.url}/api/chat"
        answer = self._exchange.answer(self.id, url, body, _Chat(), proxy=proxy, silence_s=timeout)
        async with aclosing(answer) as deltas:
            async for delta in deltas:
                yield delta

    async def refresh(self) -> None:
        """Read which models have been pulled."""
        await self._list_models(None)

    def get_model(self, model: str | None) -> str:
        """Resolve a name, also one without its tag: `llama3.2` is `llama3.2:latest`."""
        tagged = f"{model}:latest"
        return tagged if model and model not in self.models and tagged in self.models else super().get_model(model)

    async def _list_models(self, proxy: str | None) -> None:
        url = f"{self.url}/api/tags"
        names = await self._exchange.names(self.id, url, lambda item: entries_of(item, "models", "name"), proxy=proxy)
        if not names and not self.default_model:
            raise ServiceFailed("no model there yet: ollama pull", provider=self.id, status=200)
        self.models = names
        self.default_model = self.default_model or names[0]


class _Chat(Completion):
    """A chat answer, one object per line."""

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take a line: a piece of the message, and at the end how it ended."""
        if error := error_in(item):
            raise error
        message = item.get("message")
        deltas: list[Delta] = []
        if isinstance(message, dict):
            deltas = [*self.reasoning(message.get("thinking")), *self.text(message.get("content"))]
        if item.get("done") is True:
            self.finished = True
            cut = item.get("done_reason") == "length"
            self.end, self.reason = (End.TOO_LONG, "the limit of tokens was reached") if cut else (End.WHOLE, "")
            self.usage = Usage(count(item.get("prompt_eval_count")), count(item.get("eval_count")))
        return deltas
