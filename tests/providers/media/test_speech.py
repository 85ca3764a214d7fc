"""Who reads aloud: what is asked, and what is no sound."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.work.extras.voice import beginning
from providers.errors import EmptyAnswer, NotTaken, ProviderError, ServiceFailed
from providers.media.endpoints import Endpoint
from providers.media.speech import MAX_INPUT, Speaker, Spoken
from providers.wire.http import Http
from tests.clock import FakeClock

OGG = b"OggS" + bytes(40)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[bytes, int], object]]:
    answers: list[tuple[bytes, int]] = []
    asked: list[object] = []

    async def speak(request: web.Request) -> web.Response:
        asked.append(await request.json())
        body, status = answers[0]
        return web.Response(body=body, status=status)

    app = web.Application()
    app.router.add_post("/v1/audio/speech", speak)
    async with TestServer(app) as server:

        def given(body: bytes, status: int = 200) -> tuple[str, list[object]]:
            answers[:] = [(body, status)]
            return str(server.make_url("/v1")), asked

        yield given


def speaker(http: Http, url: str, *, is_sure: bool = True) -> Speaker:
    return Speaker([Endpoint("mine", url, "tts", http, "sk-1", is_sure)], voice="alloy", clock=FakeClock())


async def test_opus_is_asked_for_and_given_on(http: Http, serve: Callable[..., tuple[str, list[object]]]) -> None:
    url, asked = serve(OGG)

    assert await speaker(http, url).speak("Hi" * MAX_INPUT) == Spoken(OGG, "audio/ogg", by="mine")
    assert asked == [
        {"model": "tts", "voice": "alloy", "input": ("Hi" * MAX_INPUT)[:MAX_INPUT], "response_format": "opus"}
    ]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"<html>", 200, ServiceFailed),
        (b"", 200, EmptyAnswer),
        (b'{"error": {"message": "no"}}', 400, ProviderError),
        (b"RIFF....WAVE", 200, ServiceFailed),
        (b"OggS" + bytes(50 << 20), 200, ServiceFailed),
    ],
)
async def test_what_is_no_sound_is_a_failure(
    http: Http, serve: Callable[..., tuple[str, list[object]]], body: bytes, status: int, error: type[ProviderError]
) -> None:
    url, _ = serve(body, status)

    with pytest.raises(error):
        await speaker(http, url).speak("Hi")


async def test_a_service_without_the_endpoint_is_passed_over(
    http: Http, serve: Callable[..., tuple[str, list[object]]]
) -> None:
    url, asked = serve(b"", 404)
    voice = speaker(http, url, is_sure=False)

    for _ in range(2):
        with pytest.raises(NotTaken):
            await voice.speak("Hi")
    assert len(asked) == 1
    assert voice.name == ""


def test_a_long_text_is_read_to_the_end_of_a_sentence() -> None:
    assert beginning("Short.") == "Short."
    assert beginning("A word. " * 1_000).endswith("word.")
    assert len(beginning("x" * 9_000)) == MAX_INPUT
    assert beginning("x " * 9_000).endswith("x")
