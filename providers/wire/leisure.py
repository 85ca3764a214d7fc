"""Leisure: what nobody looks at yet is left where it is, and read in fewer pieces."""

import asyncio
from collections.abc import Mapping

import aiohttp

from providers.base import Leisure

LEAST_S = 0.01  # a shorter rest saves nothing


def leisure_in(options: Mapping[str, object]) -> Leisure | None:
    """Return the caller's leisure among the options of a call, None where it has none."""
    given = options.get("leisure")
    return given if callable(given) else None


class Rest:
    """Rests between two reads of a body, for as long as the caller has leisure; the body's end ends it."""

    def __init__(self, response: aiohttp.ClientResponse, leisure: Leisure | None) -> None:
        self._leisure = leisure
        if leisure:
            self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            response.content.on_eof(self._end)

    async def take(self) -> None:
        """Rest, if there is time for it."""
        if self._leisure and not self._ended.done() and (rest_s := self._leisure()) >= LEAST_S:
            await asyncio.wait([self._ended], timeout=rest_s)

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
