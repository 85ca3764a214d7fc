"""Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Groq, DeepSeek, Mistral, vLLM, llama.cpp …

Sources: https://platform.openai.com/docs/api-reference/chat; what the servers named above do differently.
"""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from random import Random

import aiohttp
from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, ProviderModelMixin, texts_of
from providers.chat_completion import ChatCompletion
from providers.errors import ServiceFailed
from providers.exchange import completed, exchange
from providers.http import Http, failures
from providers.settings import ApiKey, BaseUrl, ProviderSettings

PUBLIC_URL = "https://api.openai.com/v1"
PUBLIC_MODEL = "gpt-4o-mini"
MAX_MODELS = 1000
MODELS_TIMEOUT = 20  # seconds of silence

_FORMS: tuple[dict[str, object], ...] = (  # from what we want to what every server takes
    {"stream": True, "stream_options": {"include_usage": True}},
    {"stream": True},
    {"stream": False},
)
_OPTIONS = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort")
_FORM_REFUSED = re.compile(r"stream|extra|unknown|unrecognized|unexpected|unsupported|not permitted", re.IGNORECASE)
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|audio|realtime|transcribe|davinci|babbage|sora|rerank", re.IGNORECASE
)


class Settings(ProviderSettings):
    """An address that ends in /v1 as the official SDK has it, and a key where the server wants one."""

    model_config = SettingsConfigDict(env_prefix="OPENAI_")

    api_key: ApiKey | None = None
    base_url: BaseUrl = PUBLIC_URL
    model: str = ""
    context_tokens: PositiveInt = 128_000


class OpenAI(ProviderModelMixin, AsyncGeneratorProvider):
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
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._http = http
        self._clock = clock
        self._forms = _FORMS

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the contract's name
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
        limits = self._http.timeout(timeout)
        with failures(self.id, self._key) as call:
            async with self._http.session(proxy) as session, AsyncExitStack() as stack:
                items = await self._open(stack, session, body, limits=limits)
                async with aclosing(completed(items, ChatCompletion(), call)) as deltas:
                    async for delta in deltas:
                        yield delta

    async def refresh(self) -> None:
        """Read the server's list of models; a server without one is fine."""
        await self._list_models(None)

    async def _open(
        self,
        stack: AsyncExitStack,
        session: aiohttp.ClientSession,
        body: Mapping[str, object],
        *,
        limits: aiohttp.ClientTimeout,
    ) -> AsyncGenerator[dict[str, object], None]:
        """Ask in the best form that the server takes; that it does not count tokens is remembered."""
        url = f"{self.url}/chat/completions"
        for form in self._forms:
            request = exchange(session, url, {**body, **form}, headers=self._headers, limits=limits, clock=self._clock)
            try:
                items = await stack.enter_async_context(request)
            except ServiceFailed as error:
                if form is _FORMS[-1] or error.status not in (400, 422) or not _FORM_REFUSED.search(error.reason):
                    raise
            else:
                self._forms = _FORMS[1:] if form is _FORMS[1] else self._forms
                return items
        raise AssertionError("the last form returns or raises")

    async def _list_models(self, proxy: str | None) -> None:
        limits = self._http.timeout(MODELS_TIMEOUT)
        url = f"{self.url}/models"
        with failures(self.id, self._key):
            try:
                async with (
                    self._http.session(proxy) as session,
                    exchange(session, url, headers=self._headers, limits=limits, clock=self._clock) as items,
                ):
                    names = [name async for item in items for name in _model_names(item)]
            except ServiceFailed as error:
                if error.status not in (404, 405, 501):
                    raise
                names = []
        if not names:
            return
        self.default_model = self.default_model or names[0]
        self.models = list(dict.fromkeys([self.default_model, *names]))[:MAX_MODELS]


def _model_names(item: Mapping[str, object]) -> list[str]:
    """Return the names in `{"data": [{"id": …}]}`, or in one object of a plain list."""
    entries = item.get("data", [item])
    if not isinstance(entries, list):
        return []
    names = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str) and name and not _NO_CHAT.search(name)]
