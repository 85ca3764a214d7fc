"""Post: what comes to the webhook's port, read as far as it has to be."""

import asyncio
import hmac
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from bot.intake.updates.reading import is_too_deep, update_id

MAX_BYTES = 1 << 20  # of an update; Telegram's are some 100 KB at the most
READ_S = 10.0  # for the body to arrive
MAX_WAITING = 500  # updates that are not kept yet; Telegram has 100 of a bot under way at the most
MAX_WAITING_BYTES = 32 << 20  # their bodies
MOST = 20  # into the rows at once: the next post is not to wait for more


class Post(Protocol):
    """What was posted, as far as it was read."""

    @property
    def secret(self) -> str:
        """What the header says."""

    @property
    def length(self) -> int | None:
        """How many bytes there are to come, as the header says."""

    async def read(self, limit: int) -> bytes | None:
        """Return the body, None where it is longer than `limit` bytes."""


@dataclass(frozen=True, slots=True)
class Read:
    """The update of a post; `size`: bytes of its body."""

    id: int
    raw: object
    size: int


def refused(post: Post, secret: str) -> HTTPStatus | None:
    """Return how a post is answered of which nothing is read, None where it is to be read."""
    if not hmac.compare_digest(post.secret.encode("utf-8", "surrogateescape"), secret.encode()):
        return HTTPStatus.UNAUTHORIZED
    if post.length is not None and post.length > MAX_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return None


async def read_update(post: Post) -> Read | HTTPStatus:
    """Return the update of a post, or how that is answered where it has none."""
    try:
        async with asyncio.timeout(READ_S):
            body = await post.read(MAX_BYTES)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT
    if body is None:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return HTTPStatus.BAD_REQUEST  # cut off on its way: it comes again
    if (known := update_id(raw)) is None or is_too_deep(raw):
        return HTTPStatus.BAD_REQUEST
    return Read(known, raw, len(body))
