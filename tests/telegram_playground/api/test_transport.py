"""How calls come in and answers go out, and what goes wrong on the way if asked to."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from telegram_playground.client import Chat, PlaygroundClient
from telegram_playground.server import Playground
from telegram_playground.world.calls import TOPIC
from tests.telegram_playground.raw_bot import OTHER_TOKEN, TOKEN, RawBot, answer_of

KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


def _form(values: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _multipart(values: dict[str, Any]) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in _form(values).items():
        form.add_field(name, value)
    return form


@pytest.mark.parametrize("way", ["query", "form by GET", "json", "json strings", "urlencoded", "multipart"])
async def test_all_ways_of_passing_parameters_give_the_same_message(raw: RawBot, chat: Chat, way: str) -> None:
    entities = [{"type": "bold", "offset": 0, "length": 2}]
    values = {"chat_id": chat.id, "text": "hi there", "entities": entities, "reply_markup": KEYBOARD}
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "query": ("GET", {"params": _form(values)}),
        "form by GET": ("GET", {"data": _form(values)}),
        "json": ("POST", {"json": values}),
        "json strings": ("POST", {"json": _form(values)}),
        "urlencoded": ("POST", {"data": _form(values)}),
        "multipart": ("POST", {"data": _multipart(values)}),
    }
    verb, how = requests[way]

    async with raw.session.request(verb, f"{raw.base}/SENDmessage", **how) as response:
        message = (await answer_of(response)).result

    assert message["text"] == "hi there"
    assert message["entities"] == entities
    assert message["reply_markup"] == KEYBOARD
    assert message["chat"]["id"] == chat.id


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        (f"bot{TOKEN}/sendNothing", 404, "Not Found: method not found"),
        ("bot42:short/getMe", 401, "Unauthorized: invalid token specified"),
        ("botx/getMe", 401, "Unauthorized: invalid token specified"),
        (f"bot42:{'C' * 35}/getMe", 401, "Unauthorized"),
        ("elsewhere", 404, "Not Found"),
        (f"bot{TOKEN}/sendGame", 501, "Not Implemented: sendGame is not simulated by the playground"),
    ],
)
async def test_what_is_not_there_is_refused_in_telegrams_words(
    raw: RawBot, playground: Playground, path: str, status: int, description: str
) -> None:
    async with raw.session.get(f"{playground.url}/{path}") as response:
        answer = await answer_of(response)

    assert (answer.status, answer.description) == (status, description)


@pytest.mark.parametrize("path", [f"bot{TOKEN}/sendMessage", "playground/add_user"])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "multipart/form-data; boundary=B"}, b"--B\r\njunk\r\n\r\nx\r\n--B--\r\n"),
        ({"Content-Type": "multipart/form-data; boundary=B"}, b"--B\r\n" + b"x: y" * 9_000 + b"\r\n\r\nx\r\n--B--\r\n"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"junk"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    raw: RawBot, playground: Playground, path: str, headers: dict[str, str], body: bytes
) -> None:
    async with raw.session.post(f"{playground.url}/{path}", data=body, headers=headers) as response:
        answer = await response.json()

    assert response.status == 400
    assert answer["ok"] is False


async def test_a_malformed_token_gets_404_where_the_hosted_server_is_imitated(
    raw: RawBot, people: PlaygroundClient, playground: Playground
) -> None:
    await people.set(bad_token=404)

    async with raw.session.get(f"{playground.url}/bot1:x/getMe") as response:
        assert (await answer_of(response)).status == 404


async def test_large_ids_survive_and_unknown_parameters_are_ignored(raw: RawBot, group: Chat) -> None:
    message = await raw("sendMessage", chat_id=str(group.id), text="x", wishful=[1, {"a": None}])

    assert message["chat"]["id"] == group.id < -(2**39)
    assert message["from"]["id"] == 42


async def test_values_are_read_as_telegram_reads_them(raw: RawBot, chat: Chat) -> None:
    wrong = {"message_id": "nine", "text": "x", "chat_id": chat.id}

    assert await raw.refused("editMessageText", **wrong) == "Bad Request: message identifier is not specified"
    sent = await raw("sendMessage", chat_id=f"{chat.id}and more", text=1.5, protect_content="maybe")
    assert (sent["text"], "has_protected_content" in sent) == ("1.5", False)
    assert (await raw("sendMessage", chat_id=chat.id, text={"a": True}, protect_content="YES"))["text"] == '{"a": true}'
    wrong = {"chat_id": chat.id, "text": "x", "reply_parameters": {"message_id": [1]}}
    assert await raw.refused("sendMessage", **wrong) == (
        'Bad Request: can\'t parse ReplyParameters: Field "message_id" must be of type Number'
    )
    assert await raw.refused("sendMessage", chat_id=chat.id, text="x", reply_markup="{") == (
        "Bad Request: can't parse reply markup JSON object"
    )
    assert await raw.refused("sendMessage", text="x") == "Bad Request: chat_id is empty"
    async with raw.session.post(
        f"{raw.base}/getMe", data=b"[", headers={"Content-Type": "application/json"}
    ) as response:
        assert (await answer_of(response)).description == "Bad Request: can't parse JSON object"


async def test_every_method_of_the_bot_api_is_recognised(raw: RawBot) -> None:
    for method in ("sendGame", "getAvailableGifts", "postStory", "setGameScore", "editMessageChecklist"):
        assert "is not simulated by the playground" in await raw.refused(method)


async def test_an_asked_for_429_has_its_time_in_body_and_header(
    raw: RawBot, people: PlaygroundClient, chat: Chat
) -> None:
    await people.fault("sendMessage", "429", seconds=17, chat=chat.id)

    refused = await raw.call("sendMessage", chat_id=chat.id, text="x")
    after = await raw.call("sendMessage", chat_id=chat.id, text="x")

    assert refused.status == 429
    assert refused.description == "Too Many Requests: retry after 17"
    assert refused.body["parameters"] == {"retry_after": 17}
    assert refused.headers["retry-after"] == "17"
    assert after.status == 200


async def test_an_asked_for_error_meets_only_its_method_and_chat(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat
) -> None:
    await people.fault("sendmessage", "500", chat=chat.id, times=None)
    await people.fault("getMe", "error", code=403, description="Forbidden: just so")

    assert await raw.refused("sendMessage", chat_id=chat.id, text="x") == "Internal Server Error"
    assert (await raw.call("sendMessage", chat_id=chat.id, text="x")).status == 500
    assert (await raw.call("sendMessage", chat_id=group.id, text="x")).status == 200
    assert await raw.refused("getMe") == "Forbidden: just so"
    await people.clear_faults()
    assert (await raw.call("sendMessage", chat_id=chat.id, text="x")).status == 200


async def test_a_502_has_a_page_of_html(raw: RawBot, people: PlaygroundClient) -> None:
    await people.fault("*", "502html")

    async with raw.session.get(f"{raw.base}/getMe") as response:
        assert response.status == 502
        assert response.content_type == "text/html"
        assert "<html>" in await response.text()


@pytest.mark.parametrize(("kind", "sent"), [("reset", 0), ("lost", 1)])
async def test_a_connection_breaks_before_or_after_the_call_is_carried_out(
    raw: RawBot, people: PlaygroundClient, chat: Chat, kind: str, sent: int
) -> None:
    await people.fault("sendMessage", kind)

    with pytest.raises(aiohttp.ClientConnectionError):
        await raw("sendMessage", chat_id=chat.id, text="did it arrive?")

    texts = [message.text for message in await people.messages(chat)]
    assert texts.count("did it arrive?") == sent


async def test_a_call_without_an_answer_is_carried_out_later(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.fault("sendMessage", "late", seconds=0.1)

    with pytest.raises(aiohttp.ClientConnectionError):
        await raw("sendMessage", chat_id=chat.id, text="on its way")

    await people.wait(chat, text="on its way")
    (call,) = await people.calls(method="sendMessage")
    assert call["executed"] > call["finished"]


@pytest.mark.parametrize(("execute", "sent"), [(False, 0), (True, 1)])
async def test_a_call_that_hangs_has_no_answer(
    raw: RawBot, people: PlaygroundClient, playground: Playground, chat: Chat, execute: bool, sent: int
) -> None:
    await people.fault("sendMessage", "hang", execute=execute)

    sending = asyncio.ensure_future(raw("sendMessage", chat_id=chat.id, text="hello?"))
    await playground.world.feed.wait(TOPIC, lambda: playground.calls.last(1) or None)
    await asyncio.wait({sending}, timeout=0.3)
    assert not sending.done()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    assert len(await people.messages(chat)) == 1 + sent


@pytest.mark.parametrize(("execute", "before"), [(False, 1), (True, 2)])
async def test_a_held_call_goes_on_when_it_is_released(
    raw: RawBot, people: PlaygroundClient, chat: Chat, execute: bool, before: int
) -> None:
    await people.fault("sendMessage", "hold", execute=execute)

    sending = asyncio.ensure_future(raw("sendMessage", chat_id=chat.id, text="now"))
    held = await people.wait_held()
    count = len(await people.messages(chat))
    await people.release(held["id"])

    assert held["method"] == "sendMessage"
    assert held["parameters"]["text"] == "now"
    assert count == before
    assert (await sending)["text"] == "now"


async def test_a_held_call_is_dropped_with_its_client(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.fault("sendMessage", "hold")
    sending = asyncio.ensure_future(raw("sendMessage", chat_id=chat.id, text="never"))
    held = await people.wait_held()

    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    dropped = await people.wait_call("sendMessage")
    await people.release()

    assert dropped["id"] == held["id"]
    assert [message.text for message in await people.messages(chat)] == ["/start"]


async def test_a_call_that_has_arrived_is_carried_out_without_its_client(
    raw: RawBot, people: PlaygroundClient, playground: Playground, chat: Chat
) -> None:
    await people.set(latency_s=0.3)
    sending = asyncio.ensure_future(raw("sendMessage", chat_id=chat.id, text="arrived"))
    await playground.world.feed.wait(TOPIC, lambda: playground.calls.last(1) or None)

    sending.cancel()

    assert (await people.wait(chat, text="arrived")).text == "arrived"


async def test_latency_delays_execution_and_answer(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.set(latency_s=0.2)

    await raw("sendMessage", chat_id=chat.id, text="x")
    call = (await people.calls(method="sendMessage"))[0]

    assert call["executed"] - call["started"] >= 0.1
    assert call["finished"] - call["executed"] >= 0.1


async def test_connections_are_kept_open_between_calls(playground: Playground) -> None:
    opened = 0

    async def count(*_: object) -> None:
        nonlocal opened
        opened += 1

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        for _ in range(3):
            await RawBot(session, playground.url)("getMe")

    assert opened == 1


async def test_an_offline_server_closes_every_connection(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.set(offline=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await raw("getMe")

    await people.set(offline=False)
    assert (await raw("getMe"))["username"] == "test_bot"


async def test_any_number_of_bots_live_side_by_side(
    raw: RawBot, people: PlaygroundClient, playground: Playground
) -> None:
    other = RawBot(raw.session, playground.url, OTHER_TOKEN)
    second = await people.bot(OTHER_TOKEN)
    ann = await people.add_user("Ann")
    chat = await people.private(ann, second)
    await people.write(chat, ann, "for the second")

    assert await raw.updates() == []
    assert [update["message"]["text"] for update in await other.updates()] == ["for the second"]
    assert (await other("getMe"))["id"] == 43


async def test_calls_are_recorded_with_parameters_answers_and_times(
    raw: RawBot, people: PlaygroundClient, chat: Chat
) -> None:
    await raw("sendMessage", chat_id=chat.id, text="one")
    await raw.refused("sendMessage", chat_id=chat.id, text="")

    first, second = await people.calls(method="sendMessage")
    assert first["parameters"] == {"chat_id": chat.id, "text": "one"}
    assert first["result"]["text"] == "one"
    assert first["started"] <= first["executed"] <= first["finished"]
    assert (second["ok"], second["error_code"], second["executed"]) == (False, 400, None)
    assert await people.calls(since=second["id"]) == []


@pytest.mark.parametrize(("execute", "sent"), [(False, 0), (True, 1)])
async def test_an_asked_for_body_comes_word_for_word(
    raw: RawBot, people: PlaygroundClient, chat: Chat, execute: bool, sent: int
) -> None:
    await people.fault("sendMessage", "body", code=418, description="I am a <b>teapot</b>", execute=execute)

    async with raw.session.post(f"{raw.base}/sendMessage", data={"chat_id": chat.id, "text": "tea?"}) as response:
        assert (response.status, await response.text()) == (418, "I am a <b>teapot</b>")

    assert [message.text for message in await people.messages(chat)].count("tea?") == sent
