"""The shared client: connections, proxies, time limits, and what a failure is called."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from providers.errors import (
    Incomplete,
    NoConnection,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    TimedOut,
)
from providers.wire.http import MAX_SOCKS_PROXIES, Http, failures
from tests.providers.server import Server
from tests.services.faults import body, hang_up, silence, status
from tests.services.proxies import PASSWORD, HttpProxy, SocksProxy
from tests.services.wire import Wire

KEY = "sk-proj-0123456789abcdef"


async def get(http: Http, url: str, *, proxy: str | None = None, silence_s: float | None = None) -> str:
    with failures("some", KEY):
        async with (
            http.session(proxy) as session,
            session.get(url, timeout=http.timeout(silence_s)) as response,
        ):
            return await response.text()


@pytest.fixture
async def unused_port() -> AsyncIterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_sessions_share_their_connections(http: Http, server: Server) -> None:
    peers = []

    async def answer(request: web.Request) -> web.StreamResponse:
        peers.append(request.transport.get_extra_info("peername") if request.transport else None)
        return web.Response()

    server.answers["/"] = answer

    await get(http, server.url)
    await get(http, server.url)

    assert len(peers) == 2
    assert peers[0] == peers[1]


async def test_a_session_without_a_jar_keeps_no_cookies_and_one_with_a_jar_does(http: Http, server: Server) -> None:
    server.answers["/"] = status(200, headers={"Set-Cookie": "a=b"})

    for jar in (None, aiohttp.CookieJar(unsafe=True)):
        async with http.session(cookie_jar=jar) as session:
            await session.get(server.url)
            await session.get(server.url)

    assert [asked.headers.get("Cookie") for asked in server.asked] == [None, None, None, "a=b"]


async def test_a_proxy_is_used_for_the_call_that_names_it(http: Http, server: Server) -> None:
    server.answers["/"] = status(200, "x")

    async with HttpProxy() as first, SocksProxy() as second:
        texts = [await get(http, server.url, proxy=proxy) for proxy in (first.url, second.url, None)]

    assert texts == ["x", "x", "x"]
    assert first.seen == [f"GET {server.url}"]
    assert [f"http://{place}" for place in second.seen] == [server.url]


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
async def test_the_default_proxy_is_used_for_a_call_that_names_none(
    kind: type[HttpProxy | SocksProxy], server: Server
) -> None:
    server.answers["/"] = status(200, "x")

    async with kind() as proxy, Http(proxy=proxy.url) as http:
        await get(http, server.url)

        assert len(proxy.seen) == 1


async def test_a_socks_proxy_that_looks_up_names_may_say_so(http: Http, server: Server) -> None:
    server.answers["/"] = status(200, "x")
    port = server.url.rpartition(":")[2]

    async with SocksProxy() as proxy:
        await get(http, f"http://localhost:{port}", proxy=proxy.url.replace("socks5", "socks5h"))

        assert proxy.seen == [f"localhost:{port}"]


async def test_a_socks_proxy_beyond_those_that_are_pooled_works_and_leaves_nothing_open(server: Server) -> None:
    server.answers["/"] = status(200, "x")

    async with SocksProxy() as proxy, Http() as http:
        for number in range(MAX_SOCKS_PROXIES):
            await http.session(f"socks5://127.0.0.1:{number + 1}").close()
        async with http.session(proxy.url) as session, session.get(server.url) as response:
            connector = session.connector
            text = await response.text()

        assert text == "x"
        assert connector is not None
        assert connector.closed


@pytest.mark.parametrize(
    "proxy", ["ftp://h:1", "socks5://h", "socks5://:1", "http://", "http://[", "nonsense", "socks5://h:99999"]
)
async def test_a_proxy_address_that_cannot_be_used_is_no_connection(http: Http, server: Server, proxy: str) -> None:
    server.answers["/"] = status(200, "x")

    with pytest.raises(NoConnection):
        await get(http, server.url, proxy=proxy)

    assert server.asked == []


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_down_is_no_connection_and_its_password_is_not_told(
    http: Http, server: Server, unused_port: int, scheme: str
) -> None:
    with pytest.raises(NoConnection) as caught:
        await get(http, server.url, proxy=f"{scheme}://user:{PASSWORD}@127.0.0.1:{unused_port}")

    assert PASSWORD not in f"{caught.value} {caught.value!r}"
    assert caught.value.__suppress_context__


async def test_a_refused_connection_and_an_unknown_name_are_no_connection(http: Http, unused_port: int) -> None:
    for url in (f"http://127.0.0.1:{unused_port}", "http://no-such-host.invalid", "http://"):
        with pytest.raises(NoConnection) as caught:
            await get(http, url)

        assert caught.value.provider == "some"


async def test_a_server_that_hangs_up_is_no_connection(http: Http, server: Server) -> None:
    server.answers["/"] = hang_up()

    with pytest.raises(NoConnection, match="without an answer"):
        await get(http, server.url)


async def test_a_body_that_breaks_off_before_any_text_is_no_connection(http: Http, server: Server) -> None:
    server.answers["/"] = body(b"x", Wire(end="cut"))

    with pytest.raises(NoConnection, match="broke off"):
        await get(http, server.url)


@pytest.mark.parametrize("answer", [silence(), body(b"x", Wire(end="hold"))], ids=["no first byte", "silence"])
async def test_silence_is_a_timeout_with_words(http: Http, server: Server, answer: object) -> None:
    server.answers["/"] = answer  # type: ignore[assignment]  # a fault, which parametrize does not know

    with pytest.raises(TimedOut, match="silent for too long"):
        await get(http, server.url, silence_s=0.05)

    await server.busy(0)


async def test_a_server_that_accepts_no_connection_is_a_timeout() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        full = [socket.socket() for _ in range(3)]
        for one in full:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        async with Http(connect_timeout_s=0.1) as http:
            with pytest.raises(TimedOut, match="no connection in time"):
                await get(http, f"http://127.0.0.1:{deaf.getsockname()[1]}")
        for one in full:
            one.close()


async def test_what_is_no_http_is_a_failed_service(http: Http) -> None:
    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as listener:
        with pytest.raises(ServiceFailed, match="unexpected answer"):
            await get(http, f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiohttp.ClientPayloadError("x"), Incomplete),
        (ServiceFailed("x", status=500), Incomplete),
        (RateLimited("x"), Incomplete),
        (ConnectionResetError("x"), Incomplete),
        (TimeoutError("x"), TimedOut),
        (Refused("x"), Refused),
        (Incomplete("x"), Incomplete),
    ],
    ids=repr,
)
def test_a_failure_after_the_first_text_leaves_an_incomplete_answer(
    error: Exception, expected: type[ProviderError]
) -> None:
    def call() -> None:
        with failures("some") as call:
            call.began = True
            raise error

    with pytest.raises(expected) as caught:
        call()

    assert type(caught.value) is expected


def test_other_exceptions_are_left_alone() -> None:
    for error in (asyncio.CancelledError(), KeyError("a bug"), GeneratorExit()):
        with pytest.raises(type(error)), failures("some"):
            raise error


def test_an_error_keeps_the_name_of_the_provider_that_it_has() -> None:
    with pytest.raises(ServiceFailed) as caught, failures("outer"):
        raise ServiceFailed("x", provider="inner", status=500)

    assert caught.value.provider == "inner"


async def test_a_closed_client_has_no_connections(server: Server) -> None:
    server.answers["/"] = status(200, "x")
    http = Http()
    async with http.session() as session, session.get(server.url) as response:
        await response.read()
        connector = session.connector

    await http.close()

    assert connector is not None
    assert connector.closed


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_origin_takes_nothing_there(http: Http, server: Server, code: int) -> None:
    async with Server() as other:
        server.answers["/"] = status(code, headers={"Location": f"{other.url}/stolen"})
        other.answers["/stolen"] = status(200, "thanks")
        keys = {"Authorization": "Bearer k", "x-api-key": "k", "x-goog-api-key": "k", "X-Authorization": "k"}

        with pytest.raises(ServiceFailed) as caught, failures("some"):
            async with http.session() as session, session.post(server.url, headers=keys, json={"token": "k"}):
                pass

        assert other.asked == []
    assert caught.value.status == code
    assert caught.value.told == str(code)


async def test_a_redirect_within_the_origin_is_followed(http: Http, server: Server) -> None:
    server.answers = {"/": status(302, headers={"Location": "/home"}), "/home": status(200, "welcome")}

    async with http.session() as session, session.get(server.url) as response:
        assert await response.text() == "welcome"
