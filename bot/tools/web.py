"""Web: search, and pages read; by configuration, and never in the network in which the bot runs."""

from collections.abc import Mapping
from urllib.parse import urljoin

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.tools.apart import Apart
from bot.tools.offer import CallFailed, Offer, Result
from bot.tools.wanted import WebSettings
from providers.tools import Tool
from providers.wire.addresses import Inner, PublicResolver, opened

SEARCH, READ = "web_search", "web_read"
MAX_QUERY = 400  # characters
MAX_URL = 2_000
MAX_PAGE = 5 << 20  # bytes, unpacked
MAX_REDIRECTS = 5
FETCH_S = 15.0
KINDS = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "application/json")
HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; Deltagram)", "Accept": "text/html,text/plain;q=0.9,*/*;q=0.1"}


class Web:
    """What is offered of the web; `resolver` looks names up."""

    def __init__(self, settings: WebSettings, apart: Apart, resolver: AbstractResolver | None = None) -> None:
        self._settings = settings
        self._apart = apart
        self._resolver = resolver or PublicResolver()

    @property
    def offers(self) -> list[Offer]:
        """The tools."""
        query = {"type": "string", "description": "Words to search for"}
        url = {"type": "string", "description": "Address of the page, with https://"}
        return [
            Offer(
                Tool(SEARCH, "Searches the web: titles, addresses and excerpts of pages.", _schema("query", query)),
                label="web search",
                call=self._search,
                approval=self._settings.search,
                is_foreign=True,
                seconds=30,
            ),
            Offer(
                Tool(READ, "Reads the text of a page of the web.", _schema("url", url)),
                label="web page",
                call=self._read,
                approval=self._settings.read,
                is_foreign=True,
                seconds=45,
            ),
        ]

    async def _search(self, arguments: Mapping[str, object]) -> Result:
        words = " ".join(str(arguments.get("query") or "").split())[:MAX_QUERY]
        if not words:
            raise CallFailed("query is to be some words", is_known=True)
        return Result(await self._apart.run("search", words.encode("utf-8", "replace")) or "Nothing was found.")

    async def _read(self, arguments: Mapping[str, object]) -> Result:
        url = str(arguments.get("url") or "").strip()
        connector = TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True)
        timeout = ClientTimeout(total=FETCH_S)
        try:
            async with ClientSession(connector=connector, timeout=timeout, headers=HEADERS, trust_env=False) as session:
                kind, page = await self._fetch(session, url)
        except Inner:
            raise CallFailed("The address is of the inner network.", is_known=True) from None
        except TimeoutError:
            raise CallFailed(f"The page did not come within {FETCH_S:.0f} seconds.", is_known=True) from None
        except (ClientError, OSError, ValueError) as error:
            if isinstance(getattr(error, "os_error", None), Inner):
                raise CallFailed("The address is of the inner network.", is_known=True) from None
            raise CallFailed(f"The page could not be fetched ({type(error).__name__}).", is_known=True) from None
        if kind in ("text/html", "application/xhtml+xml"):
            return Result(await self._apart.run("page", page) or "There are no words on this page.")
        return Result(page.decode("utf-8", "replace"))

    async def _fetch(self, session: ClientSession, url: str) -> tuple[str, bytes]:
        """Return the kind of a page and its bytes. Raises CallFailed, ClientError, OSError, TimeoutError."""
        for _ in range(MAX_REDIRECTS + 1):
            async with session.get(_opened(url), allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308) and (to := response.headers.get("Location")):
                    url = urljoin(url, to)
                    continue
                if response.status >= 400:
                    raise CallFailed(f"The page answers {response.status}.", is_known=True)
                if response.content_type not in KINDS:
                    raise CallFailed(f"It is no page of text but {response.content_type[:60]}.", is_known=True)
                page = bytearray()
                async for piece in response.content.iter_chunked(64 << 10):
                    page += piece
                    if len(page) > MAX_PAGE:
                        break
                return response.content_type, bytes(page[:MAX_PAGE])
        raise CallFailed("The page leads on too often.", is_known=True)


def _opened(url: str) -> URL:
    """Return an address that may be asked. Raises CallFailed, Inner."""
    try:
        if len(url) <= MAX_URL:
            return opened(url)
    except ValueError:
        pass
    raise CallFailed("url is to be an address that begins with http:// or https://", is_known=True)


def _schema(name: str, described: Mapping[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": {name: dict(described)}, "required": [name], "additionalProperties": False}
