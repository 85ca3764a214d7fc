"""Ollama's own protocol, for models on the operator's machines.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from random import Random

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, ProviderModelMixin, Usage, texts_of
from providers.completion import Completion, End, count
from providers.errors import ServiceFailed
from providers.exchange import completed, exchange
from providers.http import Http, failures
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.status import error_in

MODELS_TIMEOUT = 20  # seconds of silence


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


class Ollama(ProviderModelMixin, AsyncGeneratorProvider):
    """A local Ollama. Without a configured model the first one that it has is the default."""

    id = "ollama"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model
        self.context_tokens = settings.context_tokens
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
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
        limits = self._http.timeout(timeout)
        with failures(self.id, self._key) as call:
            async with (
                self._http.session(proxy) as session,
                exchange(session, url, body, headers=self._headers, limits=limits, clock=self._clock) as items,
                aclosing(completed(items, _Chat(), call)) as deltas,
            ):
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
        limits = self._http.timeout(MODELS_TIMEOUT)
        with failures(self.id, self._key):
            async with (
                self._http.session(proxy) as session,
                exchange(session, url, headers=self._headers, limits=limits, clock=self._clock) as items,
            ):
                names = [name async for item in items for name in _model_names(item)]
            if not names and not self.default_model:
                raise ServiceFailed("no model there yet: ollama pull", status=200)
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


def _model_names(item: Mapping[str, object]) -> list[str]:
    entries = item.get("models")
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [name for name in names if isinstance(name, str) and name]
