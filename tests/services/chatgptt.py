"""ChatGptt's site: a page with a nonce for one question, an AJAX call that answers with one object."""

from collections.abc import Callable, Mapping

from aiohttp import web

from tests.services import checks, wordpress
from tests.services.service import Handler, Service
from tests.services.wire import Wire

FIELDS = (
    "_wpnonce",
    "post_id",
    "url",
    "action",
    "message",
    "bot_id",
    "chatbot_identity",
    "wpaicg_chat_client_id",
    "wpaicg_chat_history",
)
POST_ID = "1050"


class ChatGptt(Service):
    """The server; a nonce is good for one question and only with the cookie of its page.

    `cached_pages`: how many next pages come from a cache, with a nonce that is no longer good.
    """

    public = "https://chatgptt.me"

    def __init__(self, *, prefix: str = "/x") -> None:
        super().__init__(reply=wordpress.whole, prefix=prefix)
        self.wire = Wire(content_type="application/json")
        self.markup: Callable[[str, str], str] = wordpress.markup
        self.refusal: wordpress.Refusal = "object"
        self.cached_pages = 0
        self._nonces: dict[str, str] = {}
        self._clients = checks.Once("wpaicg_chat_client_id")

    def routes(self) -> Mapping[str, tuple[str, str, Handler]]:
        """Return the two addresses."""
        return {"page": ("GET", "", self._page), "ajax": ("POST", wordpress.AJAX, self._ajax)}

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request)
        await checks.no_body(request)
        if fault := self.fault("page"):
            return await fault(request)
        nonce, cookie = wordpress.fresh_nonce(), wordpress.fresh_nonce()
        if self.cached_pages:
            self.cached_pages -= 1
        else:
            self._nonces[nonce] = cookie
        self.secrets += [nonce, cookie]
        response = web.Response(text=self.markup(nonce, POST_ID), content_type="text/html")
        response.set_cookie("wpaicg_session", cookie, path=self.prefix or "/")
        return response

    async def _ajax(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request)
        fields = await checks.form(request, *FIELDS)
        checks.equal("url", fields["url"], self.base_url)
        checks.equal("action", fields["action"], wordpress.ACTION)
        checks.equal("bot_id", fields["bot_id"], "0")
        checks.equal("chatbot_identity", fields["chatbot_identity"], "shortcode")
        checks.equal("wpaicg_chat_history", fields["wpaicg_chat_history"], "None", "", "[]")
        self._clients.new(checks.shape("wpaicg_chat_client_id", fields["wpaicg_chat_client_id"], "[0-9a-f]{10}"))
        prompt = checks.text("message", fields["message"])
        checks.equal("post_id", fields["post_id"], POST_ID)
        checks.text("_wpnonce", fields["_wpnonce"])
        cookie = self._nonces.pop(fields["_wpnonce"], None)
        if cookie is None or request.cookies.get("wpaicg_session") != cookie:
            return wordpress.refuse(self.refusal)
        return await self.answer(request, "ajax", prompt)

    def _common(self, request: web.Request) -> None:
        chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
        expected = {
            "authority": ["chatgptt.me", self.authority],
            "accept": "application/json",
            "origin": [self.public, self.base_url],
            "referer": [f"{self.public}/chat", f"{self.base_url}/chat"],
            "user-agent": chrome,
        }
        checks.headers(request, expected)
