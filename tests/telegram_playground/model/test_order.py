"""A prompt that says itself how it is to be answered."""

import asyncio

import aiohttp
import pytest

from telegram_playground.model import Model
from telegram_playground.model.protocol.refusals import BY_STATUS
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.model.client import Client


async def test_words_or_a_text_are_said(client: Client) -> None:
    assert (await client.ask("Go on [model words 3]")).text == "word0 word1 word2"
    assert (await client.ask("Go on [model say Yes, **please**!]")).text == "Yes, **please**!"
    assert (await client.ask("Go on [model size 2]")).text == "Go on"


async def test_deltas_have_a_size_and_come_at_their_times(model: Model, client: Client, clock: HandClock) -> None:
    asking = asyncio.ensure_future(client.ask("[model say abcdef; size 3; every 0.5; first 2]"))
    request = await model.asked()

    await clock.asleep(2)
    await clock.advance(2.5)

    assert [delta["content"] for delta in (await asking).deltas] == ["abc", "def"]
    assert [at - request.asked_at for at in request.deltas] == [2, 2.5]


async def test_reasoning_goes_before_the_text(client: Client) -> None:
    got = await client.ask("[model think 2; say Yes.; finish length]")

    assert got.deltas == [{"reasoning_content": "thought0 "}, {"reasoning_content": "thought1 "}, {"content": "Yes."}]
    assert got.finish == "length"


async def test_a_tool_is_asked_for_until_its_result_is_there(client: Client) -> None:
    prompt = {"role": "user", "content": '[model call weather {"city": "Paris"}; say Sunny.]'}

    asked = await client.ask([prompt])
    call = {"id": "call_weather_0", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "call_weather_0", "content": "22"}
    answer = await client.ask([prompt, {"role": "assistant", "tool_calls": [call]}, result])

    assert asked.deltas[0]["tool_calls"][0]["id"] == "call_weather_0"
    assert (asked.finish, answer.text) == ("tool_calls", "Sunny.")


@pytest.mark.parametrize("status", BY_STATUS)
async def test_each_refusal_of_a_real_service_can_be_ordered(status: int, client: Client) -> None:
    async with client.post(f"[model status {status}]") as response:
        assert response.status == status
        assert len(await response.text()) > 20


async def test_a_limit_says_when_to_come_again(client: Client) -> None:
    async with client.post("[model status 429; retry after 7]") as response:
        assert response.headers["Retry-After"] == "7"


async def test_a_fault_comes_after_so_many_deltas_and_so_many_times(model: Model, client: Client) -> None:
    prompt = "[model say abcdef; size 2; reset 2; times 1]"

    first, second = [await client.ask(prompt) for _ in range(2)]

    assert (first.broken, second.text) == (True, "abcdef")
    assert "abcdef".startswith(first.text)
    assert (len(model.requests[0].deltas), len(model.requests[1].deltas)) == (2, 3)


async def test_an_answer_is_cut_or_falls_silent_where_it_was_ordered(model: Model, client: Client) -> None:
    cut = await client.ask("[model say abcdef; size 2; cut 1]")
    silent = asyncio.ensure_future(client.ask("[model say abcdef; size 2; hang 3]"))
    request = await model.asked("hang")

    assert (cut.text, cut.is_ended) == ("ab", False)
    silent.cancel()
    await model.ended(request)
    assert (len(request.deltas), request.has_left) == (3, True)


async def test_a_fault_without_a_number_comes_before_the_status_line(client: Client) -> None:
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.ask("[model reset]")


@pytest.mark.parametrize("order", ["wrods 5", "words many", "status 299", ""])
async def test_a_wrong_order_is_refused_with_its_reason(order: str, client: Client) -> None:
    async with client.post(f"[model {order}]") as response:
        assert response.status == 400
        assert (await response.json())["error"]["message"]
