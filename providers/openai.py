"""Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Groq, DeepSeek, Mistral, vLLM, llama.cpp …

Sources: https://platform.openai.com/docs/api-reference/chat; what the servers named above do differently.
"""

import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from random import Random
from typing import ClassVar
from urllib.parse import urljoin

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import NO_FILES, AsyncGeneratorProvider, Clock, Delta, Message, Role, contents_of, texts_of
from providers.blocks import Content, ToolCall, text_of
from providers.capabilities import Capabilities, capabilities_in
from providers.errors import ProviderError, ServiceFailed
from providers.presets import Preset
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.tools import may_call, tools_in
from providers.wire.calling import Calling, made, replayed
from providers.wire.chat_completion import ChatCompletion
from providers.wire.encoding import Part, calls_in, encoded, own_message, results_in
from providers.wire.exchange import Exchange
from providers.wire.glued_calls import call_message, functions
from providers.wire.http import Http
from providers.wire.listed import listed_in
from providers.wire.sight import SeeingModels, Sight, has_images

PUBLIC_URL = "https://api.openai.com/v1"
PREFERRED = (  # small, quick, no end named; looked up 2026-11-21 in openai 3.54.0 (types/shared/chat_model.py)
    "gpt-5.6-luna",
    "gpt-6-luna",
    "gpt-5.4-mini",
    "gpt-5.6-terra",
)
ENDS = {  # announced there, the same day; where the list of models tells an end, that one counts
    **dict.fromkeys(("gpt-5.1", "gpt-5.4-nano"), "2027-04-01"),
    **dict.fromkeys(("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini"), "2027-01-14"),
    **dict.fromkeys(("gpt-5", "gpt-5-mini", "gpt-5-nano", "o3"), "2026-12-11"),
    **dict.fromkeys(
        ("gpt-4.1-nano", "o4-mini", "o3-mini", "o1", "gpt-4-turbo", "gpt-4", "gpt-3.5-turbo"), "2026-10-23"
    ),
}
KNOWN = {  # by the beginning of the name; platform.openai.com/docs/models, looked up 2026-11-22
    **dict.fromkeys(("gpt-5", "gpt-5.1"), Capabilities(400_000, 128_000, images=True, tools=True)),
    "gpt-4.1": Capabilities(1_047_576, 32_768, images=True, tools=True),
    "gpt-4o": Capabilities(128_000, 16_384, images=True, tools=True),
    **dict.fromkeys(("o1", "o3", "o4-mini"), Capabilities(200_000, 100_000, images=True, tools=True)),
    "o3-mini": Capabilities(200_000, 100_000, images=False, tools=True),
    "gpt-4-turbo": Capabilities(128_000, 4_096, images=True, tools=True),
    "gpt-4": Capabilities(8_192, 8_192, images=False, tools=True),
    "gpt-3.5-turbo": Capabilities(16_385, 4_096, images=False, tools=True),
}
OPENAI = Preset("openai", "OpenAI", PUBLIC_URL, preferred=PREFERRED, ends=ENDS, hears="gpt-transcribe")
FORGET_S = 3600.0  # a server that does not count tokens is asked again to do so

_OPTIONS = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort")
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|audio|realtime|transcribe|davinci|babbage|sora|rerank", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to ask for an answer; `refused`: what the reason speaks of where a server may not know it."""

    fields: Mapping[str, object]
    refused: re.Pattern[str] | None = None


_COUNTS = re.compile(r"stream_options|include_usage", re.IGNORECASE)

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
    preset: ClassVar[Preset] = OPENAI

    api_key: ApiKey | None = None
    base_url: BaseUrl = PUBLIC_URL
    model: str = ""
    context_tokens: PositiveInt = 128_000


def settings_of(preset: Preset) -> type[Settings]:
    """Return the settings of a service that is described by data."""

    class PresetSettings(Settings):
        """Its key, or another address for it."""

        model_config = SettingsConfigDict(env_prefix=preset.prefix)

        base_url: BaseUrl = preset.base_url
        context_tokens: PositiveInt = preset.context_tokens

    PresetSettings.preset = preset
    return PresetSettings


class OpenAI(SeeingModels, AsyncGeneratorProvider):
    """A server of OpenAI's protocol.

    Without a configured model: one that the preset prefers, else the first that the server lists.
    """

    id = "openai"
    label = "OpenAI"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        preset = settings.preset
        is_home = settings.base_url == preset.base_url
        self.preferred = preset.preferred if is_home and not settings.model else ()
        self.known_ends = preset.ends if is_home else {}
        self.models = preset.models if is_home else ()
        self._is_listed = not self.models
        self._list_url = urljoin(self.url, preset.list_path) if is_home and preset.list_path else f"{self.url}/models"
        first = self.preferred[:1] if preset is OPENAI else self.models[:1]
        self.default_model = settings.model or next(iter(first), "")
        self._is_openai = is_home and preset is OPENAI
        self.known = KNOWN if self._is_openai else {}
        self.context_tokens = settings.context_tokens
        self.own_context = settings.own_context
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._exchange = Exchange(http, clock, headers=headers, secret=key)
        self._clock = clock
        self._uncounted_until = clock.now()
        self._sight = Sight(clock)
        self._calling = Calling(clock)

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; those options that the protocol has are sent on where they are given."""
        options = self._named(options)
        texts_of(messages)  # where nothing is to be sent, nothing is asked
        if not model and not self.default_model:
            await self._list_models(proxy)
        name = self.get_model(model)
        takes = self.takes(name)
        talk = contents_of(replayed(messages, self.id, name), takes, files)
        tools = tools_in(options) if ToolCall in takes else []
        body: dict[str, object] = {
            "messages": [message for role, content in talk for message in _messages(role, content, files)],
            **{option: options[option] for option in _OPTIONS if options.get(option) is not None},
        }
        if name:
            body["model"] = name
        if tools:
            body["tools"] = functions(tools)
            body |= {} if may_call(options) else {"tool_choice": "none"}
        url = f"{self.url}/chat/completions"
        for form in FORMS[1:] if self._clock.now() < self._uncounted_until else FORMS:
            answer = self._exchange.answer(
                self.id,
                url,
                {**body, **form.fields},
                ChatCompletion((self.id, name), made=made(messages)),
                proxy=proxy,
                silence_s=timeout,
            )
            try:
                with self._sight.watched(name, has_images=has_images(talk)), self._calling.watched(name, tools):
                    async with aclosing(answer) as deltas:
                        async for delta in deltas:
                            self._calling.note(name, delta)
                            yield delta
                return
            except ServiceFailed as error:
                if error.status not in (400, 422) or not form.refused or not form.refused.search(error.reason):
                    raise
                if form is FORMS[0] and _COUNTS.search(error.reason):
                    self._uncounted_until = self._clock.now() + FORGET_S

    def _named(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return options by the protocol's names; OpenAI's new models refuse max_tokens, others know no other."""
        named = {"reasoning_effort": options.get("effort"), **options}
        if self._is_openai and "max_tokens" in named:
            named["max_completion_tokens"] = named.pop("max_tokens")
        return named

    async def refresh(self) -> None:
        """Read the server's list of models; a server without one is fine."""
        if self._is_listed:
            await self._list_models(None)

    async def _list_models(self, proxy: str | None) -> None:
        try:
            entries = await self._exchange.entries(self.id, self._list_url, "data", proxy=proxy)
        except ServiceFailed as error:
            if error.status not in (404, 405, 501):
                raise
            self.default_model = self.default_model or next(iter(self.preferred), "")
            return
        self.take_list([each for each in listed_in(entries, "id") if not _NO_CHAT.search(each.name)])
        await self._ask_details({str(entry.get("owned_by")) for entry in entries}, proxy)

    async def _ask_details(self, owners: Collection[str], proxy: str | None) -> None:
        """Ask LM Studio and llama.cpp for what their lists of OpenAI's form leave out; they need not answer."""
        root = self.url.removesuffix("/v1")
        with suppress(ProviderError):
            if "organization_owner" in owners:
                entries = await self._exchange.entries(self.id, f"{root}/api/v0/models", "data", proxy=proxy)
                for each in listed_in(entries, "id"):
                    self._learn(each.name, each.able)
            elif "llamacpp" in owners:
                for entry in await self._exchange.entries(self.id, f"{root}/props", "", proxy=proxy):
                    for name in self.models:
                        self._learn(name, capabilities_in(entry))

    def _learn(self, name: str, able: Capabilities) -> None:
        self.tell(name, able)
        self._sight.learn(name, able.images)


def _messages(role: Role, content: Content, files: Mapping[str, bytes]) -> list[object]:
    """Return a message as the protocol has it: one for each result, and the words of one with calls beside these."""
    if results := results_in(content):
        return [{"role": "tool", "tool_call_id": each.id, "content": each.text} for each in results]
    if calls := calls_in(content):
        return [own_message(content) or call_message(text_of(content), calls)]
    return [{"role": role, "content": encoded(content, files, _image)}]


def _image(media_type: str, data: str) -> Part:
    """Return it as data: a server at home cannot fetch, and Telegram's address holds the token."""
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}
