"""One question to a JSON service: a request whose answer is read as a stream of JSON objects and folded to deltas."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager

import aiohttp

from providers.base import Clock, Delta
from providers.completion import Completion
from providers.errors import ProviderError
from providers.http import HTTP_ERRORS, Call
from providers.sse import objects
from providers.status import check_status

TRAILER_TIMEOUT = 2  # seconds; what a service gets after its last text for the token count and the end marker


@asynccontextmanager
async def exchange(
    session: aiohttp.ClientSession,
    url: str,
    body: Mapping[str, object] | None = None,
    *,
    headers: Mapping[str, str],
    limits: aiohttp.ClientTimeout,
    clock: Clock,
) -> AsyncIterator[AsyncGenerator[dict[str, object], None]]:
    """Send `body` as JSON (without one: a GET), check the status and give the objects of the answer.

    Redirects are not followed: they would carry keys to another host. Leaving the block closes the connection. Raises
    what `check_status` and `objects` raise; to be used inside `failures`.
    """
    method = "GET" if body is None else "POST"
    async with session.request(
        method, url, json=body, headers=headers, timeout=limits, allow_redirects=False
    ) as response:
        await check_status(response, clock)
        async with aclosing(objects(response)) as items:
            yield items


async def completed(
    items: AsyncGenerator[dict[str, object], None], completion: Completion, call: Call
) -> AsyncGenerator[Delta, None]:
    """Yield the deltas of a completion and raise what keeps it from being whole.

    Once it is finished, a failure or a silent connection does no more harm: some servers never close it.
    """
    while True:
        try:
            async with asyncio.timeout(TRAILER_TIMEOUT if completion.finished else None):
                item = await anext(items)
        except StopAsyncIteration:
            break
        except (ProviderError, *HTTP_ERRORS):
            if not completion.finished:
                raise
            break
        for delta in completion.take(item):
            call.began = completion.began
            yield delta
    for delta in completion.rest():
        call.began = completion.began
        yield delta
    completion.check()
