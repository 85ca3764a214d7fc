"""Gemini's protocol; what all providers have in common is in test_exchange.py."""

from random import Random

import pytest

from providers.base import Message, Usage
from providers.errors import BrokenOff, Incomplete, Recited, Refused, ServiceFailed
from providers.services.gemini import Gemini, Settings
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, status
from tests.services.wire import sse

pytestmark = pytest.mark.usefixtures("judged")

PATH = "/v1beta/models/m:streamGenerateContent"


@pytest.fixture
def provider(server: Server, http: Http) -> Gemini:
    setup = Settings(base_url=server.url, api_key="key", model="models/m")
    return Gemini(setup, http=http, clock=FakeClock(), random=Random(1))


def stream(*items: dict[str, object]) -> Fault:
    return body(sse(items, end=""))


def candidate(*parts: dict[str, object], finish: str | None = None) -> dict[str, object]:
    reason = {"finishReason": finish} if finish else {}
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **reason}]}


async def test_the_request_is_the_protocols(provider: Gemini, server: Server) -> None:
    server.answers[PATH] = stream(candidate({"text": "Hi"}, finish="STOP"))
    messages: list[Message] = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "One"},
        {"role": "user", "content": "Two"},
        {"role": "assistant", "content": "Three"},
        {"role": "user", "content": "Four"},
    ]

    await outcome(provider.create_async_generator(None, messages))

    (asked,) = server.asked
    assert asked.path == f"{PATH}?alt=sse"
    assert asked.headers["x-goog-api-key"] == "key"
    assert asked.body == {
        "systemInstruction": {"parts": [{"text": "Be brief"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "One\n\nTwo"}]},
            {"role": "model", "parts": [{"text": "Three"}]},
            {"role": "user", "parts": [{"text": "Four"}]},
        ],
    }


async def test_a_name_cannot_leave_its_place_in_the_address(provider: Gemini, server: Server) -> None:
    server.answers["/v1beta/models/../x?y:streamGenerateContent"] = stream(candidate({"text": "Hi"}, finish="STOP"))

    await outcome(provider.create_async_generator("../x?y", HELLO))

    assert server.asked[0].path == "/v1beta/models/..%2Fx%3Fy:streamGenerateContent?alt=sse"


async def test_thoughts_are_kept_apart_and_tokens_are_counted(provider: Gemini, server: Server) -> None:
    usage = {"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 7}
    server.answers[PATH] = stream(
        candidate({"text": "Hm", "thought": True}),
        {**candidate({"text": "Y"}, {"text": "es"}, finish="STOP"), "usageMetadata": usage},
    )

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.reasoning, found.text, found.usage, found.error) == ("Hm", "Yes", Usage(5, 9), None)


async def test_a_stop_in_every_response_does_not_end_the_answer(provider: Gemini, server: Server) -> None:
    server.answers[PATH] = stream(*(candidate({"text": text}, finish="STOP") for text in ("Hel", "lo")))

    assert (await outcome(provider.create_async_generator(None, HELLO))).text == "Hello"


@pytest.mark.foreign("a gateway's that does not know alt=sse")
async def test_an_answer_in_one_list_is_taken(provider: Gemini, server: Server) -> None:
    server.answers[PATH] = document([candidate({"text": "Hel"}), candidate({"text": "lo"}, finish="STOP")])

    assert (await outcome(provider.create_async_generator(None, HELLO))).text == "Hello"


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (candidate({"text": "Hi"}, finish="MAX_TOKENS"), Incomplete),
        (candidate({"text": "Hi"}, finish="SAFETY"), Incomplete),
        (candidate(finish="SAFETY"), Refused),
        (candidate(finish="RECITATION"), Recited),
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, Refused),
        (candidate(finish="OTHER"), BrokenOff),
        ({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}, ServiceFailed),
    ],
)
async def test_an_end_is_called_by_its_name(
    provider: Gemini, server: Server, item: dict[str, object], kind: type[Exception]
) -> None:
    server.answers[PATH] = stream(item)

    assert type((await outcome(provider.create_async_generator(None, HELLO))).error) is kind


async def test_those_models_are_listed_that_generate_text(provider: Gemini, server: Server) -> None:
    server.answers["/v1beta/models"] = document(
        {
            "models": [
                {"name": "models/a", "supportedGenerationMethods": ["generateContent", "countTokens"]},
                {"name": "models/embedding", "supportedGenerationMethods": ["embedContent"]},
                {"name": "models/odd"},
            ]
        }
    )

    await provider.refresh()

    assert provider.get_models() == ["m", "a"]


@pytest.mark.parametrize(
    ("model", "is_asked"),
    [
        ("gemini-3-flash", True),
        ("gemini-2.5-flash", True),
        ("gemini-2.0-flash", False),
        ("gemini-2.5-flash-image", False),
    ],
)
async def test_thoughts_are_asked_for_where_a_model_has_some(
    model: str, is_asked: bool, server: Server, http: Http
) -> None:
    server.answers[PATH.replace("/m:", f"/{model}:")] = stream(candidate({"text": "Hi"}, finish="STOP"))
    provider = Gemini(
        Settings(base_url=server.url, api_key="key", model=model), http=http, clock=FakeClock(), random=Random(1)
    )

    await outcome(provider.create_async_generator(None, HELLO, thoughts=True, effort="low"))
    await outcome(provider.create_async_generator(None, HELLO))

    sent = server.asked[0].body.get("generationConfig", {}).get("thinkingConfig", {})
    assert sent.get("includeThoughts", False) is is_asked
    assert "thinkingConfig" not in server.asked[1].body.get("generationConfig", {})


async def test_a_model_that_refuses_to_tell_its_thoughts_is_not_asked_for_them_again(
    server: Server, http: Http
) -> None:
    path = PATH.replace("/m:", "/gemini-3-x:")
    provider = Gemini(
        Settings(base_url=server.url, api_key="key", model="gemini-3-x"), http=http, clock=FakeClock(), random=Random(1)
    )
    server.answers[path] = status(400, '{"error": {"code": 400, "message": "Thinking is not enabled for this model"}}')
    await outcome(provider.create_async_generator(None, HELLO, thoughts=True))
    server.answers[path] = stream(candidate({"text": "Hi"}, finish="STOP"))

    found = await outcome(provider.create_async_generator(None, HELLO, thoughts=True))

    assert (found.text, found.error) == ("Hi", None)
    assert ["generationConfig" in each.body for each in server.asked] == [True, False, False]
