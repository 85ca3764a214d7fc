"""Files that a bot names by their address: the server fetches them, as Telegram's does."""

import aiohttp

from telegram_playground.api.schema import Upload
from telegram_playground.protocol.errors import bad_request

_TIMEOUT_S = 20.0
_MAX_PHOTO_BYTES, _MAX_BYTES = 5 << 20, 20 << 20  # core.telegram.org/bots/api#sending-files
_FAILED = "failed to get HTTP URL content"


async def fetched(url: str, *, photo: bool) -> Upload:
    """Fetch a file; raises ApiError where there is none, or one too large."""
    limit = _MAX_PHOTO_BYTES if photo else _MAX_BYTES
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session,
            session.get(url) as response,
        ):
            if response.status != 200:
                raise bad_request(_FAILED)
            data = bytearray()
            async for piece in response.content.iter_chunked(1 << 16):
                data += piece
                if len(data) > limit:
                    raise bad_request(_FAILED)
            mime, name = response.content_type, response.url.name
    except (TimeoutError, aiohttp.ClientError, ValueError, OSError) as error:
        raise bad_request(_FAILED) from error
    if photo and not mime.startswith("image/"):
        raise bad_request("wrong type of the web page content")
    name = name.encode("utf-8", "replace").decode()
    return Upload(name or "file", mime.encode("ascii", "replace").decode(), bytes(data))
