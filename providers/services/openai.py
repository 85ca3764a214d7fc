"""Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Groq, DeepSeek, Mistral, vLLM, llama.cpp …

Sources: https://platform.openai.com/docs/api-reference/chat; what the servers named above do differently.
"""

import logging
import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from random import Random
from typing import ClassVar
from urllib.parse import urljoin

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import NO_FILES, Alive, AsyncGeneratorProvider, Clock, Delta, Message, contents_of, texts_of
from providers.blocks import ToolCall
from providers.capabilities import Capabilities, capabilities_in, is_for_responses
from providers.errors import ProviderError, ServiceFailed
from providers.services.presets import Preset
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.tools import may_call, tools_in
from providers.wire.asked import Asked, by_chat
from providers.wire.calling import Calling, made, replayed
from providers.wire.chat_completion import ChatCompletion
from providers.wire.exchange import Exchange
from providers.wire.forms import Form, Forms
from providers.wire.http import Http
from providers.wire.leisure import leisure_in
from providers.wire.listed import listed_in, name_in
from providers.wire.reading import Reading
from providers.wire.responses import Response, by_responses
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
READING = re.compile(r"(gpt-(4o|4\.1|[5-9])|o1(?!-mini)|o3(?!-mini)|o4)")  # platform.openai.com/docs/guides/pdf-files
OPENAI = Preset(
    "openai",
    "OpenAI",
    PUBLIC_URL,
    preferred=PREFERRED,
    ends=ENDS,
    hears="gpt-transcribe",
    draws="gpt-image-2",
    speaks="gpt-4o-mini-tts",
)
log = logging.getLogger(__name__)

_OPTIONS = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort")
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|audio|realtime|transcribe|davinci|babbage|sora|rerank", re.IGNORECASE
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
        self._exchange = Exchange(http, clock, headers=self._authorized(key) if key else {}, secret=key)
        self._forms = Forms(clock, by_name=self._is_openai, limits_all=self._is_openai)
        self._sight = Sight(clock)
        self._reading = Reading(clock)
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
        """Stream the answer; those options that the protocol has are sent on where they are given.

        `thoughts`: their summaries are asked for, where they come on request alone.
        """
        texts_of(messages)  # where nothing is to be sent, nothing is asked
        if not model and not self.default_model:
            await self._list_models(proxy)
        name = self.get_model(model)
        takes = self.takes(name)
        named = {"reasoning_effort": options.get("effort"), **options}
        asked = Asked(
            name,
            contents_of(replayed(messages, self.id, name), takes, files),
            files,
            {option: named[option] for option in _OPTIONS if named.get(option) is not None}
            | ({"modalities": ["image", "text"]} if self.capabilities(name).draws else {}),
            tools_in(options) if ToolCall in takes else [],
            may_call(options),
        )
        form: Form | None = self._forms.first(name, thoughts=bool(options.get("thoughts")))
        while form is not None:
            completion = (Response if form.responses else ChatCompletion)((self.id, name), made=made(messages))
            answer = self._exchange.answer(
                self.id,
                self._address("responses" if form.responses else "chat/completions", name),
                by_responses(asked, form) if form.responses else by_chat(asked, form),
                completion,
                proxy=proxy,
                silence_s=timeout,
                is_at_work=_is_thinking if form.responses and not form.streams else None,
                leisure=leisure_in(options),
            )
            has_pictures = has_images(asked.talk)
            try:
                with (
                    self._reading.watched(name, asked.talk),
                    self._sight.watched(name, has_images=has_pictures),
                    self._calling.watched(name, asked.tools),
                ):
                    async with aclosing(answer) as deltas:
                        async for delta in deltas:
                            self._calling.note(name, delta)
                            yield delta
                return
            except ServiceFailed as error:
                sent, former = asked.options_in(form), form
                if (form := self._forms.after(former, error, name, sent)) is None:
                    raise
                if refused := form.without - former.without:
                    taken = ",".join(sorted(refused))
                    log.warning("options not taken provider=%s model=%s options=%s", self.id, name, taken)

    def _is_read(self, name: str, told: bool | None) -> bool | None:
        """Return whether a model reads PDFs: as the service `told`, OpenAI's own by their names."""
        is_own = self.known is KNOWN
        return told if told is not None or not is_own else READING.match(name) is not None

    def _authorized(self, key: str) -> dict[str, str]:
        """Return the headers that show a key."""
        return {"Authorization": f"Bearer {key}"}

    def _address(self, path: str, model: str) -> str:
        """Return where a model is asked by an endpoint of the protocol."""
        return f"{self.url}/{path}"

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
        self._forms.take_list([name for entry in entries if is_for_responses(entry) and (name := name_in(entry, "id"))])
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


async def _is_thinking() -> Alive:
    """Believe that a model that answers in one piece is at work as long as the connection stands: it takes minutes."""
    return Alive()
