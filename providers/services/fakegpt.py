"""FakeGpt: a pool of shared ChatGPT accounts behind a back end like ChatGPT's.

    loads ──▶ login ──▶ session ──▶ cookies and token, kept until refused ──▶ conversation: cumulative events

Source: seed services' protocol, 2.
"""

import logging
import re
import string
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from random import Random
from uuid import UUID

import aiohttp
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, format_prompt
from providers.errors import ServiceFailed, SignInFailed
from providers.settings import BaseUrl, ProviderSettings
from providers.surrogates import whole_characters
from providers.wire.credential import Credential, is_bearer
from providers.wire.cumulative import cumulative
from providers.wire.document import at, read_object, text_at
from providers.wire.http import Http, failures
from providers.wire.route import Route, cookie_jar, secrets
from providers.wire.status import error_in

log = logging.getLogger(__name__)

MAX_LOGINS = 3  # accounts of the pool that are tried before giving up

_AUTH = re.compile(
    r"(token|session)(?!s)|log[ _-]?in|sign[ _-]?in|unauthori|authenti|credential|expired|forbidden", re.IGNORECASE
)


class Settings(ProviderSettings):
    """FAKEGPT_BASE_URL offers the provider."""

    model_config = SettingsConfigDict(env_prefix="FAKEGPT_")
    base_url: BaseUrl = "https://chat-shared2.zhile.io"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: the token is good only with the cookies among which it was given."""

    token: str = field(repr=False)
    cookies: aiohttp.CookieJar = field(repr=False)


class FakeGpt(AsyncGeneratorProvider):
    """The service; it takes the conversation as one prompt and whatever model it likes."""

    id = "fakegpt"
    label = "FakeGpt"
    working = False
    supports_gpt_35_turbo = True
    context_tokens = 8_000
    default_model = "gpt-3.5-turbo"  # for display

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self._http = http
        self._clock = clock
        self._random = random
        self._session: Credential[SignedIn] = Credential()

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; a refused session is renewed once, as long as there was no text."""
        prompt = format_prompt(messages)
        route = Route(self._http, self._clock, proxy, timeout)
        for last in (False, True):
            signed_in = await self._session.get(lambda: self._sign_in(route), proxy=proxy)
            try:
                async with aclosing(self._converse(route, signed_in, prompt)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except SignInFailed as refused:
                self._session.refuse(signed_in)
                if last:
                    raise
                log.warning("session refused provider=%s error=%s", self.id, refused)

    async def _converse(self, route: Route, signed_in: SignedIn, prompt: str) -> AsyncGenerator[Delta, None]:
        url = f"{self.url}/api/conversation"
        headers = self._headers | {"Accept": "text/event-stream", "X-Authorization": f"Bearer {signed_in.token}"}
        body = self._body(prompt)
        with failures(self.id, *secrets(signed_in.token, cookies=signed_in.cookies)) as call:
            async with (
                route.request("POST", url, headers=headers, cookies=signed_in.cookies, json=body) as response,
                aclosing(cumulative(response, _snapshot)) as deltas,
            ):
                async for delta in deltas:
                    call.began = True
                    yield delta

    async def _sign_in(self, route: Route) -> SignedIn:
        cookies = cookie_jar(self.url)
        with failures(self.id):
            accounts = await self._accounts(route, cookies)
            failure = SignInFailed("the service has no account to offer")
            for account in self._random.sample(accounts, k=min(MAX_LOGINS, len(accounts))):
                try:
                    return SignedIn(await self._log_in(route, account, cookies), cookies)
                except SignInFailed as error:
                    failure = error
            raise failure

    async def _accounts(self, route: Route, cookies: aiohttp.CookieJar) -> list[str]:
        url = f"{self.url}/api/loads?t={int(self._clock.wall())}"
        async with route.request("GET", url, headers=self._headers, cookies=cookies) as response:
            loads = (await read_object(response)).get("loads")
        entries = loads if isinstance(loads, list) else []
        return [account for entry in entries if (account := text_at(entry, "token_id"))]

    async def _log_in(self, route: Route, account: str, cookies: aiohttp.CookieJar) -> str:
        """Log in to an account and return the access token. Raises SignInFailed where the account is dead."""
        password = "".join(self._random.choices(string.ascii_lowercase + string.digits, k=10))
        form = {"token_key": whole_characters(account), "session_password": password}
        request = partial(route.request, headers=self._headers, cookies=cookies, follow=True)
        with failures(self.id, *secrets(account, password, cookies=cookies)):
            try:
                async with request("POST", f"{self.url}/auth/login", form=form) as response:
                    if not any(answer.cookies for answer in (*response.history, response)):
                        raise SignInFailed("the login set no cookie")
                async with request("GET", f"{self.url}/api/auth/session") as response:
                    token = text_at(await read_object(response), "accessToken")
            except ServiceFailed as error:
                if error.status and 400 <= error.status < 500:
                    raise SignInFailed(error.cause, said=error.said, status=error.status) from None
                raise
            if not is_bearer(token):
                raise SignInFailed("the session has no access token")
        return token

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "Accept-Language": "en-US",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/117.0.0.0 Safari/537.36",
            "Referer": f"{self.url}/?v=2",
            "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
            "sec-ch-ua-platform": '"Linux"',
            "sec-ch-ua-mobile": "?0",
        }

    def _body(self, prompt: str) -> dict[str, object]:
        message = {
            "id": self._uuid(),
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": [whole_characters(prompt)]},
            "metadata": {},
        }
        return {
            "action": "next",
            "messages": [message],
            "parent_message_id": self._uuid(),
            "model": "text-davinci-002-render-sha",
            "plugin_ids": [],
            "timezone_offset_min": -120,
            "suggestions": [],
            "history_and_training_disabled": True,
            "arkose_token": "",
            "force_paragen": False,
        }

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))


def _snapshot(item: dict[str, object]) -> str:
    """Return the answer so far that a payload holds. Raises ProviderError where it tells a failure."""
    told = item.get("error") or ("message" not in item and item.get("detail"))
    failure = error_in({"error": told})
    if isinstance(failure, ServiceFailed) and _AUTH.search(str(told)):
        raise SignInFailed(failure.cause, said=failure.said, status=failure.status)
    if failure is not None:
        raise failure
    if at(item, "message", "metadata", "message_type") != "next":
        return ""
    return text_at(item, "message", "content", "parts", 0)
