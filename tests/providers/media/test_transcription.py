"""Who writes down recordings is asked as OpenAI's endpoint has it; what it does wrong is told, and takes no time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from providers.base import Usage
from providers.errors import (
    ConfigurationError,
    NotTaken,
    ProviderError,
    RateLimited,
    ServiceFailed,
    SignInFailed,
    TimedOut,
)
from providers.media.transcription import Transcript
from providers.registry import secrets, transcriber
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.stopwatch import within

Say = Callable[[web.Request], Coroutine[None, None, web.StreamResponse]]


class Service:
    """A server with the endpoint, that says what a test wants."""

    def __init__(self) -> None:
        self.says: list[Say] = []
        self.keys: list[str | None] = []
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.keys.append(request.headers.get("Authorization"))
        await request.read()
        self.asked.set()
        try:
            return await (self.says.pop(0) if len(self.says) > 1 else self.says[0])(request)
        except asyncio.CancelledError:
            self.left.set()
            raise

    def answers(self, text: str, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        async def say(_: web.Request) -> web.Response:
            return web.Response(text=text, status=status, content_type=kind, headers=headers)

        self.says.append(say)

    def hangs(self) -> None:
        async def say(_: web.Request) -> web.Response:
            await asyncio.Event().wait()
            raise AssertionError

        self.says.append(say)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def url(service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[str]:
    monkeypatch.chdir(tmp_path)
    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/v1/audio/transcriptions", service.answer)
    server = TestServer(app)
    await server.start_server()
    monkeypatch.setenv("TRANSCRIPTION_BASE_URL", str(server.make_url("/v1")))
    yield str(server.make_url("/v1"))
    await server.close()


async def heard(clock: FakeClock, silence_s: float = 5.0) -> Transcript:
    async with Http() as http:
        return await transcriber(http, clock=clock, silence_s=silence_s).write_down(b"OggS", "audio/ogg", "ogg")


async def test_it_says_what_was_said_and_what_it_took(service: Service, url: str, clock: FakeClock) -> None:
    service.answers('{"text": " Hi\\u0000 \\ud83e ", "usage": {"input_tokens": 7, "output_tokens": 2}}')

    assert await heard(clock) == Transcript("Hi \ufffd", Usage(7, 2), by="transcription")


@pytest.mark.parametrize(
    ("text", "status", "kind", "error"),
    [
        ("<html><title>Welcome</title></html>", 200, "text/html", ServiceFailed),
        ('{"text": null}', 200, "application/json", ServiceFailed),
        ("[1]", 200, "application/json", ServiceFailed),
        ("[" * 100_000, 200, "application/json", ServiceFailed),
        ('{"text": "' + "a" * (3 << 20) + '"}', 200, "application/json", ServiceFailed),
        ('{"error": {"message": "no such key sk-secret-key"}}', 401, "application/json", SignInFailed),
        ("", 404, "text/plain", ServiceFailed),
        ("", 302, "text/plain", ServiceFailed),
    ],
)
async def test_what_is_no_transcript_is_an_error_at_once(
    service: Service, url: str, clock: FakeClock, text: str, status: int, kind: str, error: type[ProviderError]
) -> None:
    service.answers(text, status, kind)

    with pytest.raises(error):
        await heard(clock)

    assert len(service.keys) == 1


async def test_a_service_that_fails_once_is_asked_again(service: Service, url: str, clock: FakeClock) -> None:
    service.answers("oops", 500)
    service.answers("", 429, **{"Retry-After": "2"})
    service.answers('{"text": "Hi"}')

    hearing = asyncio.ensure_future(heard(clock))
    for pause_s in (0.5, 2.0):
        await clock.asleep()
        await clock.advance(pause_s)

    assert (await hearing).text == "Hi"


async def test_a_longer_wait_is_told_at_once(service: Service, url: str, clock: FakeClock) -> None:
    service.answers("", 429, **{"Retry-After": "60"})

    with pytest.raises(RateLimited):
        await heard(clock)


async def test_a_service_that_hangs_is_left(service: Service, url: str, clock: FakeClock) -> None:
    service.hangs()

    with pytest.raises(TimedOut):
        await heard(clock, silence_s=0.2)


async def test_leaving_closes_the_connection(service: Service, url: str, clock: FakeClock) -> None:
    service.hangs()
    hearing = asyncio.ensure_future(heard(clock, silence_s=60))
    await service.asked.wait()

    hearing.cancel()

    async with within(5):
        await service.left.wait()


async def test_a_key_goes_to_no_address_but_its_own(
    service: Service, url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-others")
    service.answers('{"text": "Hi"}')
    await heard(clock)
    monkeypatch.setenv("TRANSCRIPTION_API_KEY", "sk-for-this-one")
    await heard(clock)

    assert service.keys == [None, "Bearer sk-for-this-one"]
    assert "sk-for-this-one" in secrets()
    monkeypatch.delenv("TRANSCRIPTION_BASE_URL")
    with pytest.raises(ConfigurationError, match="TRANSCRIPTION_BASE_URL"):
        await heard(clock)


async def test_without_an_address_the_first_service_that_has_the_endpoint_is_asked(
    service: Service, url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRANSCRIPTION_BASE_URL")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant")
    monkeypatch.setenv("OPENAI_BASE_URL", url.replace("/v1", "/none"))
    monkeypatch.setenv("GROQ_API_KEY", "gsk-groq")
    monkeypatch.setenv("GROQ_BASE_URL", url)
    service.answers('{"text": "Hi"}')

    async with Http() as http:
        listening = transcriber(http, clock=clock, silence_s=5)
        assert [each.id for each in listening.endpoints] == ["openai", "groq"]
        for _ in range(2):
            assert (await listening.write_down(b"OggS", "audio/ogg", "ogg")).text == "Hi"

        assert [each.id for each in listening.endpoints] == ["groq"]
    assert service.keys == ["Bearer gsk-groq"] * 2


async def test_where_nobody_has_the_endpoint_that_is_an_error_of_its_own(
    url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRANSCRIPTION_BASE_URL")

    with pytest.raises(NotTaken):
        await heard(clock)
