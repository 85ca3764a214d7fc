"""FakeGpt's back end: a pool of accounts, a session of cookies and token, cumulative events."""

import secrets
import time
from collections.abc import Mapping
from typing import Literal

from aiohttp import web

from tests.services import checks
from tests.services.service import Complaint, Handler, Service
from tests.services.wire import DONE, sse

UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
BODY = {
    "action": "next",
    "model": "text-davinci-002-render-sha",
    "plugin_ids": [],
    "timezone_offset_min": -120,
    "suggestions": [],
    "history_and_training_disabled": True,
    "arkose_token": "",
    "force_paragen": False,
}


def snapshot(text: str, kind: str = "next") -> dict[str, object]:
    """Return the payload that holds the answer so far."""
    content = {"content_type": "text", "parts": [text]}
    return {
        "message": {"author": {"role": "assistant"}, "content": content, "metadata": {"message_type": kind}},
        "error": None,
    }


def answer(*texts: str, newline: str = "\n", space: str = " ", end: str = DONE) -> bytes:
    """Return the body of an answer that grows by these snapshots."""
    return sse([snapshot(text) for text in texts], newline=newline, space=space, end=end)


def noise() -> list[str | dict[str, object]]:
    """Return payloads that carry no answer."""
    echo: dict[str, object] = {
        "message": {"author": {"role": "user"}, "content": {"parts": ["the prompt"]}, "metadata": {}}
    }
    metadata = {"message_type": "next"}
    return [
        echo,
        snapshot("a system message", kind="system"),
        "2023-10-05 12:00:00.000000",
        "null",
        "[]",
        "3",
        "{broken",
        {"message": None},
        {"message": {}},
        {"message": {"metadata": None, "content": {"parts": ["no"]}}},
        {"message": {"metadata": metadata, "content": {"parts": []}}},
        {"message": {"metadata": metadata, "content": {"parts": [{"asset": 1}]}}},
        {"message": {"metadata": metadata, "content": None}},
        {"message": {"metadata": metadata}},
        {"moderation_response": {"flagged": False}},
    ]


class FakeGpt(Service):
    """The server; `accounts` are its token ids, `dead` those whose login fails.

    A new login ends all older sessions. `refusal` is how a bad session is told: a status, or a 200 with `detail`.
    """

    public = "https://chat-shared2.zhile.io"

    def __init__(self, *, prefix: str = "/x") -> None:
        super().__init__(reply=lambda prompt: answer(prompt[:3], prompt), prefix=prefix)
        self.accounts = ["aaa", "bbb"]
        self.dead: set[str] = set()
        self.login_redirects = False
        self.secure_cookies = False
        self.refusal: Literal[200, 401, 403] = 401
        self.logins_by_account: list[str] = []
        self._sessions: dict[str, str] = {}
        self._tokens: dict[str, tuple[str, str]] = {}
        self._passwords = checks.Once("session_password")
        self._uuids = checks.Once("uuid")

    def routes(self) -> Mapping[str, tuple[str, str, Handler]]:
        """Return the five addresses."""
        return {
            "start": ("GET", "/", self._start),
            "loads": ("GET", "/api/loads", self._loads),
            "login": ("POST", "/auth/login", self._login),
            "session": ("GET", "/api/auth/session", self._session),
            "conversation": ("POST", "/api/conversation", self._conversation),
        }

    def revoke(self) -> None:
        """End all sessions."""
        self._sessions.clear()
        self._tokens.clear()

    async def _start(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        return web.Response(text="<html><title>ChatGPT</title></html>", content_type="text/html")

    async def _loads(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request, "t")
        checks.current("t", request.query["t"], now=time.time())
        await checks.no_body(request)
        if fault := self.fault("loads"):
            return await fault(request)
        return web.json_response({"loads": [{"token_id": name, "count": 3} for name in self.accounts]})

    async def _login(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request)
        fields = await checks.form(request, "token_key", "session_password")
        checks.equal("token_key", fields["token_key"], *self.accounts)
        self._passwords.new(checks.shape("session_password", fields["session_password"], "[a-z0-9]{10}"))
        self.logins_by_account.append(fields["token_key"])
        if fault := self.fault("login"):
            return await fault(request)
        if fields["token_key"] in self.dead:
            return web.json_response({"detail": "account is dead"}, status=403)
        self.revoke()
        credential = secrets.token_hex(8)
        self._sessions[credential] = fields["token_key"]
        self.secrets.append(credential)
        response = web.Response(text="ok")
        if self.login_redirects:
            response = web.Response(status=302, headers={"Location": f"{self.prefix}/"})
        secure = self.secure_cookies
        response.set_cookie("credential", credential, path=self.prefix or "/", httponly=True, secure=secure)
        return response

    async def _session(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request)
        await checks.no_body(request)
        credential = request.cookies.get("credential", "")
        if credential not in self._sessions:
            return self._refuse()
        if fault := self.fault("session"):
            return await fault(request)
        token, session = f"eyJ{secrets.token_hex(8)}", secrets.token_hex(8)
        self._tokens[token] = (credential, session)
        self.secrets += [token, session]
        response = web.json_response({"user": {"id": "u"}, "expires": "2099-01-01", "accessToken": token})
        response.set_cookie("session", session, path=self.prefix or "/")
        return response

    async def _conversation(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request)
        checks.headers(request, {"Content-Type": "application/json", "Accept": "text/event-stream"})
        bearer = request.headers.getall("X-Authorization", [])
        if len(bearer) != 1:
            raise Complaint(f"X-Authorization: {bearer}")
        prompt = await self._prompt(request)
        cookies = (request.cookies.get("credential"), request.cookies.get("session"))
        if self._tokens.get(bearer[0].removeprefix("Bearer ")) != cookies:
            return self._refuse()
        return await self.answer(request, "conversation", prompt)

    async def _prompt(self, request: web.Request) -> str:
        body = await checks.document(request, *BODY, "messages", "parent_message_id")
        for key, value in BODY.items():
            checks.equal(key, body[key], value)
        messages = body["messages"]
        if not isinstance(messages, list) or len(messages) != 1 or not isinstance(messages[0], dict):
            raise Complaint("messages: not a list of one object")
        message = messages[0]
        checks.exact_keys(message, "id", "author", "content", "metadata")
        checks.equal("author", message["author"], {"role": "user"})
        checks.equal("metadata", message["metadata"], {})
        for uuid in (message["id"], body["parent_message_id"]):
            self._uuids.new(checks.shape("uuid", uuid, UUID4))
        content = message["content"]
        if not isinstance(content, dict):
            raise Complaint("content: not an object")
        checks.exact_keys(content, "content_type", "parts")
        checks.equal("content_type", content["content_type"], "text")
        parts = content["parts"]
        if not isinstance(parts, list) or len(parts) != 1:
            raise Complaint("parts: not a list of one text")
        return checks.text("parts", parts[0])

    def _common(self, request: web.Request) -> None:
        chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36"
        expected = {
            "Accept-Language": "en-US",
            "User-Agent": chrome,
            "Referer": [f"{self.public}/?v=2", f"{self.base_url}/?v=2"],
            "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
            "sec-ch-ua-platform": '"Linux"',
            "sec-ch-ua-mobile": "?0",
        }
        checks.headers(request, expected)

    def _refuse(self) -> web.Response:
        detail = {"message": "Your session has expired", "code": "token_expired"}
        return web.json_response({"detail": detail}, status=self.refusal)
