"""The HTTP client that all providers share, and what its failures mean.

    async with http.session(proxy) as session:
        with failures(self.id, key) as call:
            async with session.post(url, json=body, timeout=http.timeout(timeout)) as response:
                await check_status(response, clock)           # providers.wire.status
                async for item in objects(response):          # providers.wire.sse
                    ...
                    call.began = True                         # before the first text is yielded
                    yield text

A session is cheap: connections are pooled per proxy and outlive it. Leaving the block, also by cancellation, closes a
connection whose response was not read to its end.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractCookieJar
from aiohttp_socks import ProxyConnector, ProxyTimeoutError

from providers.errors import Incomplete, NoConnection, ProviderError, Refused, ServiceFailed, TimedOut
from providers.wire.masking import SHORTEST_SECRET, mask, passwords_in
from providers.wire.unreached import HTTP_ERRORS, cause_of

MAX_SOCKS_PROXIES = 16  # pools kept; a call through one more has a pool of its own
PROXY_SCHEMES = ("http", "https", "socks4", "socks5", "socks5h")
USER_AGENT = "Deltagram"


class Http:
    """Connections to services, pooled per proxy. Close it when the last provider is closed.

    `proxy` (http, https, socks4, socks5) is for calls that name none. `connect_timeout_s` limits name look-up,
    connecting, TLS and the proxy's handshake; `silence_timeout_s` the wait for the first byte and each silence after
    (None: the caller limits it; a timer for every piece of a body costs a fifth of what reading it takes).
    """

    def __init__(
        self, *, proxy: str | None = None, connect_timeout_s: float = 10, silence_timeout_s: float | None = 120
    ) -> None:
        self._proxy = proxy
        self._connect_timeout_s = connect_timeout_s
        self._silence_timeout_s = silence_timeout_s
        self._headers: dict[str, str] = {}
        self._pools = _Pools()
        self.secrets: tuple[str, ...] = tuple(passwords_in(proxy or ""))

    def through(self, *, proxy: str | None, headers: Mapping[str, str]) -> Self:
        """Return a client on the same connections with a proxy, and headers, of its own; only the first one is closed.

        What is in the headers is masked in errors, as the proxy's password is.
        """
        view = copy(self)
        view._proxy = proxy or self._proxy
        view._headers = {**self._headers, **headers}
        values = [word for value in view._headers.values() for word in (value, value.rpartition(" ")[2])]
        shown = tuple(value for value in values if len(value) >= SHORTEST_SECRET)
        view.secrets = (*self.secrets, *shown, *passwords_in(proxy or ""))
        return view

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def is_proxied(self) -> bool:
        """Tell whether a proxy stands between, which looks names up itself."""
        return self._proxy is not None

    def session(self, proxy: str | None = None, cookie_jar: AbstractCookieJar | None = None) -> aiohttp.ClientSession:
        """Return a session to be closed by the caller; without `cookie_jar` it keeps no cookies.

        A redirect to another origin is a failure: keys, cookies and what was asked are for the one that was configured.
        For a service at an IP address the jar must be `aiohttp.CookieJar(unsafe=True)`. Raises NoConnection where the
        proxy's address cannot be used.
        """
        proxy = proxy or self._proxy
        socks = proxy is not None and _proxy_scheme(proxy).startswith("socks")
        connector = self._pools.socks(proxy) if proxy and socks else self._pools.straight()
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=not self._pools.holds(connector),
            cookie_jar=cookie_jar if cookie_jar is not None else aiohttp.DummyCookieJar(),
            proxy=None if socks else proxy,
            headers={"User-Agent": USER_AGENT, **self._headers},
            timeout=self.timeout(),
            trace_configs=[_redirects()],
        )

    def timeout(self, silence_s: float | None = None) -> aiohttp.ClientTimeout:
        """Return limits, none for the whole answer; `silence_s`: until the first byte and of each silence."""
        return aiohttp.ClientTimeout(
            total=None,
            connect=self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            sock_read=silence_s or self._silence_timeout_s,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pools.close()


class _Pools:
    """Open connections, by proxy."""

    def __init__(self) -> None:
        self._direct: aiohttp.TCPConnector | None = None
        self._socks: dict[str, ProxyConnector] = {}

    async def close(self) -> None:
        connectors = [*self._socks.values(), *([self._direct] if self._direct else [])]
        self._direct = None
        self._socks.clear()
        for connector in connectors:
            await connector.close()

    def holds(self, connector: aiohttp.BaseConnector) -> bool:
        return connector is self._direct or connector in self._socks.values()

    def straight(self) -> aiohttp.TCPConnector:
        if self._direct is None:
            self._direct = aiohttp.TCPConnector(limit=0)
        return self._direct

    def socks(self, proxy: str) -> ProxyConnector:
        if proxy in self._socks:
            return self._socks[proxy]
        try:
            # socks5h, where the proxy looks names up, is what aiohttp_socks does at every SOCKS 5 proxy
            connector = ProxyConnector.from_url(proxy.replace("socks5h://", "socks5://", 1), limit=0)
        except ValueError as error:
            raise NoConnection(f"the proxy's address: {error}") from None
        if len(self._socks) < MAX_SOCKS_PROXIES:
            self._socks[proxy] = connector
        return connector


@dataclass(slots=True)
class Call:
    """How far a call has come; `began`: text has been handed out, so a failure leaves an incomplete answer."""

    began: bool = False


@contextmanager
def failures(provider: str, *secrets: str) -> Iterator[Call]:
    """Turn what HTTP raises inside the block into a ProviderError that names the provider and holds no credentials.

    Once `began` is set, every failure but TimedOut and Refused becomes Incomplete. `secrets` are masked in reasons, and
    so is what looks like a key or a proxy's password.
    """
    call = Call()
    try:
        yield call
    except (ProviderError, *HTTP_ERRORS) as caught:
        error = caught if isinstance(caught, ProviderError) else _translated(caught)
        if call.began and not isinstance(error, (Incomplete, TimedOut, Refused)):
            error = Incomplete(error.cause, said=error.said, status=error.status)
        error.provider = error.provider or provider
        error.hide(lambda text: mask(text, *secrets))
        raise error from None  # the cause may hold the URL of a proxy with its password


def _redirects() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    config.on_request_redirect.append(_stay)
    return config


async def _stay(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestRedirectParams) -> None:
    """Raise ServiceFailed where a redirect leaves the origin of the request, or its encryption."""
    target = params.response.headers.get("Location", "")
    with suppress(ValueError):  # aiohttp itself tells an address that is none
        there = params.url.join(type(params.url)(target))
        upgraded = params.url.with_scheme("https") if params.url.is_default_port() else params.url
        if there.origin() not in (params.url.origin(), upgraded.with_port(None).origin()):
            params.response.close()
            raise ServiceFailed("redirects", said=f"to {target}", status=params.response.status)


def _proxy_scheme(proxy: str) -> str:
    try:
        parts = urlsplit(proxy)
        usable = parts.hostname and parts.port != 0 and parts.scheme in PROXY_SCHEMES
    except ValueError:
        usable = False
    if not usable:
        raise NoConnection(f"a proxy's address is one of {', '.join(PROXY_SCHEMES)}, then ://host:port")
    return parts.scheme


def _translated(error: Exception) -> ProviderError:
    match error:
        case aiohttp.ConnectionTimeoutError() | ProxyTimeoutError():
            return TimedOut("no connection in time", asked=False)
        case TimeoutError():
            return TimedOut("silent for too long")
        case aiohttp.ClientHttpProxyError():
            return NoConnection("the proxy refused", said=f"{error.status} {error.message}")
        case aiohttp.ClientResponseError():
            return ServiceFailed("unexpected answer", said=error.message, status=error.status)
        case aiohttp.ClientPayloadError():
            return NoConnection("the connection broke off in mid-answer")
        case aiohttp.ServerDisconnectedError():
            return NoConnection("the service closed the connection without an answer")
        case aiohttp.InvalidURL():
            return NoConnection("the address is not valid")
        case _:
            return NoConnection(cause_of(error))
