"""Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Groq, DeepSeek, Mistral, vLLM, llama.cpp …

Sources: https://platform.openai.com/docs/api-reference/chat; what the servers named above do differently.
"""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from random import Random

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, texts_of
from providers.errors import ServiceFailed
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.wire.chat_completion import ChatCompletion
from providers.wire.exchange import Exchange, ListedModels, entries_of
from providers.wire.http import Http

PUBLIC_URL = "https://api.openai.com/v1"
PUBLIC_MODEL = "gpt-4o-mini"

_OPTIONS = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort")
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|audio|realtime|transcribe|davinci|babbage|sora|rerank", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to ask for an answer; `refused`: what the reason speaks of where a server does not know it."""

    fields: Mapping[str, object]
    refused: re.Pattern[str] | None = None


FORMS: Sequence[Form] = (  # from what we want to what every server takes
    Form(
        {"stream": True, "stream_options": {"include_usage": True}},
        re.compile(
            r"stream|include_usage|extra|unrecognized|unknown (field|param|arg)|not permitted|unsupported",
            re.IGNORECASE,
        ),
    ),
    Form({"stream": True}, re.compile(r"stream", re.IGNORECASE)),
    Form({"stream": False}),
)


class Settings(ProviderSettings):
    """An address that ends in /v1 as the official SDK has it, and a key where the server wants one."""

    model_config = SettingsConfigDict(env_prefix="OPENAI_")

    api_key: ApiKey | None = None
    base_url: BaseUrl = PUBLIC_URL
    model: str = ""
    context_tokens: PositiveInt = 128_000


class OpenAI(ListedModels, AsyncGeneratorProvider):
    """A server of OpenAI's protocol.

    Without a configured model: OpenAI's small one at OpenAI, elsewhere the first that the server lists.
    """

    id = "openai"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model or (PUBLIC_MODEL if settings.base_url == PUBLIC_URL else "")
        self.context_tokens = settings.context_tokens
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._exchange = Exchange(http, clock, headers=headers, secret=key)
        self._forms = FORMS

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; those options that the protocol has are sent on where they are given."""
        body: dict[str, object] = {
            "messages": [{"role": role, "content": text} for role, text in texts_of(messages)],
            **{name: options[name] for name in _OPTIONS if options.get(name) is not None},
        }
        if not model and not self.default_model:
            await self._list_models(proxy)
        if name := self.get_model(model):
            body["model"] = name
        url = f"{self.url}/chat/completions"
        for form in self._forms:
            answer = self._exchange.answer(
                self.id, url, {**body, **form.fields}, ChatCompletion(), proxy=proxy, silence_s=timeout
            )
            try:
                async with aclosing(answer) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except ServiceFailed as error:
                if error.status not in (400, 422) or not form.refused or not form.refused.search(error.reason):
                    raise
                if form is FORMS[0]:  # a server never counts; whether it streams may depend on the model
                    self._forms = FORMS[1:]

    async def refresh(self) -> None:
        """Read the server's list of models; a server without one is fine."""
        await self._list_models(None)

    async def _list_models(self, proxy: str | None) -> None:
        try:
            names = await self._exchange.names(self.id, f"{self.url}/models", _names_in, proxy=proxy)
        except ServiceFailed as error:
            if error.status not in (404, 405, 501):
                raise
            return
        names = [name for name in names if not _NO_CHAT.search(name)]
        self.default_model = self.default_model or next(iter(names), "")
        self.models = list(dict.fromkeys([self.default_model, *names])) if names else []


def _names_in(item: Mapping[str, object]) -> list[object]:
    """Return the names in `{"data": [{"id": …}]}`, or in one object of a plain list."""
    return entries_of(item, "data", "id") if "data" in item else [item.get("id")]
