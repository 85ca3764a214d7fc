"""What a test of a bot relies on: answers as scripted, at their times, and a record of who asked what."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from telegram_playground.model import (
    HEADERS,
    Cut,
    End,
    Fault,
    Finish,
    Hang,
    Model,
    Raw,
    Reset,
    Thought,
    ToolCall,
    Torn,
    Usage,
    refusals,
    spoken,
)
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.model.client import Client


async def test_a_prompt_is_answered_by_the_text_that_was_given_for_it(model: Model, client: Client) -> None:
    model.says("weather", "It is ", "sunny.")

    got = await client.ask("What is the weather?")

    assert [delta["content"] for delta in got.deltas] == ["It is ", "sunny."]
    assert (got.finish, got.is_ended) == ("stop", True)


async def test_answers_to_one_prompt_come_in_turn_and_the_last_one_repeats(model: Model, client: Client) -> None:
    model.says("dice", "one")
    model.says("dice", "six")

    assert [(await client.ask("dice")).text for _ in range(3)] == ["one", "six", "six"]


async def test_a_prompt_that_nobody_prepared_is_repeated(client: Client) -> None:
    assert (await client.ask("Hello!")).text == "You said: Hello!"


async def test_a_script_is_asked_where_no_answer_was_given(session: aiohttp.ClientSession) -> None:
    async with Model(lambda request: [request.prompt.upper()] if "loud" in request.prompt else None) as model:
        client = Client(session, model.url)
        model.says("quiet", "Shh.")

        said = [(await client.ask(prompt)).text for prompt in ("loud", "loud, quiet", "Hello!")]

    assert said == ["LOUD", "Shh.", "You said: Hello!"]


async def test_the_answer_comes_whole_for_a_client_that_does_not_stream(model: Model, client: Client) -> None:
    model.says("weather", Thought("Let me see."), "It is ", "sunny.", Usage(7, 2))

    answer = await client.whole("weather")

    message = answer["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("It is sunny.", "Let me see.")
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"] == {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}


async def test_pauses_are_made_on_the_clock_that_a_test_moves(model: Model, client: Client, clock: HandClock) -> None:
    model.says("story", *spoken("abcdef", size=2, every_s=0.5, first_s=3))
    asking = asyncio.ensure_future(client.ask("story"))
    request = await model.asked("story")

    for seconds in (3, 0.5, 0.5):
        await clock.asleep(seconds)
        await clock.advance(seconds)

    assert (await asking).text == "abcdef"
    assert [at - request.asked_at for at in request.deltas] == [3, 3.5, 4]
    assert request.connected_s(clock.now()) == 4


async def test_a_delta_that_is_late_does_not_make_the_next_one_late(
    model: Model, client: Client, clock: HandClock
) -> None:
    model.says("story", "a", 1, "b", 1, "c")
    asking = asyncio.ensure_future(client.ask("story"))
    request = await model.asked("story")
    await clock.asleep(1)

    await clock.advance(5)

    assert (await asking).text == "abc"
    assert [at - request.asked_at for at in request.deltas] == [0, 1, 2]


async def test_an_answer_waits_for_an_event(model: Model, client: Client) -> None:
    go_on = asyncio.Event()
    model.says("story", "Once", go_on, " upon a time")
    asking = asyncio.ensure_future(client.ask("story"))
    request = await model.asked("story")
    await model.wait(lambda: request.deltas)
    assert (model.open, asking.done()) == (1, False)

    go_on.set()

    assert (await asking).text == "Once upon a time"
    assert (await model.ended(request), model.open) == (End.ANSWERED, 0)


async def test_reasoning_comes_in_the_field_that_a_service_has_for_it(model: Model, client: Client) -> None:
    model.says("think", Thought("Hm"), Thought("!", name="reasoning"), "Yes.")

    assert (await client.ask("think")).deltas == [{"reasoning_content": "Hm"}, {"reasoning": "!"}, {"content": "Yes."}]


async def test_a_tool_is_asked_for_and_its_result_is_answered(model: Model, client: Client) -> None:
    model.says("weather", ToolCall("weather", {"city": "Paris"}, id="call_1", size=5))
    model.says("weather", "Sunny in Paris.")

    asked = await client.ask("weather")
    calls = [delta["tool_calls"][0] for delta in asked.deltas]
    arguments = "".join(call["function"].get("arguments", "") for call in calls)
    function = {"name": "weather", "arguments": arguments}
    answer = await client.ask(
        [
            {"role": "user", "content": "weather"},
            {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": function}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "22 degrees"},
        ]
    )

    assert (calls[0]["id"], calls[0]["function"]["name"], len(calls)) == ("call_1", "weather", 5)
    assert (json.loads(arguments), asked.finish) == ({"city": "Paris"}, "tool_calls")
    assert (answer.text, model.requests[-1].results) == ("Sunny in Paris.", ["22 degrees"])


async def test_tokens_are_told_to_who_asks_for_them(model: Model, client: Client) -> None:
    model.says("hello", "a", "b", Usage(11, 2))
    tokens = {"prompt_tokens": 11, "completion_tokens": 2, "total_tokens": 13}

    got = await client.ask("hello", stream_options={"include_usage": True})

    assert got.chunks[-1]["usage"] == tokens
    assert not any("usage" in chunk for chunk in (await client.ask("hello")).chunks)


@pytest.mark.parametrize("reason", ["length", "content_filter", None])
async def test_an_answer_ends_for_the_reason_that_was_given(reason: str | None, model: Model, client: Client) -> None:
    model.says("long", "The beginning", Finish(reason))

    got = await client.ask("long")

    assert (got.text, got.finish, got.is_ended) == ("The beginning", reason, True)


async def test_a_refusal_has_the_status_the_headers_and_the_words_of_a_service(model: Model, client: Client) -> None:
    model.says("again", refusals.too_many(3))
    model.says("again", refusals.bad_gateway())

    async with client.post("again") as response:
        told = await response.json()
        assert (response.status, response.headers["Retry-After"]) == (429, "3")
        assert told["error"]["code"] == "rate_limit_exceeded"
    async with client.post("again") as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "<title>502 Bad Gateway</title>" in await response.text()
    assert [request.end for request in model.requests] == [End.REFUSED, End.REFUSED]


async def test_a_refusal_after_the_first_text_is_an_error_in_the_stream(model: Model, client: Client) -> None:
    model.says("half", "The beginning", refusals.overloaded())

    got = await client.ask("half")

    assert (got.status, got.text, got.is_ended) == (200, "The beginning", False)
    assert got.chunks[-1]["error"]["type"] == "server_error"


async def test_a_connection_is_reset_before_the_status_line(model: Model, client: Client) -> None:
    model.says("gone", Reset())

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.ask("gone")

    assert model.requests[-1].end is End.BROKEN


@pytest.mark.parametrize("said", [(), ("The beginning",)])
async def test_a_connection_is_reset_after_the_status_line(
    said: tuple[str, ...], model: Model, client: Client, clock: HandClock
) -> None:
    model.says("gone", HEADERS, *said, Reset(after_s=0.5))

    asking = asyncio.ensure_future(client.ask("gone"))
    await clock.asleep(0.5)
    await clock.advance(0.5)

    got = await asking
    assert (got.status, got.text, got.broken) == (200, "".join(said), True)


async def test_an_answer_that_is_cut_ends_without_a_sign(model: Model, client: Client) -> None:
    model.says("cut", "The beginning", Cut())

    got = await client.ask("cut")

    assert (got.text, got.finish, got.is_ended, got.broken) == ("The beginning", None, False, False)


@pytest.mark.parametrize("items", [(Hang(),), (HEADERS, Hang()), ("The beginning", Hang())])
async def test_a_silent_answer_ends_when_the_client_leaves(
    items: tuple[str | Fault, ...], model: Model, client: Client, clock: HandClock
) -> None:
    model.says("silence", *items)
    asking = asyncio.ensure_future(client.ask("silence"))
    request = await model.asked("silence")
    await clock.advance(7)
    assert (model.open, request.has_left) == (1, False)

    asking.cancel()

    assert await model.ended(request) is End.LEFT
    assert (request.has_left, request.connected_s(clock.now()), model.open) == (True, 7, 0)


async def test_a_client_that_is_gone_when_it_is_written_to_is_no_fault_of_the_server(
    model: Model, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def write(_response: web.StreamResponse, _data: bytes) -> None:
        raise aiohttp.ClientConnectionResetError

    monkeypatch.setattr(web.StreamResponse, "write", write)
    model.says("gone", "The beginning")

    await client.ask("gone")

    assert model.requests[-1].end is End.LEFT
    assert not caplog.records


async def test_an_answer_under_way_does_not_keep_the_server_from_closing(session: aiohttp.ClientSession) -> None:
    async with Model() as model:
        model.says("silence", Hang())
        asking = asyncio.ensure_future(Client(session, model.url).ask("silence"))
        request = await model.asked("silence")

    assert request.end is End.CLOSED
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_bytes_come_as_they_are_and_in_small_pieces(model: Model, client: Client) -> None:
    model.says("odd", Torn(3), Raw(b": a comment\n\n"), "Привет, ", "👩‍👩‍👧!", "\ud83d")

    got = await client.ask("odd")

    assert got.text == "Привет, 👩‍👩‍👧!\ud83d"


async def test_the_record_says_who_asked_what(model: Model, client: Client) -> None:
    system = {"role": "system", "content": "Be short."}
    parts = [
        {"type": "text", "text": "What is"},
        {"type": "image_url", "image_url": {}},
        {"type": "text", "text": "it?"},
    ]

    await client.ask([system, {"role": "user", "content": parts}], model="large", temperature=0.5)
    await client.ask("What is\nit?")

    first, second = model.requests
    assert (first.prompt, first.model, first.key, first.number) == ("What is\nit?", "large", "sk-1", 1)
    assert (first.messages[0], first.body["temperature"]) == (system, 0.5)
    assert (first.attempt, second.attempt, model.prompts()) == (1, 2, ["What is\nit?"] * 2)


async def test_the_record_is_read_over_http_without_keys(
    model: Model, client: Client, session: aiohttp.ClientSession
) -> None:
    await client.ask("one")
    await client.ask("two")

    async with session.get(model.url.removesuffix("v1") + "requests", params={"prompt": "two"}) as response:
        text = await response.text()

    (request,) = json.loads(text)
    assert (request["number"], request["prompt"], request["end"]) == (2, "two", "answered")
    assert "sk-1" not in text


async def test_no_more_conversations_are_kept_than_were_asked_for(session: aiohttp.ClientSession) -> None:
    async with Model(kept=2) as model:
        for prompt in ("one", "two", "three"):
            await Client(session, model.url).ask(prompt)

    assert model.prompts() == ["one", "two", "three"]
    assert [len(request.messages) for request in model.requests] == [0, 1, 1]


async def test_the_models_are_listed_and_others_are_refused(
    model: Model, client: Client, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{model.url}/models") as response:
        names = [entry["id"] for entry in (await response.json())["data"]]

    assert names == ["small", "large"]
    assert (await client.ask("Hello", model="huge")).status == 404


CALL = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "a"}}]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "22"}
QUESTION = {"role": "user", "content": "Hello"}


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([QUESTION, CALL, RESULT], 200),
        ([QUESTION, CALL, RESULT, QUESTION], 200),
        ([], 400),
        ([{"role": "robot", "content": "Hello"}], 400),
        ([QUESTION, CALL], 400),
        ([QUESTION, CALL, QUESTION], 400),
        ([QUESTION, RESULT], 400),
        ([QUESTION, CALL, RESULT, RESULT], 400),
    ],
)
async def test_a_conversation_is_refused_as_a_real_service_would(
    messages: list[dict[str, object]], status: int, client: Client
) -> None:
    assert (await client.ask(messages)).status == status


async def test_a_body_that_is_no_json_is_refused(model: Model, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{model.url}/chat/completions", data=b"\xff{") as response:
        assert (response.status, (await response.json())["error"]["type"]) == (400, "invalid_request_error")
    assert [request.end for request in model.requests] == [End.REFUSED]
