"""Anthropic's protocol; what all providers have in common is in test_exchange.py."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from aiohttp import web

from providers.base import Message, Usage
from providers.errors import Incomplete, ModelNotSupported, Refused, ServiceFailed
from providers.services.anthropic import Anthropic, Settings
from providers.tools import Tool
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome, unmarked
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, status
from tests.services.wire import events

pytestmark = pytest.mark.usefixtures("judged")

PATH = "/v1/messages"


@pytest.fixture
def provider(server: Server, http: Http) -> Anthropic:
    setup = Settings(base_url=server.url, api_key="key", model="m", max_tokens=100)
    return Anthropic(setup, http=http, clock=FakeClock(), random=Random(1))


Items = list[dict[str, object]]


def stream(*items: dict[str, object]) -> Fault:
    return body(events(items))


def block(number: int, kind: str, *deltas: Mapping[str, object], **empty: object) -> Items:
    """Return a whole block of content: its beginning, its deltas, its end."""
    return [
        {"type": "content_block_start", "index": number, "content_block": {"type": kind, **empty}},
        *({"type": "content_block_delta", "index": number, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": number},
    ]


def text(*texts: str, number: int = 0) -> Items:
    return block(number, "text", *({"type": "text_delta", "text": each} for each in texts), text="")


def stop(reason: str, **more: object) -> Items:
    delta = {"stop_reason": reason, "stop_sequence": None, **more}
    return [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}}, {"type": "message_stop"}]


START: dict[str, object] = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 5, "output_tokens": 1},
    },
}


async def test_the_request_is_the_protocols(provider: Anthropic, server: Server) -> None:
    server.answers[PATH] = stream(START, *text("Hi"), *stop("end_turn"))
    messages: list[Message] = [
        {"role": "system", "content": "Be brief"},
        {"role": "assistant", "content": "Welcome!"},
        {"role": "user", "content": "One"},
        {"role": "user", "content": "Two"},
        {"role": "assistant", "content": "Three"},
        {"role": "user", "content": "Four"},
    ]

    await outcome(provider.create_async_generator("", messages, temperature=1))

    (asked,) = server.asked
    assert asked.headers["x-api-key"] == "key"
    assert asked.headers["anthropic-version"] == "2023-06-01"
    assert unmarked(asked.body) == {
        "model": "m",
        "max_tokens": 100,
        "stream": True,
        "temperature": 1,
        "system": "Be brief",
        "messages": [
            {"role": "user", "content": "One\n\nTwo"},
            {"role": "assistant", "content": "Three"},
            {"role": "user", "content": "Four"},
        ],
    }


async def test_thinking_is_kept_apart_and_tokens_are_counted(provider: Anthropic, server: Server) -> None:
    server.answers[PATH] = stream(
        START,
        *block(
            0,
            "thinking",
            {"type": "thinking_delta", "thinking": "Hm"},
            {"type": "signature_delta", "signature": "abc"},
            thinking="",
            signature="",
        ),
        {"type": "ping"},
        *text("Yes", number=1),
        *stop("end_turn"),
    )

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.reasoning, found.text, found.usage, found.error) == ("Hm", "Yes", Usage(5, 9), None)


@pytest.mark.foreign("a gateway's that does not stream")
async def test_an_answer_that_is_not_streamed_is_taken(provider: Anthropic, server: Server) -> None:
    content = [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Yes"}]
    server.answers[PATH] = document(
        {
            "type": "message",
            "content": content,
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 1, "output_tokens": 2},
        }
    )

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.reasoning, found.text, found.usage, found.error) == ("Hm", "Yes", Usage(1, 2), None)


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ([START, *text("Hi"), *stop("max_tokens")], Incomplete),
        ([START, *text("Hi"), *stop("model_context_window_exceeded")], Incomplete),
        ([START, *text("Hi"), *stop("refusal")], Incomplete),
        ([START, *stop("refusal")], Refused),
        ([{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}], ServiceFailed),
        pytest.param([{"detail": "who are you"}], ServiceFailed, marks=pytest.mark.foreign("a gateway's")),
    ],
)
async def test_an_end_is_called_by_its_name(
    provider: Anthropic, server: Server, items: list[dict[str, object]], kind: type[Exception]
) -> None:
    server.answers[PATH] = stream(*items)

    assert type((await outcome(provider.create_async_generator(None, HELLO))).error) is kind


async def test_an_overloaded_service_is_worth_a_repetition(provider: Anthropic, server: Server) -> None:
    server.answers[PATH] = document({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, code=529)

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert found.error is not None
    assert found.error.retryable


async def test_models_are_listed(provider: Anthropic, server: Server) -> None:
    server.answers["/v1/models"] = document({"data": [{"id": "a", "type": "model"}, {"id": "m"}], "has_more": False})

    await provider.refresh()

    assert provider.get_models() == ["m", "a"]
    with pytest.raises(ModelNotSupported):
        provider.get_model("b")


SUMMARIES = {"type": "adaptive", "display": "summarized"}


@pytest.mark.parametrize(
    ("model", "is_asked"),
    [
        ("claude-sonnet-5-5", True),
        ("claude-opus-5", True),
        ("claude-sonnet-4-6", True),
        ("anthropic/claude-opus-4.6", True),
        ("claude-haiku-4-5", False),
        ("claude-haiku-4-5-20251001", False),
        ("claude-sonnet-4-20250514", False),
        ("claude-3-7-sonnet-latest", False),
        ("claude-3-haiku-20240307", False),
    ],
)
async def test_thoughts_are_asked_for_where_a_model_tells_them_on_request_alone(
    model: str, is_asked: bool, server: Server, http: Http
) -> None:
    server.answers[PATH] = stream(START, *text("Hi"), *stop("end_turn"))
    provider = Anthropic(
        Settings(base_url=server.url, api_key="key", model=model), http=http, clock=FakeClock(), random=Random(1)
    )

    await outcome(provider.create_async_generator(None, HELLO, thoughts=True))
    await outcome(provider.create_async_generator(None, HELLO, thoughts=False))
    await outcome(provider.create_async_generator(None, HELLO, thoughts=True, temperature=0.3))

    asked = [each.body.get("thinking") for each in server.asked]
    assert asked == [SUMMARIES if is_asked else None, None, None]


async def test_a_model_that_tells_no_thoughts_answers_all_the_same(server: Server, http: Http) -> None:
    provider = Anthropic(
        Settings(base_url=server.url, api_key="key", model="claude-opus-5"),
        http=http,
        clock=FakeClock(),
        random=Random(1),
    )
    said = {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "adaptive thinking is not supported"},
    }
    server.answers[PATH] = status(400, json.dumps(said))
    await outcome(provider.create_async_generator(None, HELLO, thoughts=True))
    server.answers[PATH] = stream(START, *text("Hi"), *stop("end_turn"))

    found = await outcome(provider.create_async_generator(None, HELLO, thoughts=True))

    assert (found.text, found.error) == ("Hi", None)
    assert ["thinking" in each.body for each in server.asked] == [True, False, False]


def kept(request: Mapping[str, Any]) -> list[str]:
    """Return what a question asks the service to keep, as texts that begin at its beginning: one for each mark."""
    prefixes: list[str] = []
    so_far = ""
    tools, system = request.get("tools", []), request.get("system", [])
    blocks = [*tools, *system, *(block for message in request["messages"] for block in message["content"])]
    for block in blocks:
        words = {key: value for key, value in block.items() if key != "cache_control"}
        so_far += json.dumps(words)
        prefixes += [so_far] if "cache_control" in block else []
    return prefixes


async def test_the_second_question_finds_the_first_one_in_the_cache(provider: Anthropic, server: Server) -> None:
    held: set[str] = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        for message in sent["messages"]:
            if isinstance(message["content"], str):
                message["content"] = [{"type": "text", "text": message["content"]}]
        marks = kept(sent)
        assert len(marks) <= 4
        read = max((len(each) for each in marks if each in held), default=0)
        held.update(marks)
        usage = {"input_tokens": 5, "cache_read_input_tokens": read, "cache_creation_input_tokens": 0}
        message = {**START["message"], "usage": {**usage, "output_tokens": 1}}  # type: ignore[dict-item]  # it is one
        return await stream({**START, "message": message}, *text("Hi"), *stop("end_turn"))(request)

    server.answers[PATH] = answer
    talk: list[Message] = [{"role": "system", "content": "Be brief"}]
    cached = []
    for number in range(4):
        talk.append({"role": "user", "content": f"Question {number}"})
        found = await outcome(provider.create_async_generator("", talk, tools=[Tool("time", "Tells the time.", {})]))
        assert found.usage is not None
        cached.append(found.usage.cached_tokens)
        talk.append({"role": "assistant", "content": found.text})

    assert cached[0] == 0
    assert 0 < cached[1] < cached[2] < cached[3]


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        ("messages.0.content.0.text.cache_control: Extra inputs are not permitted", "cache_control"),
        ("`temperature` is deprecated for this model.", "temperature"),
        ("This model does not support the effort parameter.", "output_config"),
    ],
)
async def test_what_a_model_refuses_beside_the_question_is_left_out_from_then_on(
    provider: Anthropic, server: Server, reason: str, field: str
) -> None:
    async def fussy(request: web.Request) -> web.StreamResponse:
        if field in await request.text():
            return await status(400, json.dumps({"type": "error", "error": {"message": reason}}))(request)
        return await stream(START, *text("Hi"), *stop("end_turn"))(request)

    server.answers[PATH] = fussy

    texts = [
        (await outcome(provider.create_async_generator("", HELLO, temperature=0.3, effort="none"))).text
        for _ in range(2)
    ]

    assert texts == ["Hi", "Hi"]
    assert [field in json.dumps(asked.body) for asked in server.asked] == [True, False, False]
    assert len({"temperature", "output_config"} & server.asked[-1].body.keys() - {field}) >= 1
