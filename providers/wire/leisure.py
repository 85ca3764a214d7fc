"""Leisure: what nobody looks at yet is left where it is, and read in fewer pieces."""

import asyncio
from collections.abc import AsyncGenerator, Mapping

import aiohttp

from providers.base import Leisure

LEAST_S = 0.01  # a shorter rest saves nothing
MANY = 16 * 1024  # bytes at once: more may wait behind them, since a connection holds few, and nothing is held up


def leisure_in(options: Mapping[str, object]) -> Leisure | None:
    """Return the caller's leisure among the options of a call, None where it has none."""
    given = options.get("leisure")
    return given if callable(given) else None


async def chunks(response: aiohttp.ClientResponse, leisure: Leisure | None) -> AsyncGenerator[bytes, None]:
    """Yield a body as it comes, what comes while the caller has leisure in one piece; the body's end ends a rest."""
    content, rest = response.content, _Rest()
    if leisure:
        content.on_eof(rest.end)
    while data := await content.readany():
        yield data
        if leisure is None or len(data) >= MANY or rest.has_ended or (rest_s := leisure()) < LEAST_S:
            continue
        await rest.take(rest_s)
        if rescued := _rescued(content):
            yield rescued


class _Rest:
    """Rests that can be ended for good; to make them with `asyncio.wait` takes longer, and there are many."""

    def __init__(self) -> None:
        self.has_ended = False
        self._over: asyncio.Future[None] | None = None

    async def take(self, seconds: float) -> None:
        """Wait for so long, or until the end."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._over
        finally:
            timer.cancel()
            self._over = None

    def end(self) -> None:
        """End the present one, and take none any more."""
        self.has_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._over and not self._over.done():
            self._over.set_result(None)


def _rescued(content: aiohttp.StreamReader) -> bytes:
    """Return what lies in a connection that broke off; a read would raise that failure alone, as it does after this."""
    failure = content.exception()
    if failure is None:
        return b""
    content.set_exception(None)  # type: ignore[arg-type]  # as it was before; a read looks at nothing else
    rescued = content.read_nowait()
    content.set_exception(failure)
    return rescued
