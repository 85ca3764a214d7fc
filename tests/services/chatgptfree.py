"""ChatgptFree's site: a page with a nonce that lasts, an AJAX call that answers with a stream or one object."""

from collections.abc import Callable, Mapping

from aiohttp import web

from tests.services import checks, wordpress
from tests.services.service import Handler, Service

FIELDS = ("_wpnonce", "post_id", "url", "action", "message", "bot_id")
POST_ID = "6"
LANGUAGES = "en,fr-FR;q=0.9,fr;q=0.8,es-ES;q=0.7,es;q=0.6,en-US;q=0.5,am;q=0.4,de;q=0.3"


class ChatgptFree(Service):
    """The server; a nonce is good until `revoke`, and only with the cookie of its page.

    `cookies`: what a caller's cookies must be on both requests.
    """

    public = "https://chatgptfree.ai"

    def __init__(self, *, prefix: str = "/x") -> None:
        super().__init__(reply=lambda prompt: wordpress.stream(prompt[:3], prompt[3:]), prefix=prefix)
        self.markup: Callable[[str, str], str] = wordpress.markup
        self.refusal: wordpress.Refusal = "object"
        self.cookies: dict[str, str] = {}
        self._nonces: dict[str, str] = {}

    def routes(self) -> Mapping[str, tuple[str, str, Handler]]:
        """Return the two addresses."""
        return {"page": ("GET", "/", self._page), "ajax": ("POST", wordpress.AJAX, self._ajax)}

    def revoke(self) -> None:
        """Refuse all nonces issued so far."""
        self._nonces.clear()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self._common(request)
        checks.query(request)
        await checks.no_body(request)
        if fault := self.fault("page"):
            return await fault(request)
        nonce, cookie = wordpress.fresh_nonce(), wordpress.fresh_nonce()
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
        prompt = checks.text("message", fields["message"])
        checks.equal("post_id", fields["post_id"], POST_ID)
        cookie = self._nonces.get(checks.text("_wpnonce", fields["_wpnonce"]))
        if cookie is None or request.cookies.get("wpaicg_session") != cookie:
            return wordpress.refuse(self.refusal)
        return await self.answer(request, "ajax", prompt)

    def _common(self, request: web.Request) -> None:
        chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36"
        expected = {
            "authority": ["chatgptfree.ai", self.authority],
            "accept": "*/*",
            "accept-language": LANGUAGES,
            "origin": [self.public, self.base_url],
            "referer": [f"{self.public}/chat/", f"{self.base_url}/chat/"],
            "sec-ch-ua": '"Chromium";v="118", "Google Chrome";v="118", "Not=A?Brand";v="99"',
            "sec-ch-ua-mobile": "?0",
            "sec-ch-ua-platform": '"macOS"',
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-origin",
            "user-agent": chrome,
        }
        checks.headers(request, expected)
        checks.cookies(request, self.cookies)
