"""GPTalk's back end: a token by fingerprint, good for five questions; a question, then its stream."""

import base64
import secrets
import time
from collections.abc import Mapping
from typing import Literal

from aiohttp import web

from tests.services import checks
from tests.services.service import Complaint, Handler, Service
from tests.services.wire import DONE, sse

QUESTIONS = 5
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36"
LANGUAGES = "de-DE,de;q=0.9,en-DE;q=0.8,en;q=0.7,en-US;q=0.6,nl;q=0.5,zh-CN;q=0.4,zh-TW;q=0.3,zh;q=0.2"
BODY = {
    "accept": "stream",
    "from": 1,
    "is_mobile": 0,
    "user_agent": AGENT,
    "is_open_ctx": 0,
    "prompt": "",
    "roid": 111,
    "temperature": 0,
    "ctx_msg_count": 3,
}


def answer(*texts: str, newline: str = "\n", space: str = " ", end: str = DONE) -> bytes:
    """Return the body of an answer that grows by these snapshots."""
    return sse([{"content": text} for text in texts], newline=newline, space=space, end=end)


def noise() -> list[str | dict[str, object]]:
    """Return payloads that carry no answer and no failure."""
    return [{"msg_id": 12}, "null", "[1]", "7", "not json", {"content": None}, {"content": 5}]


def failure(code: int, msg: str) -> dict[str, object]:
    """Return the object by which the service tells a failure with status 200."""
    return {"code": code, "msg": msg, "data": None}


class GPTalk(Service):
    """The server; `refusal` is how a bad token is told: a status, or 200 with `data` null.

    `lifetime_s` None: no `expires_at`. `counts_rejected`: a refused question is a use too.
    """

    public = "https://gptalk.net"

    def __init__(self, *, prefix: str = "/x") -> None:
        super().__init__(reply=lambda prompt: answer(prompt[:3], prompt), prefix=prefix)
        self.refusal: Literal[200, 401, 403] = 401
        self.lifetime_s: float | None = 3600
        self.counts_rejected = False
        self.models: list[str] = []
        self._uses: dict[str, int] = {}
        self._questions: dict[str, str] = {}
        self._fingerprints = checks.Once("fingerprint")

    def routes(self) -> Mapping[str, tuple[str, str, Handler]]:
        """Return the three addresses."""
        return {
            "login": ("POST", "/api/chatgpt/user/login", self._login),
            "text": ("POST", "/api/chatgpt/chatapi/text", self._text),
            "stream": ("GET", "/api/chatgpt/chatapi/stream", self._stream),
        }

    def revoke(self) -> None:
        """Refuse all auth tokens issued so far."""
        self._uses.clear()

    def revoke_streams(self) -> None:
        """Refuse all stream tokens issued so far."""
        self._questions.clear()

    @property
    def uses(self) -> list[int]:
        """Return how often each auth token was used, oldest first."""
        return list(self._uses.values())

    async def _login(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.absent(request, "authorization")
        checks.query(request)
        body = await checks.document(request, "fingerprint", "platform")
        checks.equal("platform", body["platform"], "fingerprint")
        self._fingerprints.new(checks.shape("fingerprint", body["fingerprint"], "[0-9a-f]{32}"))
        if fault := self.fault("login"):
            return await fault(request)
        token = secrets.token_hex(8)
        self._uses[token] = 0
        self.secrets.append(token)
        data: dict[str, object] = {"token": token, "user_id": 7}
        if self.lifetime_s is not None:
            data["expires_at"] = int(time.time() + self.lifetime_s)
        return web.json_response({"code": 200, "msg": "", "data": data})

    async def _text(self, request: web.Request) -> web.StreamResponse:
        second = self._common(request)
        checks.query(request)
        body = await checks.document(request, *BODY, "content", "model", "created_at")
        for key, value in BODY.items():
            checks.equal(key, body[key], value)
        checks.equal("created_at", body["created_at"], second)
        prompt = checks.text("content", body["content"])
        model = checks.text("model", body["model"])
        bearer = request.headers.getall("authorization", [])
        if len(bearer) != 1 or not bearer[0].startswith("Bearer "):
            raise Complaint(f"authorization: {bearer}")
        token = bearer[0].removeprefix("Bearer ")
        if token not in self._uses:
            return self._refuse("登录已过期")
        if self._uses[token] >= QUESTIONS:
            return self._refuse("使用次数已用完")
        if fault := self.fault("text"):
            self._uses[token] += self.counts_rejected
            return await fault(request)
        self._uses[token] += 1
        self.models.append(model)
        ticket = base64.b64encode(b"\xfb\xef\xff" + secrets.token_bytes(8) + b"\xff\xfe").decode()
        self._questions[ticket] = prompt
        self.secrets.append(ticket)
        return web.json_response({"code": 200, "msg": "", "data": {"token": ticket, "id": 3}})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.absent(request, "authorization")
        checks.query(request, "token")
        await checks.no_body(request)
        prompt = self._questions.pop(request.query["token"], None)
        if prompt is None:
            return self._refuse("token 无效")
        return await self.answer(request, "stream", prompt)

    def _common(self, request: web.Request) -> int:
        expected = {
            "authority": ["gptalk.net", self.authority],
            "accept": "*/*",
            "accept-language": LANGUAGES,
            "content-type": "application/json",
            "origin": [self.public, self.base_url],
            "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
            "sec-ch-ua-mobile": "?0",
            "sec-ch-ua-platform": '"Linux"',
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-origin",
            "user-agent": AGENT,
            "x-auth-appid": "2229",
            "x-auth-openid": "",
            "x-auth-platform": "",
        }
        checks.headers(request, expected)
        stamps = request.headers.getall("x-auth-timestamp", [])
        if len(stamps) != 1:
            raise Complaint(f"x-auth-timestamp: {stamps}")
        return checks.current("x-auth-timestamp", stamps[0], now=time.time())

    def _refuse(self, reason: str) -> web.Response:
        return web.json_response(failure(401, reason), status=self.refusal)
