"""ChatgptFree: a WordPress site with a chat plug-in that streams; its nonce lasts (seed services' protocol, 5)."""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from http.cookies import SimpleCookie
from random import Random
from typing import ClassVar
from urllib.parse import urlsplit

import aiohttp
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, ProviderModelMixin, format_prompt
from providers.errors import SignInFailed
from providers.settings import BaseUrl, ProviderSettings
from providers.wire import wpaicg
from providers.wire.credential import Credential
from providers.wire.http import Http, failures
from providers.wire.route import Route, cookie_jar, secrets

log = logging.getLogger(__name__)

MAX_VISITORS = 16  # sets of caller's cookies for which a nonce is kept


class Settings(ProviderSettings):
    """CHATGPTFREE_BASE_URL offers the provider."""

    model_config = SettingsConfigDict(env_prefix="CHATGPTFREE_")
    base_url: BaseUrl = "https://chatgptfree.ai"


@dataclass(frozen=True, slots=True)
class Visit:
    """A page and the cookies with which its nonce is good: the caller's and its own."""

    page: wpaicg.Page
    cookies: aiohttp.CookieJar


class ChatgptFree(AsyncGeneratorProvider, ProviderModelMixin):
    """The service; it takes the conversation as one prompt, and the model's name is only checked."""

    id = "chatgptfree"
    label = "ChatgptFree"
    working = False
    context_tokens = 8_000
    default_model = "gpt-4o-mini-2024-07-18"
    models = ("gpt-4o-mini-2024-07-18",)
    model_aliases: ClassVar[Mapping[str, str]] = {"gpt-4o-mini": "gpt-4o-mini-2024-07-18"}

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self._http = http
        self._clock = clock
        self._visits: dict[frozenset[tuple[str, str]], Credential[Visit]] = {}

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = 120,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; a refused nonce is renewed once, as long as there was no text.

        The option `cookies`, a dict, goes with every request; visitors with other cookies have another nonce.
        """
        self.get_model(model)
        prompt = format_prompt(messages)
        route = Route(self._http, self._clock, proxy, timeout)
        given = options.get("cookies")
        cookies = {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
        visits = self._visits_with(cookies)
        for last in (False, True):
            visit = await visits.get(lambda: self._visit(route, cookies), proxy=proxy)
            try:
                async with aclosing(self._ask(route, visit, prompt)) as texts:
                    async for text in texts:
                        yield text
                return
            except SignInFailed as refused:
                visits.refuse(visit)
                if last:
                    raise
                log.warning("nonce refused provider=%s error=%s", self.id, refused)

    def _visits_with(self, cookies: Mapping[str, str]) -> Credential[Visit]:
        key = frozenset(cookies.items())
        if key not in self._visits and len(self._visits) >= MAX_VISITORS:
            del self._visits[next(iter(self._visits))]
        return self._visits.setdefault(key, Credential())

    async def _visit(self, route: Route, cookies: Mapping[str, str]) -> Visit:
        jar = cookie_jar(self.url)
        jar.update_cookies(self._for_this_host(cookies))
        with failures(self.id, *secrets(*cookies.values())):
            page = await wpaicg.read_page(route, f"{self.url}/", headers=self._headers, cookies=jar)
            if not page.post_id.isdecimal():
                raise SignInFailed("no post id found")
            if not page.nonce:
                raise SignInFailed("no nonce found")
        return Visit(page, jar)

    def _for_this_host(self, cookies: Mapping[str, str]) -> SimpleCookie:
        found = SimpleCookie(cookies)
        for morsel in found.values():
            morsel.update({"domain": urlsplit(self.url).hostname or "", "path": "/"})
        return found

    async def _ask(self, route: Route, visit: Visit, prompt: str) -> AsyncGenerator[str, None]:
        form = wpaicg.form(visit.page, url=self.url, prompt=prompt)
        with failures(self.id, *secrets(visit.page.nonce, cookies=visit.cookies)) as call:
            texts = wpaicg.ask(route, self.url, form, headers=self._headers, cookies=visit.cookies)
            async with aclosing(texts):
                async for text in texts:
                    call.began = True
                    yield text

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "authority": urlsplit(self.url).netloc,
            "accept": "*/*",
            "accept-language": "en,fr-FR;q=0.9,fr;q=0.8,es-ES;q=0.7,es;q=0.6,en-US;q=0.5,am;q=0.4,de;q=0.3",
            "origin": self.url,
            "referer": f"{self.url}/chat/",
            "sec-ch-ua": '"Chromium";v="118", "Google Chrome";v="118", "Not=A?Brand";v="99"',
            "sec-ch-ua-mobile": "?0",
            "sec-ch-ua-platform": '"macOS"',
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-origin",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/118.0.0.0 Safari/537.36",
        }
