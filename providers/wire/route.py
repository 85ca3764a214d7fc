"""How the requests of one call reach their service: through which proxy, with which cookies and patience."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from providers.base import Clock
from providers.wire.http import Http, failures
from providers.wire.masking import SHORTEST_SECRET, passwords_in
from providers.wire.status import check_status


def cookie_jar(url: str) -> aiohttp.CookieJar:
    """Return an empty jar for the service at `url`, which may be an IP address and may be plain http."""
    return aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=url)


def secrets(*values: str, cookies: aiohttp.CookieJar | None = None) -> list[str]:
    """Return what must be masked in errors, cookies too; what is too short to be a secret would only spoil them."""
    found = [*values, *(morsel.value for morsel in cookies or ())]
    return [value for value in found if len(value) >= SHORTEST_SECRET]


@dataclass(frozen=True, slots=True)
class Route:
    """The same for every request of a call. `silence_s`: until the first byte and of each silence; None: as usual."""

    http: Http
    clock: Clock
    proxy: str | None
    silence_s: float | None

    @asynccontextmanager
    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        cookies: aiohttp.CookieJar | None = None,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
        follow: bool = False,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and give the response, its status checked; `follow`: redirects are followed.

        To be used inside `failures` (providers.wire.http), which knows the secrets of the call. Leaving the block
        closes the connection if the body was not read.
        """
        with failures("", *self.http.secrets, *passwords_in(url), *passwords_in(self.proxy or "")):
            async with (
                self.http.session(self.proxy, cookies) as session,
                session.request(
                    method,
                    url,
                    headers=headers,
                    data=form,
                    json=json,
                    timeout=self.http.timeout(self.silence_s),
                    allow_redirects=follow,
                ) as response,
            ):
                await check_status(response, self.clock)
                yield response
