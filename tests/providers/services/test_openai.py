"""OpenAI's protocol as its many servers speak it; what all providers have in common is in test_exchange.py."""

import json
from collections.abc import Sequence
from random import Random

import pytest

from providers.base import Message, Usage
from providers.errors import EmptyAnswer, Incomplete, ModelNotSupported, OnlyThought, Refused, ServiceFailed
from providers.services.openai import OpenAI, Settings
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, Outcome, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, status
from tests.services.proxies import HttpProxy
from tests.services.wire import Wire, sse

pytestmark = pytest.mark.usefixtures("judged")

PATH = "/v1/chat/completions"
MODELS = "/v1/models"


@pytest.fixture
def provider(server: Server, http: Http) -> OpenAI:
    return make(server, http, model="m")


def make(server: Server, http: Http, **fields: str) -> OpenAI:
    return OpenAI(Settings(base_url=f"{server.url}/v1", **fields), http=http, clock=FakeClock(), random=Random(1))  # type: ignore[arg-type]  # pydantic converts them


def chunk(content: object = None, *, finish: str | None = None, **delta: object) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": content, **delta}, "logprobs": None, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def stream(*items: dict[str, object], end: str = "[DONE]") -> Fault:
    return body(sse(items, end=end))


def whole(content: object, **more: object) -> Fault:
    return document(
        {"choices": [{"message": {"role": "assistant", "content": content, **more}, "finish_reason": "stop"}]}
    )


async def ask(provider: OpenAI, messages: Sequence[Message] = HELLO, *, proxy: str | None = None) -> Outcome:
    return await outcome(provider.create_async_generator(None, messages, proxy=proxy))


async def test_the_request_is_the_protocols(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = stream(chunk("Hi", finish="stop"))
    messages: list[Message] = [
        {"role": "system", "content": "Be brief"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Hel"}, {"type": "image_url"}, {"type": "text", "text": "lo"}],
        },
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "And?"},
    ]

    answer = provider.create_async_generator(
        None, messages, proxy=None, timeout=None, temperature=0.5, top_p=None, web_search=True
    )
    await outcome(answer)

    (asked,) = server.asked
    assert asked.method == "POST"
    assert "Authorization" not in asked.headers
    assert asked.body == {
        "model": "m",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "And?"},
        ],
    }


async def test_the_key_goes_into_the_authorization_header(server: Server, http: Http) -> None:
    server.answers[PATH] = stream(chunk("Hi", finish="stop"))

    await ask(make(server, http, model="m", api_key=" key "))

    assert server.asked[0].headers["Authorization"] == "Bearer key"


@pytest.mark.foreign("a server's that does not stream")
async def test_an_answer_that_is_not_streamed_is_taken(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = document(
        {
            "id": "x",
            "choices": [{"message": {"role": "assistant", "content": "Hello!"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2},
        }
    )

    found = await ask(provider)

    assert (found.text, found.usage, found.error) == ("Hello!", Usage(3, 2), None)


async def test_the_token_count_comes_last_and_once(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = stream(
        {**chunk("Hi"), "usage": {"prompt_tokens": 3, "completion_tokens": 1}},
        {**chunk(finish="stop"), "usage": None},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    )

    assert (await ask(provider)).deltas == ["Hi", Usage(3, 2)]


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": {"message": "Unrecognized request argument supplied: stream_options"}},
        {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]},
        {"message": "unknown field 'include_usage'"},
    ],
)
@pytest.mark.parametrize("code", [400, 422])
async def test_a_server_that_counts_no_tokens_is_asked_without_from_then_on(
    provider: OpenAI, server: Server, refusal: object, code: int
) -> None:
    server.answers[PATH] = [document(refusal, code=code), stream(chunk("Hi", finish="stop"))]

    first = await ask(provider)
    second = await ask(provider)

    assert (first.text, second.text) == ("Hi", "Hi")
    assert ["stream_options" in asked.body for asked in server.asked] == [True, False, False]


async def test_a_refusal_that_does_not_name_them_costs_the_counts_of_one_answer_at_most(
    provider: OpenAI, server: Server
) -> None:
    refusal = {"error": {"message": "Unsupported value: 'temperature'"}}
    server.answers[PATH] = [document(refusal, code=400), stream(chunk("Hi", finish="stop"))]

    first = await ask(provider)
    await ask(provider)

    assert first.text == "Hi"
    assert ["stream_options" in asked.body for asked in server.asked] == [True, False, True]


async def test_a_server_that_counted_no_tokens_is_asked_to_again_an_hour_later(server: Server, http: Http) -> None:
    clock = FakeClock()
    settings = Settings(base_url=f"{server.url}/v1", model="m")
    provider = OpenAI(settings, http=http, clock=clock, random=Random(1))
    refusal = document({"error": {"message": "Unrecognized request argument: stream_options"}}, code=400)
    server.answers[PATH] = [refusal, stream(chunk("Hi", finish="stop"))]

    await ask(provider)
    await ask(provider)
    await clock.advance(3601)
    await ask(provider)

    assert ["stream_options" in asked.body for asked in server.asked] == [True, False, False, True]


@pytest.mark.foreign("of a model that does not stream")
async def test_a_model_that_does_not_stream_is_asked_for_a_whole_answer(provider: OpenAI, server: Server) -> None:
    refusal = document({"error": {"message": "'stream' does not support true with this model"}}, code=400)
    server.answers[PATH] = [refusal, refusal, whole("Hi")]

    found = await ask(provider)

    assert found.text == "Hi"
    assert [asked.body["stream"] for asked in server.asked] == [True, True, False]


async def test_a_request_that_is_wrong_otherwise_is_not_repeated(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = document({"error": {"message": "Invalid value for 'messages'"}}, code=400)

    assert isinstance((await ask(provider)).error, ServiceFailed)
    assert len(server.asked) == 1


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_deltas_are_kept_apart(provider: OpenAI, server: Server, field: str) -> None:
    server.answers[PATH] = stream(chunk(**{field: "H"}), chunk(**{field: "m"}), chunk("Yes"), chunk(finish="stop"))

    found = await ask(provider)

    assert (found.reasoning, found.text) == ("Hm", "Yes")


@pytest.mark.foreign("Mistral's")
async def test_content_in_parts_is_text_and_reasoning(provider: OpenAI, server: Server) -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}, {"type": "text", "text": "Yes"}]
    server.answers[PATH] = stream(chunk(parts), chunk(finish="stop"))

    found = await ask(provider)

    assert (found.reasoning, found.text) == ("Hm", "Yes")


@pytest.mark.parametrize(
    ("items", "text", "kind"),
    [
        ([chunk("Hi", finish="length")], "Hi", Incomplete),
        ([chunk("Hi", finish="content_filter")], "Hi", Incomplete),
        ([chunk(finish="content_filter")], "", Refused),
        ([chunk(refusal="I cannot help with that."), chunk(finish="stop")], "", Refused),
        ([chunk("Hi"), chunk(finish="error")], "Hi", Incomplete),
        ([chunk(reasoning="Hm"), chunk(finish="length")], "", OnlyThought),
        ([chunk(finish="tool_calls")], "", EmptyAnswer),
        ([{"object": "error", "message": "no such thing"}], "", ServiceFailed),
        pytest.param(
            [{"choices": [None]}, {"choices": "?"}, {"choices": [{"delta": 7}]}],
            "",
            ServiceFailed,
            marks=pytest.mark.foreign("nobody's"),
        ),
    ],
)
async def test_an_end_is_called_by_its_name(
    provider: OpenAI, server: Server, items: list[dict[str, object]], text: str, kind: type[Exception]
) -> None:
    server.answers[PATH] = stream(*items)

    found = await ask(provider)

    assert found.text == text
    assert type(found.error) is kind


async def test_a_refusal_is_told_in_the_words_of_the_model(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = stream(chunk(refusal="I can"), chunk(refusal="not."), chunk(finish="stop"))

    found = await ask(provider)

    assert found.error is not None
    assert found.error.reason == "I cannot."


@pytest.mark.parametrize("end", ["", "[DONE]"])
@pytest.mark.parametrize("finish", [pytest.param(None, marks=pytest.mark.foreign("of small servers")), "stop"])
async def test_an_answer_is_whole_with_a_finish_reason_or_an_end_marker(
    provider: OpenAI, server: Server, finish: str | None, end: str
) -> None:
    server.answers[PATH] = stream(chunk("Hi"), chunk(finish=finish), end=end)

    found = await ask(provider)

    assert found.text == "Hi"
    assert isinstance(found.error, Incomplete if not finish and not end else type(None))


async def test_text_after_a_finish_reason_is_not_lost(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = stream(chunk("Hel", finish="stop"), chunk("lo", finish="stop"))

    assert (await ask(provider)).text == "Hello"


@pytest.mark.foreign("one cut off")
async def test_a_connection_lost_after_the_finish_does_no_harm(provider: OpenAI, server: Server) -> None:
    server.answers[PATH] = body(sse([chunk("Hi", finish="stop")], end=""), Wire(end="cut"))

    found = await ask(provider)

    assert (found.text, found.error) == ("Hi", None)


@pytest.mark.foreign("garbage")
async def test_comments_keep_alive_and_garbage_between_events_are_no_text(provider: OpenAI, server: Server) -> None:
    data = b": OPENROUTER PROCESSING\n\n" + sse([chunk("Hi")], end="") + b"data: {broken\n\ndata: \xff\n\nevent: x\n\n"
    server.answers[PATH] = body(data + sse([chunk(finish="stop")]))

    found = await ask(provider)

    assert (found.text, found.error) == ("Hi", None)


async def test_models_are_listed_without_those_that_do_not_chat(provider: OpenAI, server: Server) -> None:
    names = ["a", "text-embedding-3-small", "b", "whisper-1", 7, None, ""]
    server.answers[MODELS] = document({"object": "list", "data": [{"id": name} for name in names]})

    await provider.refresh()

    assert provider.get_models() == ["m", "a", "b"]
    assert provider.get_model("b") == "b"
    with pytest.raises(ModelNotSupported):
        provider.get_model("c")


async def test_a_plain_list_of_models_is_taken_too(provider: OpenAI, server: Server) -> None:
    server.answers[MODELS] = status(200, json.dumps([{"id": "a"}, {"id": "b"}]))

    await provider.refresh()

    assert provider.get_models() == ["m", "a", "b"]


@pytest.mark.parametrize("answer", [status(404), status(405), document({"data": []}), document({"data": None})])
async def test_a_server_without_a_list_takes_any_model(provider: OpenAI, server: Server, answer: Fault) -> None:
    server.answers[MODELS] = answer

    await provider.refresh()

    assert provider.get_models() == ["m"]
    assert provider.get_model("anything") == "anything"


async def test_a_list_that_is_refused_is_an_error(provider: OpenAI, server: Server) -> None:
    server.answers[MODELS] = status(500)

    with pytest.raises(ServiceFailed):
        await provider.refresh()


async def test_without_a_configured_model_the_servers_first_one_answers(server: Server, http: Http) -> None:
    server.answers = {MODELS: document({"data": [{"id": "a"}, {"id": "b"}]}), PATH: stream(chunk("Hi", finish="stop"))}
    provider = make(server, http)

    await ask(provider)
    await ask(provider)

    assert [asked.path for asked in server.asked] == [MODELS, PATH, PATH]
    assert server.asked[1].body["model"] == "a"
    assert provider.default_model == "a"


async def test_a_server_that_names_no_model_is_asked_without_one(server: Server, http: Http) -> None:
    server.answers = {MODELS: status(404), PATH: stream(chunk("Hi", finish="stop"))}

    assert (await ask(make(server, http))).text == "Hi"
    assert "model" not in server.asked[1].body


async def test_the_proxy_of_a_call_is_used_for_all_its_requests(server: Server, http: Http) -> None:
    server.answers = {MODELS: document({"data": [{"id": "a"}]}), PATH: stream(chunk("Hi", finish="stop"))}

    async with HttpProxy() as proxy:
        found = await ask(make(server, http), proxy=proxy.url)

        assert found.text == "Hi"
        assert len(proxy.seen) == 2
