"""Models that answer by OpenAI's Responses alone: found out, asked so from then on, and nothing is stored there."""

import hashlib
from collections.abc import Mapping
from random import Random

import pytest
from aiohttp import web
from pydantic import TypeAdapter

from providers.base import Message, Usage
from providers.blocks import Image, Raw, Text, ToolCall, ToolResult
from providers.errors import Incomplete, OnlyThought, ProviderError, RateLimited, Refused, ServiceFailed
from providers.services.openai import OpenAI, Settings
from providers.tools import Tool
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, Outcome, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, status
from tests.services.wire import Wire, events

CHAT, PATH = "/v1/chat/completions", "/v1/responses"
ONLY = "This model is only supported in v1/responses and not in v1/chat/completions."
USED = {
    "input_tokens": 30,
    "input_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 4},
    "total_tokens": 37,
}


def refused(code: int = 404, message: str = ONLY) -> Fault:
    return document({"error": {"message": message, "type": "invalid_request_error"}}, code=code)


def over(kind: str = "completed", **more: object) -> dict[str, object]:
    response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": kind, "error": None}
    rest = {"output": [], "usage": USED, "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    return {"type": f"response.{kind}", "sequence_number": 9, "response": {**response, **rest, **more}}


def said(text: str, kind: str = "output_text") -> dict[str, object]:
    place = {"item_id": "msg_1", "output_index": 1, "content_index": 0, "sequence_number": 3}
    return {"type": f"response.{kind}.delta", "delta": text, "logprobs": [], **place}


def thought(text: str, index: int = 0) -> list[dict[str, object]]:
    place = {"item_id": "rs_1", "output_index": 0, "summary_index": index, "sequence_number": 2}
    part = {"type": "response.reasoning_summary_part.added", "part": {"type": "summary_text", "text": ""}, **place}
    return [part, {"type": "response.reasoning_summary_text.delta", "delta": text, **place}]


CREATED: dict[str, object] = {**over("in_progress", usage=None), "type": "response.created"}


@pytest.fixture
def provider(server: Server, http: Http) -> OpenAI:
    settings = Settings(base_url=f"{server.url}/v1", model="m")
    return OpenAI(settings, http=http, clock=FakeClock(), random=Random(1))


async def ask(provider: OpenAI, messages: list[Message] = HELLO, **options: object) -> Outcome:
    return await outcome(provider.create_async_generator(None, messages, **options))  # type: ignore[arg-type]  # any


async def judged(server: Server) -> str:
    """Return the text that the official package reads in the server's answer."""
    package = pytest.importorskip("openai")
    text = ""
    async with package.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="key", max_retries=0) as client:
        async for event in await client.responses.create(model="m", input="Hello", stream=True, store=False):
            text += event.delta if event.type == "response.output_text.delta" else ""
    return text


async def test_a_model_that_demands_it_is_asked_so_and_again_at_once(provider: OpenAI, server: Server) -> None:
    server.answers = {CHAT: refused(), PATH: body(events([CREATED, said("Hel"), said("lo"), over()]))}

    first, second = await ask(provider), await ask(provider)

    assert (first.text, first.usage, first.error) == ("Hello", Usage(30, 7, 20), None)
    assert second.text == await judged(server) == "Hello"
    assert [asked.path for asked in server.asked[:3]] == [CHAT, PATH, PATH]


async def test_what_was_learned_is_forgotten_in_an_hour(server: Server, http: Http) -> None:
    clock = FakeClock()
    provider = OpenAI(Settings(base_url=f"{server.url}/v1", model="m"), http=http, clock=clock, random=Random(1))
    server.answers = {CHAT: refused(), PATH: body(events([said("Hi"), over()]))}
    await ask(provider)
    await clock.advance(3601)

    await ask(provider)

    assert [asked.path for asked in server.asked] == [CHAT, PATH, CHAT, PATH]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Use v1/responses."),
        (400, "The chatCompletion operation does not work with the specified model, gpt-5-pro. Choose another one."),
        (400, "This model only works with the Responses API."),
    ],
)
async def test_every_way_to_say_so_is_understood(provider: OpenAI, server: Server, code: int, message: str) -> None:
    server.answers = {CHAT: refused(code, message), PATH: body(events([said("Hi"), over()]))}

    assert (await ask(provider)).text == "Hi"


async def test_a_list_that_names_its_endpoints_is_believed(provider: OpenAI, server: Server) -> None:
    listed = [{"id": "m", "supported_endpoints": ["/v1/responses", "/v1/batch"]}]
    server.answers = {"/v1/models": document({"data": listed}), PATH: body(events([said("Hi"), over()]))}
    await provider.refresh()

    assert (await ask(provider)).text == "Hi"


async def test_the_request_is_the_protocols_and_nothing_is_stored(provider: OpenAI, server: Server) -> None:
    server.answers = {CHAT: refused(), PATH: body(events([said("Hi"), over()]))}
    picture = b"jpeg"
    sha = hashlib.sha256(picture).hexdigest()
    messages: list[Message] = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": (Image(sha, "image/jpeg", "", 4), Text("What is this?"))},
    ]
    options: Mapping[str, object] = {"temperature": 0.5, "max_tokens": 100, "effort": "low", "thoughts": True}

    await ask(provider, messages, files={sha: picture}, **options)

    assert server.asked[-1].body == {
        "model": "m",
        "instructions": "Be brief",
        "input": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi!"},
            {
                "role": "user",
                "content": [
                    {"type": "input_image", "detail": "auto", "image_url": "data:image/jpeg;base64,anBlZw=="},
                    {"type": "input_text", "text": "What is this?"},
                ],
            },
        ],
        "stream": True,
        "store": False,
        "temperature": 0.5,
        "max_output_tokens": 100,
        "reasoning": {"effort": "low", "summary": "auto"},
    }


async def test_summaries_of_thoughts_are_told_apart_and_asked_for_on_request_alone(
    provider: OpenAI, server: Server
) -> None:
    answer = [CREATED, *thought("First."), *thought("Then.", 1), said("Hi"), over()]
    server.answers = {CHAT: refused(), PATH: body(events(answer))}

    found = await ask(provider, thoughts=True)
    await ask(provider)

    assert (found.reasoning, found.text) == ("First.\n\nThen.", "Hi")
    assert "reasoning" not in server.asked[-1].body


async def test_an_account_that_may_have_no_summaries_gets_its_answer(provider: OpenAI, server: Server) -> None:
    unverified = refused(400, "Your organization must be verified to generate reasoning summaries. (reasoning.summary)")
    server.answers = {CHAT: refused(), PATH: [unverified, body(events([said("Hi"), over()]))]}

    first, second = await ask(provider, thoughts=True), await ask(provider, thoughts=True)

    assert (first.text, second.text) == ("Hi", "Hi")
    assert ["reasoning" in asked.body for asked in server.asked] == [False, True, False, False]


async def test_a_model_that_does_not_stream_is_asked_without(provider: OpenAI, server: Server) -> None:
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
    whole = over(output=[{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}, message])
    refusal = refused(400, "Unsupported value: 'stream' does not support true with this model.")
    server.answers = {CHAT: refused(), PATH: [refusal, document(whole["response"])]}

    found = await ask(provider)

    assert (found.reasoning, found.text, found.usage) == ("Hm", "Hi", Usage(30, 7, 20))


async def test_a_research_model_gets_a_place_to_search(server: Server, http: Http) -> None:
    server.answers = {CHAT: refused(), PATH: body(events([said("Hi"), over()]))}
    settings = Settings(base_url=f"{server.url}/v1", model="o3-deep-research")
    await ask(OpenAI(settings, http=http, clock=FakeClock(), random=Random(1)))

    assert server.asked[-1].body["tools"] == [{"type": "web_search"}]


FAILED = over("failed", error={"code": "server_error", "message": "The model is overloaded."})
BUSY: dict[str, object] = {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None}
LIMIT = over("incomplete", incomplete_details={"reason": "max_output_tokens"})
FILTER = over("incomplete", incomplete_details={"reason": "content_filter"})


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ([CREATED, FAILED], ServiceFailed),
        ([CREATED, BUSY], RateLimited),
        ([CREATED, said("Hi"), BUSY], Incomplete),
        ([CREATED, said("Hi"), FAILED], Incomplete),
        ([CREATED, LIMIT], OnlyThought),
        ([CREATED, said("Hi"), LIMIT], Incomplete),
        ([CREATED, FILTER], Refused),
        ([CREATED, said("I cannot help with that.", "refusal"), over()], Refused),
        ([CREATED, said("Hi")], Incomplete),
        ([CREATED, *thought("Hm"), over()], OnlyThought),
    ],
)
async def test_every_end_is_told(
    provider: OpenAI, server: Server, items: list[dict[str, object]], error: type[ProviderError]
) -> None:
    server.answers = {CHAT: refused(), PATH: body(events(items))}

    found = await ask(provider)

    assert type(found.error) is error, found.error
    assert found.text == ("Hi" if error is Incomplete else "")


async def test_a_connection_that_breaks_off_leaves_what_came(provider: OpenAI, server: Server) -> None:
    server.answers = {CHAT: refused(), PATH: body(events([CREATED, said("Hi")]), Wire(end="cut"))}

    found = await ask(provider)

    assert (found.text, type(found.error)) == ("Hi", Incomplete)


async def test_an_option_that_a_model_refuses_is_left_out_from_then_on(provider: OpenAI, server: Server) -> None:
    async def fussy(request: web.Request) -> web.StreamResponse:
        if "temperature" in await request.json():
            return await refused(400, "Unsupported parameter: 'temperature' is not supported with this model.")(request)
        return await body(events([said("Hi"), over()]))(request)

    server.answers = {CHAT: refused(), PATH: fussy}

    first, second = await ask(provider, temperature=0.3, top_p=0.9), await ask(provider, temperature=0.3)

    assert (first.text, second.text) == ("Hi", "Hi")
    assert [asked.body.get("temperature") for asked in server.asked] == [0.3, 0.3, None, None]
    assert server.asked[2].body["top_p"] == 0.9


async def test_tools_go_there_and_calls_come_back_with_their_thoughts(provider: OpenAI, server: Server) -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VjcmV0"}
    call = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "weather", "arguments": '{"city": "Oslo"}'}
    done = [
        {"type": "response.output_item.done", "output_index": n, "item": i} for n, i in enumerate([reasoning, call])
    ]
    server.answers = {
        CHAT: refused(),
        PATH: [body(events([CREATED, *done, over()])), body(events([said("Hi"), over()]))],
    }
    tools = [Tool("weather", "Tells the weather.", {"type": "object"})]

    found = await ask(provider, tools=tools)
    wished = tuple(delta for delta in found.deltas if isinstance(delta, ToolCall | Raw))
    result = ToolResult("c1", "weather", "12 degrees")
    talk: list[Message] = [
        *HELLO,
        {"role": "assistant", "content": wished},
        {"role": "tool", "content": (result,)},
    ]
    await ask(provider, talk, tools=tools, tool_choice="none")

    sent = server.asked[-1].body
    assert wished[0] == ToolCall("c1", "weather", '{"city": "Oslo"}')
    assert sent["input"][1:] == [
        reasoning,
        call,
        {"type": "function_call_output", "call_id": "c1", "output": "12 degrees"},
    ]
    assert sent["include"] == ["reasoning.encrypted_content"]
    assert sent["tool_choice"] == "none"
    types = pytest.importorskip("openai.types.responses")
    TypeAdapter(types.ResponseInputParam).validate_python(sent["input"])
    for each in sent["tools"]:
        TypeAdapter(types.FunctionToolParam).validate_python(each)


@pytest.mark.parametrize("name", ["gpt-5.5-pro", "o3-deep-research", "gpt-5.3-codex", "gpt-5.5", "gpt-4.1-mini"])
async def test_openais_own_names_tell_it_at_its_own_address(server: Server, name: str) -> None:
    """Asked through a proxy that is no proxy: nothing leaves the machine."""
    server.answers = {}
    async with Http(proxy="http://127.0.0.1:9") as nowhere:
        provider = OpenAI(Settings(model=name), http=nowhere, clock=FakeClock(), random=Random(1))
        first = provider._forms.first(name, thoughts=False)

    assert first.responses == (name in ("gpt-5.5-pro", "o3-deep-research", "gpt-5.3-codex"))


async def test_a_refusal_without_a_way_out_is_told(provider: OpenAI, server: Server) -> None:
    server.answers = {CHAT: refused(), PATH: status(400, '{"error": {"message": "The input is odd."}}')}

    found = await ask(provider)

    assert isinstance(found.error, ServiceFailed)
    assert found.error.told == "400 The input is odd."
