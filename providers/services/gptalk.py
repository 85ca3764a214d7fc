"""GPTalk: an anonymous token that serves five questions; each is registered, then its stream is read.

    login ──▶ token ──▶ text: the question, a stream token ──▶ stream: cumulative events

Source: seed services' protocol, 3.
"""

import logging
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote, urlsplit

from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, format_prompt
from providers.errors import ProviderError, ServiceFailed, SignInFailed
from providers.settings import BaseUrl, ProviderSettings
from providers.surrogates import whole_characters
from providers.wire.credential import Credential, is_bearer
from providers.wire.cumulative import cumulative
from providers.wire.document import read_object, text_at
from providers.wire.http import Http, failures
from providers.wire.route import Route, secrets
from providers.wire.status import error_in

log = logging.getLogger(__name__)

QUESTIONS = 5  # that a token serves
EARLY = 5  # seconds before its time that a token counts as expired: clocks differ
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36"
LANGUAGES = "de-DE,de;q=0.9,en-DE;q=0.8,en;q=0.7,en-US;q=0.6,nl;q=0.5,zh-CN;q=0.4,zh-TW;q=0.3,zh;q=0.2"

_AUTH = re.compile(r"token(?!s)|auth|expired|log[ _-]?in|令牌|登录|登陆|过期|失效|无效|次数", re.IGNORECASE)


class Settings(ProviderSettings):
    """GPTALK_BASE_URL offers the provider."""

    model_config = SettingsConfigDict(env_prefix="GPTALK_")
    base_url: BaseUrl = "https://gptalk.net"


@dataclass(slots=True)
class Auth:
    """A token, when it expires (Unix seconds; None: when it is refused) and how many questions it served."""

    token: str = field(repr=False)
    expires_at: float | None
    uses: int = 0

    def take(self, now: float) -> bool:
        """Count one more question, if the token is good for it."""
        if self.uses >= QUESTIONS or (self.expires_at is not None and self.expires_at - EARLY < now):
            return False
        self.uses += 1
        return True


class GPTalk(AsyncGeneratorProvider):
    """The service; it takes the conversation as one prompt and any name of a model."""

    id = "gptalk"
    label = "GPTalk"
    working = False
    supports_gpt_35_turbo = True
    context_tokens = 8_000
    default_model = "gpt-3.5-turbo"

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self._http = http
        self._clock = clock
        self._random = random
        self._auth: Credential[Auth] = Credential()

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; refused tokens are renewed once, as long as there was no text."""
        prompt = whole_characters(format_prompt(messages))
        route = Route(self._http, self._clock, proxy, timeout)
        for last in (False, True):
            ticket = await self._register(route, prompt, model or self.default_model)
            try:
                async with aclosing(self._stream(route, ticket)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except SignInFailed as refused:
                if last:
                    raise
                log.warning("stream refused provider=%s error=%s", self.id, refused)

    async def _register(self, route: Route, prompt: str, model: str, *, again: bool = True) -> str:
        """Ask the question and return the token of its stream; a refused auth token is renewed once."""
        auth = await self._auth.get(
            lambda: self._log_in(route), take=lambda auth: auth.take(self._clock.wall()), proxy=route.proxy
        )
        try:
            return await self._ask(route, auth, prompt, model)
        except SignInFailed as refused:
            self._auth.refuse(auth)
            if not again:
                raise
            log.warning("token refused provider=%s error=%s", self.id, refused)
        return await self._register(route, prompt, model, again=False)

    async def _ask(self, route: Route, auth: Auth, prompt: str, model: str) -> str:
        now = int(self._clock.wall())
        body = {
            "content": prompt,
            "accept": "stream",
            "from": 1,
            "model": model,
            "is_mobile": 0,
            "user_agent": USER_AGENT,
            "is_open_ctx": 0,
            "prompt": "",
            "roid": 111,
            "temperature": 0,
            "ctx_msg_count": 3,
            "created_at": now,
        }
        try:
            return text_at(await self._post(route, "/api/chatgpt/chatapi/text", body, now=now, auth=auth), "token")
        except ProviderError:
            auth.uses -= 1  # only an accepted question counts
            raise

    async def _log_in(self, route: Route) -> Auth:
        body = {"fingerprint": f"{self._random.getrandbits(128):032x}", "platform": "fingerprint"}
        data = await self._post(route, "/api/chatgpt/user/login", body, now=int(self._clock.wall()))
        if not is_bearer(text_at(data, "token")):
            raise SignInFailed("the token fits into no header", provider=self.id)
        expires_at = data.get("expires_at")
        return Auth(text_at(data, "token"), expires_at if isinstance(expires_at, int | float) else None)

    async def _post(
        self, route: Route, path: str, body: Mapping[str, object], *, now: int, auth: Auth | None = None
    ) -> dict[str, object]:
        """Return the `data` of an answer, which holds a token. Raises SignInFailed where there is none."""
        headers = self._headers(now) | ({"authorization": f"Bearer {auth.token}"} if auth else {})
        with failures(self.id, *secrets(auth.token if auth else "")):
            async with route.request("POST", self.url + path, headers=headers, json=body) as response:
                answer = await read_object(response)
            data = answer.get("data")
            if not isinstance(data, dict) or not text_at(data, "token"):
                raise SignInFailed("the service gave no token", said=text_at(answer, "msg"))
        return data

    async def _stream(self, route: Route, ticket: str) -> AsyncGenerator[Delta, None]:
        address = f"{self.url}/api/chatgpt/chatapi/stream?token={quote(ticket, safe='', errors='replace')}"
        headers = self._headers(int(self._clock.wall()))
        with failures(self.id, *secrets(ticket)) as call:
            async with (
                route.request("GET", address, headers=headers) as response,
                aclosing(cumulative(response, _snapshot)) as deltas,
            ):
                async for delta in deltas:
                    call.began = True
                    yield delta

    def _headers(self, now: int) -> dict[str, str]:
        return {
            "authority": urlsplit(self.url).netloc,
            "accept": "*/*",
            "accept-language": LANGUAGES,
            "content-type": "application/json",
            "origin": self.url,
            "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
            "sec-ch-ua-mobile": "?0",
            "sec-ch-ua-platform": '"Linux"',
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-origin",
            "user-agent": USER_AGENT,
            "x-auth-appid": "2229",
            "x-auth-openid": "",
            "x-auth-platform": "",
            "x-auth-timestamp": str(now),
        }


def _snapshot(item: dict[str, object]) -> str:
    """Return the answer so far that a payload holds. Raises ProviderError where it tells a failure."""
    if isinstance(item.get("content"), str):
        return text_at(item, "content")
    if failure := error_in(item):
        raise failure
    code, reason = item.get("code"), text_at(item, "msg")
    told = reason if code is None else code not in (0, 200)
    if told or ("data" in item and item["data"] is None):
        if _AUTH.search(reason):
            raise SignInFailed(said=reason)
        raise error_in({"error": {"message": reason, "code": code}}) or ServiceFailed(said=reason, status=200)
    return ""
