"""The protocols of Anthropic, Gemini and Ollama: read by the vendors' own packages and by this project's providers."""

import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from providers.base import Message
from providers.blocks import Raw as Kept
from providers.blocks import ToolCall as Called
from providers.blocks import ToolResult
from providers.services import anthropic, gemini, ollama, openai
from providers.tools import Tool
from providers.wire.http import Http
from telegram_playground.model import Cut, Finish, Item, Model, Raw, Reset, Thought, ToolCall, Usage, refusals
from telegram_playground.model.request import End
from telegram_playground.process.clock import SystemClock
from tests.providers.official import MODEL, judge
from tests.providers.outcome import HELLO, outcome

FORMS = ["openai", "anthropic", "gemini", "ollama"]
ENDS = {
    "openai": {"stop": "stop", "length": "length"},
    "anthropic": {"stop": "end_turn", "length": "max_tokens"},
    "gemini": {"stop": "STOP", "length": "MAX_TOKENS"},
    "ollama": {"stop": "stop", "length": "length"},
}
Ours = anthropic.Anthropic | gemini.Gemini | ollama.Ollama | openai.OpenAI
Provider = Callable[[str], Ours]


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    async with Model(models=[MODEL, "other"]) as model:
        yield model


@pytest.fixture
async def provider(model: Model) -> AsyncIterator[Provider]:
    """Make one of our own providers, which asks that model."""
    async with Http(connect_timeout_s=5, silence_timeout_s=5) as http:
        tools: dict[str, Any] = {"http": http, "clock": SystemClock(), "random": random.Random(1)}
        given: dict[str, Any] = {"api_key": "sk-1", "base_url": model.root, "model": MODEL}

        def made(form: str) -> Ours:
            match form:
                case "anthropic":
                    return anthropic.Anthropic(anthropic.Settings(**given), **tools)
                case "gemini":
                    return gemini.Gemini(gemini.Settings(**given), **tools)
                case "ollama":
                    return ollama.Ollama(ollama.Settings(**given), **tools)
            return openai.OpenAI(openai.Settings(**{**given, "base_url": model.url}), **tools)

        yield made


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("finish", ["stop", "length"])
async def test_the_vendors_own_package_reads_an_answer(model: Model, form: str, finish: str) -> None:
    model.says("Hello", Thought("hm"), "It is ", "sünny.", Finish(finish), Usage(7, 11))

    read = await judge(form, model.root)

    assert (read.text, read.ends, read.usage) == ("It is sünny.", ENDS[form][finish], (7, 11))
    assert read.failure is None
    (request,) = model.requests
    assert (request.form, request.prompt, request.model, request.end) == (form, "Hello", MODEL, End.ANSWERED)


@pytest.mark.parametrize("form", FORMS)
async def test_the_vendors_own_package_reads_a_refusal(model: Model, form: str) -> None:
    model.says("Hello", refusals.too_many(retry_after_s=3))

    read = await judge(form, model.root)

    assert read.failure is not None
    assert "Rate limit reached" in str(read.failure)
    assert getattr(read.failure, "status_code", None) or getattr(read.failure, "code", None) == 429


@pytest.mark.parametrize("form", FORMS)
async def test_our_providers_read_text_thoughts_and_tokens(model: Model, provider: Provider, form: str) -> None:
    model.says("Hello", Thought("first "), Thought("second"), "a", "b", Usage(7, 11))

    came = await outcome(provider(form).create_async_generator(None, HELLO, thoughts=True))

    assert (came.text, came.reasoning, came.error) == ("ab", "first second", None)
    assert came.usage
    assert (came.usage.prompt_tokens, came.usage.completion_tokens) == (7, 11)
    assert model.requests[-1].key == "sk-1"


@pytest.mark.parametrize("form", FORMS)
async def test_a_tool_is_wished_for_and_its_result_goes_back(model: Model, provider: Provider, form: str) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    tools = [Tool("weather", "Tells the weather.", schema)]
    model.says("Oslo", "Looking.", ToolCall("weather", {"city": "Oslo"}))
    model.says("Oslo", "12 degrees.")
    asked: list[Message] = [{"role": "user", "content": "Oslo?"}]

    came = await outcome(provider(form).create_async_generator(None, asked, tools=tools))
    (call,) = [delta for delta in came.deltas if isinstance(delta, Called)]
    kept = [delta for delta in came.deltas if isinstance(delta, Called | Kept)]
    told: list[Message] = [
        *asked,
        {"role": "assistant", "content": kept},
        {"role": "tool", "content": (ToolResult(call.id, "weather", "12"),)},
    ]
    after = await outcome(provider(form).create_async_generator(None, told, tools=tools))

    assert (call.name, call.arguments.replace(" ", "")) == ("weather", '{"city":"Oslo"}')
    assert (after.text, after.error) == ("12 degrees.", None)
    last = model.requests[-1]
    assert (last.prompt, last.results) == ("Oslo?", ["12"])
    assert last.body["tools"][0]["function"]["name"] == "weather"
    assert last.body["tools"][0]["function"]["parameters"]["properties"] == {"city": {"type": "string"}}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "items", [("It is", refusals.broken()), ("It is", Reset()), ("It is", Cut()), (refusals.bad_gateway(),)]
)
async def test_our_providers_notice_what_goes_wrong(
    model: Model, provider: Provider, form: str, items: tuple[Item, ...]
) -> None:
    model.says("Hello", *items)

    came = await outcome(provider(form).create_async_generator(None, HELLO))

    assert came.error is not None
    assert came.text == ("It is" if len(items) > 1 else "")


@pytest.mark.parametrize("form", FORMS)
async def test_our_providers_list_the_models(model: Model, provider: Provider, form: str) -> None:
    made = provider(form)
    await made.refresh()

    assert {MODEL, "other"} <= set(made.models)


STRAY = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1"}]}
ASKED = [{"role": "user", "content": "Hello"}]
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]
PATHS = {
    "anthropic": ("v1/messages", {"max_tokens": 9, "messages": ASKED, "model": MODEL}),
    "gemini": (f"v1beta/models/{MODEL}:generateContent", {"contents": CONTENTS}),
    "ollama": ("api/chat", {"model": MODEL, "stream": False, "messages": ASKED}),
}


async def posted(model: Model, path: str, body: Any) -> tuple[int, Any]:
    headers = {"anthropic-version": "2023-06-01"}
    async with aiohttp.ClientSession() as http, http.post(f"{model.root}/{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


@pytest.mark.parametrize("form", PATHS)
async def test_an_answer_comes_whole_where_that_is_asked_for(model: Model, form: str) -> None:
    model.says("Hello", Thought("hm"), "It ", "is.", ToolCall("look", {"at": 1}), Usage(2, 3))
    path, body = PATHS[form]

    status, answer = await posted(model, path, body)

    assert status == 200
    match form:
        case "anthropic":
            assert [block["type"] for block in answer["content"]] == ["thinking", "text", "tool_use"]
            assert (answer["content"][1]["text"], answer["content"][2]["input"]) == ("It is.", {"at": 1})
            assert (answer["stop_reason"], answer["usage"]) == ("tool_use", {"input_tokens": 2, "output_tokens": 3})
        case "gemini":
            (candidate,) = answer["candidates"]
            assert candidate["content"]["parts"][1:] == [
                {"text": "It is."},
                {"functionCall": {"name": "look", "args": {"at": 1}}},
            ]
            assert (candidate["finishReason"], answer["usageMetadata"]["totalTokenCount"]) == ("STOP", 5)
        case "ollama":
            assert (answer["message"]["content"], answer["message"]["thinking"], answer["done"]) == (
                "It is.",
                "hm",
                True,
            )
            assert answer["message"]["tool_calls"] == [{"function": {"name": "look", "arguments": {"at": 1}}}]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("v1/messages", [], 400),
        ("v1/messages", {"model": MODEL, "messages": ASKED}, 400),
        ("v1/messages", {"model": MODEL, "max_tokens": 9, "messages": [{"role": "system", "content": "x"}]}, 400),
        ("v1/messages", {"model": "none", "max_tokens": 9, "messages": ASKED}, 404),
        ("v1/messages", {"model": MODEL, "max_tokens": 9, "messages": [STRAY]}, 400),
        (f"v1beta/models/{MODEL}:generateContent", {}, 400),
        ("v1beta/models/none:generateContent", {"contents": [{"parts": [{"text": "x"}]}]}, 404),
        ("api/chat", {"model": MODEL}, 400),
        ("api/chat", {"model": "none", "messages": [{"role": "user", "content": "x"}]}, 404),
        ("api/show", {"model": "none"}, 404),
    ],
)  # fmt: skip
async def test_what_no_service_would_take_is_refused_in_its_words(
    model: Model, path: str, body: Any, status: int
) -> None:
    answered, said = await posted(model, path, body)

    assert answered == status
    assert said["error"]
    assert (said.get("type") == "error") == path.startswith("v1/")


async def test_gemini_answers_in_a_list_where_events_are_not_asked_for(model: Model) -> None:
    model.says("Hello", "a", "b")

    status, answer = await posted(model, f"v1beta/models/{MODEL}:streamGenerateContent", PATHS["gemini"][1])

    assert (status, len(answer)) == (200, 3)
    for version in ("v1beta", "v1"):
        path = f"{version}/models/{MODEL}:countTokens"
        assert (await posted(model, path, PATHS["gemini"][1]))[1] == {"totalTokens": 1}
    assert (await posted(model, "v1/messages/count_tokens", PATHS["anthropic"][1]))[1] == {"input_tokens": 1}


async def test_bytes_as_they_are_stand_in_any_stream(model: Model) -> None:
    model.says("Hello", Raw(b": ping\n\n"), "x")

    assert (await judge("anthropic", model.root)).text == "x"
