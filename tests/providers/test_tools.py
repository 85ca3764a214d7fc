"""Tools on their way to the services and back, as the vendors' own types and packages have them."""

import json
import warnings
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter

from providers import fallback
from providers.base import AsyncGeneratorProvider, Delta, Message, content_of
from providers.blocks import Raw, Text, ToolCall, ToolResult
from providers.errors import NotTaken, OnlyThought
from providers.services import anthropic, gemini, ollama, openai
from providers.tools import Tool
from providers.wire.glued_calls import GluedCalls
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.media.test_images import make
from tests.providers.outcome import HELLO, Outcome, outcome, unmarked
from tests.providers.server import Server
from tests.services.faults import Fault, body, document
from tests.services.wire import events, sse

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("weather", "Tells the weather.", SCHEMA)
RESULTS = (ToolResult("c1", "weather", "12 degrees"), ToolResult("c2", "weather", "no such city", is_error=True))
WISHED = [("weather", {"city": "Oslo"}), ("weather", {"city": "Nowhere"})]
FUNCTION = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA},
}


@dataclass(frozen=True, slots=True)
class Service:
    """One wire: how it wishes for two calls, what it is sent before and after them, and who judges that.

    `kept`: what must go back unchanged.
    """

    provider: Callable[[Server, Http], AsyncGeneratorProvider]
    path: str
    wishes: Fault
    offered: Mapping[str, object]
    kept: Sequence[str]
    answers: Sequence[Mapping[str, object]]
    judge: Callable[[Mapping[str, Any]], object]


def chunk(**delta: object) -> dict[str, object]:
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, **delta}],
    }


def piece(index: int, arguments: str, **first: object) -> dict[str, object]:
    name = {"name": "weather"} if first else {}
    call = {"index": index, **first, "function": {**name, "arguments": arguments}}
    return chunk(delta={"tool_calls": [call]}, finish_reason=None)


def by_openai(sent: Mapping[str, Any]) -> None:
    types = pytest.importorskip("openai.types.chat")
    for each in sent["messages"]:
        TypeAdapter(types.ChatCompletionMessageParam).validate_python(each)
    for each in sent["tools"]:
        TypeAdapter(types.ChatCompletionFunctionToolParam).validate_python(each)


def by_anthropic(sent: Mapping[str, Any]) -> None:
    types = pytest.importorskip("anthropic.types")
    for each in sent["messages"]:
        TypeAdapter(types.MessageParam).validate_python(each)
    for each in sent["tools"]:
        TypeAdapter(types.ToolParam).validate_python(each)
    TypeAdapter(types.ToolChoiceParam).validate_python(sent["tool_choice"])


def by_gemini(sent: Mapping[str, Any]) -> None:
    types = pytest.importorskip("google.genai.types")
    for each in sent["contents"]:
        types.Content.model_validate(each)
    for each in sent["tools"]:
        types.Tool.model_validate(each)
    types.ToolConfig.model_validate(sent["toolConfig"])


def by_ollama(sent: Mapping[str, Any]) -> None:
    package = pytest.importorskip("ollama")
    assert [package.Message(**each).model_dump(exclude_none=True) for each in sent["messages"]] == sent["messages"]
    for each in sent["tools"]:
        package.Tool.model_validate(each)


THOUGHT = {"type": "thinking", "thinking": "", "signature": "c2ln"}
HIDDEN = {"type": "redacted_thinking", "data": "aGlk"}


def started(index: int, block: Mapping[str, object]) -> dict[str, object]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def grown(index: int, **delta: object) -> dict[str, object]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


SERVICES = {
    "openai": Service(
        make(openai.OpenAI, openai.Settings, "/v1"),
        "/v1/chat/completions",
        body(
            sse(
                [
                    chunk(delta={"role": "assistant", "reasoning_content": "Let me "}, finish_reason=None),
                    chunk(delta={"reasoning_content": "look."}, finish_reason=None),
                    chunk(delta={"content": "I look."}, finish_reason=None),
                    piece(0, "", id="c1", type="function"),
                    piece(0, '{"city"'),
                    piece(0, ': "Oslo"}'),
                    piece(1, '{"city": ', id="c2", type="function"),
                    piece(1, '"Nowhere"}'),
                    chunk(delta={}, finish_reason="tool_calls"),
                ]
            )
        ),
        {"tools": [FUNCTION]},
        ['"reasoning_content": "Let me look."'],
        [
            {"role": "tool", "tool_call_id": "c1", "content": "12 degrees"},
            {"role": "tool", "tool_call_id": "c2", "content": "no such city"},
        ],
        by_openai,
    ),
    "anthropic": Service(
        make(anthropic.Anthropic, anthropic.Settings),
        "/v1/messages",
        body(
            events(
                [
                    {
                        "type": "message_start",
                        "message": {
                            "id": "1",
                            "type": "message",
                            "role": "assistant",
                            "model": "m",
                            "content": [],
                            "stop_reason": None,
                            "usage": {"input_tokens": 1, "output_tokens": 1},
                        },
                    },
                    started(0, {"type": "thinking", "thinking": "", "signature": ""}),
                    grown(0, type="signature_delta", signature="c2ln"),
                    started(1, HIDDEN),
                    started(2, {"type": "text", "text": ""}),
                    grown(2, type="text_delta", text="I look."),
                    started(3, {"type": "tool_use", "id": "c1", "name": "weather", "input": {}}),
                    grown(3, type="input_json_delta", partial_json=""),
                    grown(3, type="input_json_delta", partial_json='{"city": "Os'),
                    grown(3, type="input_json_delta", partial_json='lo"}'),
                    {"type": "content_block_stop", "index": 3},
                    started(4, {"type": "tool_use", "id": "c2", "name": "weather", "input": {}}),
                    grown(4, type="input_json_delta", partial_json='{"city": "Nowhere"}'),
                    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 3}},
                    {"type": "message_stop"},
                ]
            )
        ),
        {
            "tools": [{"name": "weather", "description": "Tells the weather.", "input_schema": SCHEMA}],
            "tool_choice": {"type": "auto"},
        },
        [json.dumps(THOUGHT), json.dumps(HIDDEN)],
        [
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": "12 degrees"},
                    {"type": "tool_result", "tool_use_id": "c2", "content": "no such city", "is_error": True},
                ],
            }
        ],
        by_anthropic,
    ),
    "gemini": Service(
        make(gemini.Gemini, gemini.Settings),
        "/v1beta/models/m:streamGenerateContent",
        body(
            sse(
                [
                    {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}, {"text": "I look."}]}}]},
                    {
                        "candidates": [
                            {
                                "content": {
                                    "role": "model",
                                    "parts": [
                                        {
                                            "functionCall": {"id": "c1", "name": "weather", "args": {"city": "Oslo"}},
                                            "thoughtSignature": "c2ln",
                                        },
                                        {"functionCall": {"id": "c2", "name": "weather", "args": {"city": "Nowhere"}}},
                                    ],
                                },
                                "finishReason": "STOP",
                            }
                        ]
                    },
                ],
                end="",
            )
        ),
        {
            "tools": [
                {
                    "functionDeclarations": [
                        {"name": "weather", "description": "Tells the weather.", "parametersJsonSchema": SCHEMA}
                    ]
                }
            ],
            "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
        },
        ['"thoughtSignature": "c2ln"'],
        [
            {
                "role": "user",
                "parts": [
                    {"functionResponse": {"id": "c1", "name": "weather", "response": {"output": "12 degrees"}}},
                    {"functionResponse": {"id": "c2", "name": "weather", "response": {"error": "no such city"}}},
                ],
            }
        ],
        by_gemini,
    ),
    "ollama": Service(
        make(ollama.Ollama, ollama.Settings),
        "/api/chat",
        body(
            b"".join(
                json.dumps({"message": {"role": "assistant", **message}, **end}).encode() + b"\n"
                for message, end in (
                    ({"content": "I look.", "thinking": "Hm."}, {"done": False}),
                    (
                        {
                            "content": "",
                            "tool_calls": [{"function": {"name": name, "arguments": given}} for name, given in WISHED],
                        },
                        {"done": False},
                    ),
                    ({"content": ""}, {"done": True, "done_reason": "stop"}),
                )
            )
        ),
        {"tools": [FUNCTION]},
        ['"thinking": "Hm."'],
        [
            {"role": "tool", "tool_name": "weather", "content": "12 degrees"},
            {"role": "tool", "tool_name": "weather", "content": "no such city"},
        ],
        by_ollama,
    ),
}


@pytest.fixture(params=SERVICES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(name: str) -> Service:
    return SERVICES[name]


@pytest.fixture
def provider(service: Service, server: Server, http: Http) -> AsyncGeneratorProvider:
    server.answers["/api/show"] = document({"capabilities": ["completion", "tools"]})
    server.answers[service.path] = service.wishes
    return service.provider(server, http)


async def ask(provider: AsyncGeneratorProvider, messages: Sequence[Message] = HELLO, choice: str = "auto") -> Outcome:
    return await outcome(provider.create_async_generator(None, messages, tools=[WEATHER], tool_choice=choice))


def calls_of(found: Outcome) -> list[ToolCall]:
    return [delta for delta in found.deltas if isinstance(delta, ToolCall)]


def with_results(found: Outcome) -> list[Message]:
    """Return the conversation that goes on from a wish for calls."""
    calls = calls_of(found)
    kept = [delta for delta in found.deltas if isinstance(delta, Raw)]
    results = [
        ToolResult(call.id, call.name, each.text, each.is_error) for call, each in zip(calls, RESULTS, strict=True)
    ]
    return [
        *HELLO,
        {"role": "assistant", "content": [Text(found.text), *calls, *kept]},
        {"role": "tool", "content": results},
    ]


async def test_tools_are_offered_and_wishes_read(
    provider: AsyncGeneratorProvider, service: Service, server: Server
) -> None:
    found = await ask(provider)

    sent = unmarked(server.asked[-1].body)
    assert (found.error, found.text) == (None, "I look.")
    assert [(call.name, json.loads(call.arguments)) for call in calls_of(found)] == WISHED
    assert len({call.id for call in calls_of(found)}) == len(WISHED)
    assert {key: sent[key] for key in service.offered} == service.offered
    assert provider.capabilities(None).tools


async def test_results_go_back_with_what_the_service_wants_unchanged(
    provider: AsyncGeneratorProvider, service: Service, server: Server
) -> None:
    found = await ask(provider)

    await ask(provider, with_results(found))

    sent = unmarked(server.asked[-1].body)
    talk = sent.get("messages") or sent["contents"]
    assert talk[-len(service.answers) :] == service.answers
    assert all(kept in json.dumps(talk) for kept in service.kept)
    assert "I look." in json.dumps(talk)
    service.judge(sent)


async def test_calls_of_another_service_are_told_in_words(
    provider: AsyncGeneratorProvider, service: Service, server: Server
) -> None:
    talk = with_results(await ask(provider))
    foreign = Raw("another", "m", "{}")
    content = [foreign if isinstance(block, Raw) else block for block in content_of(talk[1]["content"])]

    await ask(provider, [talk[0], {"role": "assistant", "content": content}, talk[2]])

    sent = server.asked[-1].body
    said = json.dumps(sent.get("messages") or sent["contents"])
    assert "[called weather with" in said
    assert "[result of weather: 12 degrees]" in said
    assert not any(kept in said for kept in service.kept)
    service.judge(sent)


REFUSALS = (
    "registry.ollama.ai/library/m does not support tools",
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    "No endpoints found that support tool use. To learn more about provider routing, visit …",
    "tools param requires --jinja flag",
    "Function calling is not enabled for models/m",
    "`tool calling` is not supported with this model",
    "Extra inputs are not permitted: tools",
)


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_refusal_teaches_that_the_model_takes_none(
    reason: str, provider: AsyncGeneratorProvider, service: Service, server: Server
) -> None:
    server.answers[service.path] = [document({"error": {"message": reason}}, code=400), service.wishes]

    refused = await ask(provider)
    await ask(provider)

    assert isinstance(refused.error, NotTaken)
    assert refused.error.kinds == {ToolCall}
    assert ToolCall not in provider.takes(None)
    assert provider.capabilities(None).tools is False
    assert "tools" not in server.asked[-1].body


async def test_the_last_round_offers_them_and_lets_none_be_called(
    name: str, provider: AsyncGeneratorProvider, server: Server
) -> None:
    await ask(provider, with_results(await ask(provider)), choice="none")

    sent = server.asked[-1].body
    chosen = {
        "openai": sent.get("tool_choice") == "none",
        "anthropic": sent.get("tool_choice") == {"type": "none"},
        "gemini": (sent.get("toolConfig") or {}).get("functionCallingConfig") == {"mode": "NONE"},
        "ollama": "tools" not in sent,  # it knows no choice
    }
    assert chosen[name]


async def test_a_wish_that_was_cut_off_is_none(server: Server, http: Http) -> None:
    cut = [piece(0, '{"city": "Os', id="c1"), chunk(delta={}, finish_reason="length")]
    server.answers["/v1/chat/completions"] = body(sse(cut))
    provider = SERVICES["openai"].provider(server, http)

    found = await ask(provider)

    assert calls_of(found) == []
    assert isinstance(found.error, OnlyThought)


def glued(*pieces: object) -> list[tuple[str, str, str]]:
    calls = GluedCalls("made_1_")
    for each in pieces:
        calls.add([each])
    return [(call.id, call.name, call.arguments) for call in calls.calls()]


def test_calls_are_told_apart_however_a_server_numbers_them() -> None:
    one, two = {"name": "a", "arguments": '{"x":1}'}, {"name": "b", "arguments": "{}"}

    assert glued({"index": 0, "id": "1", "function": one}, {"index": 0, "id": "2", "function": two}) == [
        ("1", "a", '{"x":1}'),
        ("2", "b", "{}"),
    ]
    assert glued({"function": one}, {"function": one}) == [
        ("made_1_0", "a", '{"x":1}'),
        ("made_1_1", "a", '{"x":1}'),
    ]
    again = {"index": 0, "id": "1", "function": {"name": "a", "arguments": ""}}
    assert glued({"index": 0, "id": "1", "function": one}, again) == [("1", "a", '{"x":1}')]
    half = [{"index": 0, "id": "1", "function": {"name": "a", "arguments": part}} for part in ('{"x"', ":1}")]
    assert glued(*half) == [("1", "a", '{"x":1}')]
    assert glued({"index": 0, "function": {"name": "a", "arguments": {"x": 1}}}) == [("made_1_0", "a", '{"x": 1}')]
    assert glued(None, "x", {"function": None}, {"index": "0", "function": {"name": 5}}) == []


async def test_the_packages_of_the_vendors_read_the_same_wishes(name: str, service: Service, server: Server) -> None:
    server.answers[service.path] = service.wishes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = await READERS[name](server.url)

    assert read == WISHED


async def openai_reads(url: str) -> list[tuple[str, object]]:
    package = pytest.importorskip("openai")
    async with package.AsyncOpenAI(base_url=f"{url}/v1", api_key="key", max_retries=0) as client:
        asked = client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "x"}], tools=[FUNCTION])
        async with asked as stream:
            message = (await stream.get_final_completion()).choices[0].message
    return [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls]


async def anthropic_reads(url: str) -> list[tuple[str, object]]:
    package = pytest.importorskip("anthropic")
    async with package.AsyncAnthropic(base_url=url, api_key="key", max_retries=0) as client:
        asked = client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}])
        async with asked as stream:
            message = await stream.get_final_message()
    return [(block.name, block.input) for block in message.content if block.type == "tool_use"]


async def gemini_reads(url: str) -> list[tuple[str, object]]:
    package = pytest.importorskip("google.genai")
    client = package.Client(api_key="key", http_options={"base_url": url, "api_version": "v1beta"}).aio
    found: list[tuple[str, object]] = []
    try:
        async for response in await client.models.generate_content_stream(model="m", contents="x"):
            found += [(call.name, call.args) for call in response.function_calls or ()]
    finally:
        await client.aclose()
    return found


async def ollama_reads(url: str) -> list[tuple[str, object]]:
    package = pytest.importorskip("ollama")
    client = package.AsyncClient(host=url)
    found: list[tuple[str, object]] = []
    try:
        answer = await client.chat(model="m", messages=[{"role": "user", "content": "x"}], stream=True)
        async with aclosing(answer):
            async for part in answer:
                calls = part.message.tool_calls or ()
                found += [(call.function.name, dict(call.function.arguments)) for call in calls]
    finally:
        await client.close()
    return found


READERS = {"openai": openai_reads, "anthropic": anthropic_reads, "gemini": gemini_reads, "ollama": ollama_reads}


async def test_a_chain_offers_tools_to_the_members_that_take_some(server: Server, http: Http) -> None:
    server.answers["/v1/chat/completions"] = [
        document({"error": {"message": "down"}}, code=503),
        SERVICES["openai"].wishes,
    ]
    one, other = SERVICES["openai"].provider(server, http), Plain()
    one.id, other.id = "one", "other"
    settings = fallback.Settings(providers=("one", "other"))
    chain = fallback.Fallback(
        settings, http=http, clock=FakeClock(), random=Random(1), providers={"one": one, "other": other}
    )
    assert ToolCall in chain.takes(None)

    found = await ask(chain)

    assert found.text == "plain"
    assert other.tools == ()
    chosen = fallback.Fallback(
        settings, http=http, clock=FakeClock(), random=Random(1), providers={"one": one, "other": other}
    )
    assert len(calls_of(await ask(chosen))) == len(WISHED)
    assert chosen.capabilities(None).tools


class Plain(AsyncGeneratorProvider):
    """Knows no tools."""

    id = "other"
    url = "http://127.0.0.1"
    tools: object = None

    async def create_async_generator(
        self, model: str | None, messages: Sequence[Message], **options: object
    ) -> AsyncGenerator[Delta, None]:
        self.tools = options.get("tools")
        yield "plain"
