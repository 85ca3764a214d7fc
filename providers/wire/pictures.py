"""Pictures as services send them: base64, maybe in a data: address, or an address to be fetched."""

import base64
import binascii
import re
from urllib.parse import urljoin, urlsplit

import aiohttp

from providers.base import Media
from providers.errors import ServiceFailed
from providers.wire.addresses import Inner, PublicResolver, opened
from providers.wire.http import Http

MAX_PICTURE = 20 << 20  # bytes
MAX_BASE64 = MAX_PICTURE * 4 // 3 + 1024  # characters
FETCH_S = 30.0

_BLANKS = re.compile(r"\s+")
_HEADS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))


def picture_in(text: object, *, final: bool = True) -> Media | None:
    """Return the picture in base64 or a data: address; None for what is none."""
    if not isinstance(text, str) or len(text) > MAX_BASE64:
        return None
    if text.startswith("data:"):
        head, _, text = text.partition(",")
        if not head.endswith(";base64"):
            return None
    try:
        return picture_of(base64.b64decode(_BLANKS.sub("", text), validate=True), final=final)
    except (binascii.Error, ValueError):
        return None


def picture_of(data: bytes, *, final: bool = True) -> Media | None:
    """Return bytes as a picture, whatever they are said to be; None for what is none."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Media("image/webp", data, final)
    return next((Media(kind, data, final) for head, kind in _HEADS if data.startswith(head)), None)


async def fetched(http: Http, address: str, beside: str) -> bytes:
    """Fetch a picture by its address. Raises ServiceFailed, and what HTTP raises.

    An address on the service itself (`beside`) is fetched there; any other one must be public: a service must not make
    us ask what only this machine can reach. No key goes along, and none is fetched
    past a proxy.
    """
    try:
        url = urljoin(beside, address)
    except ValueError:
        raise ServiceFailed("the picture has no address", status=200) from None
    is_beside = _origin(url) is not None and _origin(url) == _origin(beside)
    if not is_beside and (http.is_proxied or not _may_be_public(url)):
        raise ServiceFailed("the picture lies at an address that is not public", status=200)
    connector = None if is_beside else aiohttp.TCPConnector(resolver=PublicResolver())
    async with (
        http.session() if connector is None else aiohttp.ClientSession(connector=connector) as session,
        session.get(url, timeout=aiohttp.ClientTimeout(total=FETCH_S), allow_redirects=False) as response,
    ):
        if response.status != 200:
            raise ServiceFailed("the picture cannot be fetched", status=response.status)
        return await body_of(response, MAX_PICTURE)


async def body_of(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read an answer. Raises ServiceFailed where it is longer than `limit` bytes."""
    body = bytearray()
    async for some in response.content.iter_any():
        body += some
        if len(body) > limit:
            raise ServiceFailed(f"an answer of more than {limit >> 20} MB", status=response.status)
    return bytes(body)


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None


def _may_be_public(url: str) -> bool:
    """Tell whether an address names a host on the open net; a name is looked up later, where it is connected to."""
    try:
        opened(url)
    except (Inner, ValueError):
        return False
    return True
