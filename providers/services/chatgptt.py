"""ChatGptt: a WordPress site with a chat plug-in; a page for a nonce, then one call (seed services' protocol, 4)."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from random import Random
from urllib.parse import urlsplit

import aiohttp
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, ProviderModelMixin, format_prompt
from providers.errors import SignInFailed
from providers.settings import BaseUrl, ProviderSettings
from providers.wire import wpaicg
from providers.wire.http import Http, failures
from providers.wire.route import Route, cookie_jar, secrets

log = logging.getLogger(__name__)


class Settings(ProviderSettings):
    """CHATGPTT_BASE_URL offers the provider."""

    model_config = SettingsConfigDict(env_prefix="CHATGPTT_")
    base_url: BaseUrl = "https://chatgptt.me"


class ChatGptt(AsyncGeneratorProvider, ProviderModelMixin):
    """The service; it takes the conversation as one prompt, and the model's name is only checked."""

    id = "chatgptt"
    label = "ChatGptt"
    working = False
    supports_system_message = True
    supports_message_history = True
    context_tokens = 8_000
    default_model = "gpt-4o"
    models = ("gpt-4", "gpt-4o", "gpt-4o-mini")

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self._http = http
        self._clock = clock
        self._random = random

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer, in one piece as a rule; a refused nonce is read anew once."""
        self.get_model(model)
        prompt = format_prompt(messages)
        route = Route(self._http, self._clock, proxy, timeout)
        for last in (False, True):
            cookies = cookie_jar(self.url)  # the nonce may be bound to them
            page = await self._read_page(route, cookies)
            try:
                async with aclosing(self._ask(route, page, cookies, prompt)) as texts:
                    async for text in texts:
                        yield text
                return
            except SignInFailed as refused:
                if last:
                    raise
                log.warning("nonce refused provider=%s error=%s", self.id, refused)

    async def _read_page(self, route: Route, cookies: aiohttp.CookieJar) -> wpaicg.Page:
        with failures(self.id):
            page = await wpaicg.read_page(route, self.url, headers=self._headers, cookies=cookies)
            if not page.nonce or not page.post_id:
                raise SignInFailed("tokens not found in the page")
        return page

    async def _ask(
        self, route: Route, page: wpaicg.Page, cookies: aiohttp.CookieJar, prompt: str
    ) -> AsyncGenerator[str, None]:
        form = wpaicg.form(
            page,
            url=self.url,
            prompt=prompt,
            chatbot_identity="shortcode",
            wpaicg_chat_client_id=f"{self._random.getrandbits(40):010x}",
            wpaicg_chat_history="None",
        )
        with failures(self.id, *secrets(page.nonce, cookies=cookies)) as call:
            texts = wpaicg.ask(route, self.url, form, headers=self._headers, cookies=cookies)
            async with aclosing(texts):
                async for text in texts:
                    call.began = True
                    yield text

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "authority": urlsplit(self.url).netloc,
            "accept": "application/json",
            "origin": self.url,
            "referer": f"{self.url}/chat",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/131.0.0.0 Safari/537.36",
        }
