"""Why there is no connection, in words for whoever operates the bot."""

import socket
from collections.abc import Iterator

import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetMe
from aiohttp import ClientConnectorError

from providers.errors import NoConnection
from providers.wire.http import Http, failures
from providers.wire.unreached import cause_of
from tests.providers.server import Server


@pytest.fixture
def silent() -> Iterator[str]:
    """Return an address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


async def said(http: Http, url: str, proxy: str | None = None) -> str:
    with pytest.raises(NoConnection) as caught, failures("some"):
        async with http.session(proxy) as session, session.get(url):
            pass
    return caught.value.reason


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_address_where_nothing_listens(http: Http, silent: str, scheme: str) -> None:
    assert await said(http, f"{scheme}://{silent}") == f"no connection to {silent}: nothing listens there"


async def test_a_name_that_nobody_knows(http: Http) -> None:
    assert (await said(http, "http://no-such-host.invalid")).startswith(
        "the name no-such-host.invalid is not known here: "
    )


async def test_a_server_without_tls(http: Http, server: Server) -> None:
    place = server.url.removeprefix("http://").rstrip("/")

    assert await said(http, f"https://{place}") == (
        f"{place} speaks no TLS, so its address begins with http:// and not https://"
    )


async def test_a_socks_proxy_that_does_not_run(http: Http, silent: str) -> None:
    told = await said(http, "http://no-such-host.invalid", f"socks5://user:hunter2@{silent}")

    assert told == f"no connection to the proxy {silent}: nothing listens there"


async def test_an_error_around_that_of_the_connection_is_told_by_that(http: Http, silent: str) -> None:
    around = TelegramNetworkError(method=GetMe(), message="ClientConnectorError: Cannot connect to host")
    try:
        async with http.session() as session, session.get(f"http://{silent}"):
            pass
    except ClientConnectorError as error:
        around.__cause__ = error

    assert cause_of(around) == f"no connection to {silent}: nothing listens there"
