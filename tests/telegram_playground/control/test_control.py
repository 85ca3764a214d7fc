"""The control API and its client: commands, events, and who may give commands."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from telegram_playground.client import Chat, NothingCame, PlaygroundClient, PlaygroundError, User
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.protocol.commands import commands, given
from telegram_playground.protocol.errors import ApiError
from telegram_playground.server import Playground
from telegram_playground.world.feed import Feed
from tests.telegram_playground.raw_bot import TOKEN, RawBot

JSON = {"Content-Type": "application/json"}


async def _events(session: aiohttp.ClientSession, playground: Playground) -> aiohttp.ClientWebSocketResponse:
    return await session.ws_connect(f"{playground.url}/playground/events")


async def test_a_reader_gets_a_snapshot_and_then_every_change(
    session: aiohttp.ClientSession, playground: Playground, people: PlaygroundClient, raw: RawBot, chat: Chat, ann: User
) -> None:
    socket = await _events(session, playground)
    snapshot = await socket.receive_json()

    message = await people.write(chat, ann, "hi")
    sent = await raw("sendMessage", chat_id=chat.id, text="hello")
    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="hello you")
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="hm")
    await raw("sendChatAction", chat_id=chat.id, action="typing")
    await people.react(chat, ann, sent["message_id"], "👍")
    await people.delete(chat, ann, sent["message_id"])
    await people.set(jitter_s=0)
    got: list[dict[str, Any]] = []
    while not got or got[-1]["type"] != "options":
        got.append(await socket.receive_json(timeout=30))
    await socket.close()

    assert snapshot["type"] == "snapshot"
    assert [known["key"] for known in snapshot["chats"]] == [chat.key]
    assert snapshot["chats"][0]["messages"][0]["text"] == "/start"
    changes = [event for event in got if event["type"] not in ("call", "meters")]
    kinds = ["message", "message", "edit", "draft", "action", "reaction", "delete", "options"]
    assert [event["type"] for event in changes] == kinds
    assert changes[0]["message"]["message_id"] == message.message_id
    assert changes[2]["message"]["text"] == "hello you"
    assert changes[5]["reactions"] == [{"emoji": "👍", "user": ann.id}]
    calls = [event["call"] for event in got if event["type"] == "call" and event["call"]["method"] == "sendMessage"]
    assert [call["ok"] for call in calls] == [None, True]


async def test_a_reader_that_is_too_slow_is_let_go() -> None:
    feed = Feed()
    slow = feed.subscribe()

    for number in range(3000):
        feed.publish({"number": number})

    assert not feed.watched
    assert slow.queue.qsize() < 3000


@pytest.mark.parametrize("path", ["", "playground/state", "playground/events", f"bot{TOKEN}/getMe"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}, {"Host": "1.2.3.4"}]
)
async def test_other_sites_get_nothing(
    session: aiohttp.ClientSession, playground: Playground, path: str, headers: dict[str, str]
) -> None:
    method = "POST" if path == "playground/state" else "GET"
    async with session.request(method, f"{playground.url}/{path}", headers=headers) as response:
        assert response.status == 403


async def test_other_sites_may_link_to_the_page_but_not_call(
    session: aiohttp.ClientSession, playground: Playground
) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    statuses = []
    for path in ("", f"bot{TOKEN}/getMe", "playground/file/x"):
        async with session.get(f"{playground.url}/{path}", headers=foreign) as response:
            statuses.append(response.status)

    assert statuses == [200, 403, 403]


async def test_the_page_itself_may_give_commands(session: aiohttp.ClientSession, playground: Playground) -> None:
    own = {"Origin": playground.url}
    async with session.post(f"{playground.url}/playground/state", json={}, headers=own) as response:
        assert response.status == 200


async def test_beyond_loopback_nothing_is_answered_without_the_key(session: aiohttp.ClientSession) -> None:
    async with Playground(host="0.0.0.0", limits=Limits.off()) as playground:
        base, key = playground.url.rsplit("/", 1)

        statuses = []
        for prefix in (base, f"{base}/wrong", f"{base}/{key}x", playground.url):
            async with session.get(f"{prefix}/bot{TOKEN}/getMe") as response:
                statuses.append(response.status)
            async with session.get(f"{prefix}/") as response:
                statuses.append(response.status)

        assert len(key) >= 32
        assert statuses == [403] * 6 + [200] * 2
        async with PlaygroundClient(playground.url) as people:
            assert (await people.add_user("Ann")).first_name == "Ann"


async def test_files_of_users_cannot_run_in_the_page(
    session: aiohttp.ClientSession, playground: Playground, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    hostile = b"<script>alert(1)</script>"
    sent = await people.send_file(chat, ann, "a.html", hostile, mime="text/html", kind="document")

    async with session.get(f"{playground.url}/playground/file/{sent.raw['document']['file_id']}") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("command", "arguments", "reason"),
    [
        ("nothing", {}, "there is no command nothing"),
        ("add_user", {}, "first_name must be a text"),
        ("add_user", {"first_name": " "}, "first_name must be a text of 1 to 255 characters"),
        ("add_user", {"first_name": "A", "username": "a b"}, "username must be"),
        ("write", {"chat": "none", "user": 1, "text": "x"}, "chat not found"),
        ("bot", {"token": "1:x"}, "not of Telegram's form"),
        ("wait", {"chat": "none", "text": "("}, "chat not found"),
        ("fault", {"method": "*", "kind": "earthquake"}, "no kind of fault"),
        ("set", {"gravity": 1}, "no option named gravity"),
        ("set", {"latency_s": "much"}, "no value for latency_s"),
        ("set", {"limits": {"private_burst": -1}}, "no value for the limit private_burst"),
        ("add_group", {"title": "x", "members": "all"}, "members must be a list"),
        ("add_user", {"frist_name": "Ann"}, "add_user has no parameter frist_name; did you mean first_name?"),
        ("add_user", {"first_name": "A", "age": 7}, "has no parameter age; it takes first_name, last_name"),
        ("reset", {"chats": True}, "reset has no parameter chats; it takes none"),
    ],
)
async def test_wrong_commands_are_refused_with_the_reason(
    people: PlaygroundClient, command: str, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PlaygroundError, match=reason):
        await people.command(command, **arguments)


def test_a_number_that_no_float_can_hold_is_refused() -> None:
    numbers = [
        (name, each)
        for name, told in commands().items()
        for each, kind in told["parameters"].items()
        if kind.startswith("number") and name != "set"  # the options read theirs
    ]
    assert ("wait", "timeout") in numbers
    for name, each in numbers:
        for value in (10**400, -(10**400), float("nan"), float("inf")):
            with pytest.raises(ApiError, match=f"{each} must be a number"):
                given(name, {each: value})


@pytest.mark.parametrize("pattern", ["(", "(" * 4000, "a{99999999999999999999}"])
async def test_a_pattern_that_is_none_is_refused(people: PlaygroundClient, chat: Chat, pattern: str) -> None:
    with pytest.raises(PlaygroundError, match="text is no regular expression"):
        await people.wait(chat, text=pattern, timeout=0)


async def test_a_group_of_bots_alone_is_refused(people: PlaygroundClient, bot: Any) -> None:
    for members in ([], [bot.id]):
        with pytest.raises(PlaygroundError, match="a group needs a person among its members"):
            await people.command("add_group", title="Bots", members=members, bots=[bot.id])

    assert (await people.command("state"))["chats"] == []


async def test_what_cannot_be_understood_is_no_deed(people: PlaygroundClient, chat: Chat, ann: User) -> None:
    for wrong in ({"txet": "x"}, {"text": "x", "reply_to": "soon"}, {"text": "x", "topic": 2**63}):
        with pytest.raises(PlaygroundError):
            await people.command("write", chat=chat.key, user=ann.id, **wrong)

    cassette = await people.command("cassette")
    assert [deed["arguments"].get("text") for deed in cassette["deeds"] if deed["command"] == "write"] == ["/start"]
    assert len(await people.messages(chat)) == 1


async def test_a_form_says_the_same_as_json(
    session: aiohttp.ClientSession, playground: Playground, people: PlaygroundClient, group: Chat, ann: User
) -> None:
    form = {"title": "Both", "members": f"[{ann.id}]", "forum": "true", "kind": "supergroup", "signs": ""}
    async with session.post(f"{playground.url}/playground/add_group", data=form) as response:
        made = (await response.json())["result"]
    assert (made["is_forum"], [member["user"] for member in made["members"]]) == (True, [ann.id])
    async with session.post(f"{playground.url}/playground/set", data={"latency_s": "0", "limits": "off"}) as response:
        assert (await response.json())["result"]["limits"]["enabled"] is False
    written = await people.command("write", chat=group.id, user=str(ann.id), text="the chat by its id")
    assert written["chat"]["id"] == group.id


async def test_waiting_ends_with_the_message_that_matches(
    people: PlaygroundClient, raw: RawBot, chat: Chat, ann: User
) -> None:
    stop = {"inline_keyboard": [[{"text": "⏹", "callback_data": "stop:1"}]]}
    question = await people.write(chat, ann, "question")
    waiting = asyncio.ensure_future(people.wait(chat, text="^an", after=question.message_id, complete=True))
    sent = await raw("sendMessage", chat_id=chat.id, text="…", reply_markup=stop)
    place = {"chat_id": chat.id, "message_id": sent["message_id"]}

    await raw("editMessageText", text="answer so far", reply_markup=stop, **place)
    await raw("editMessageText", text="answer", **place)

    assert (await waiting).text == "answer"
    with pytest.raises(NothingCame, match="'answer'"):
        await people.wait(chat, text="another", timeout=0.05)


async def test_a_page_of_messages_ends_where_asked(people: PlaygroundClient, chat: Chat, ann: User) -> None:
    ids = [(await people.write(chat, ann, str(number))).message_id for number in range(5)]

    page = await people.messages(chat, limit=2, before=ids[3])

    assert [message.text for message in page] == ["1", "2"]


async def test_hostile_names_and_texts_come_back_as_they_are(people: PlaygroundClient, raw: RawBot, bot: Any) -> None:
    hostile = '<img src=x onerror="alert(1)">&\u202e\0'
    user = await people.add_user(hostile)
    chat = await people.private(user, bot)

    message = await people.write(chat, user, hostile)

    assert user.first_name == " ".join(hostile.split())
    assert message.text == '<img src=x onerror="alert(1)">&'
    assert (await raw.updates())[0]["message"]["text"] == message.text


async def test_sizes_and_counts_are_limited(
    session: aiohttp.ClientSession, playground: Playground, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    with pytest.raises(PlaygroundError, match="text is too long"):
        await people.write(chat, ann, "x" * 200_000)
    with pytest.raises(PlaygroundError, match="at most 1000"):
        await people.add_group("Many", members=[ann] * 2000)
    body = b"x" * (70 << 20)
    async with session.post(f"{playground.url}/playground/state", data=body_of(body), headers=JSON) as response:
        assert response.status == 413


def body_of(body: bytes) -> Any:
    async def pieces() -> Any:
        for at in range(0, len(body), 1 << 20):
            yield body[at : at + (1 << 20)]

    return pieces()


async def test_the_client_needs_no_more_than_json_over_http(
    session: aiohttp.ClientSession, playground: Playground
) -> None:
    async with session.post(
        f"{playground.url}/playground/add_user",
        data=json.dumps({"first_name": "Ann"}),
        headers=JSON,
    ) as response:
        assert (await response.json())["result"]["first_name"] == "Ann"


async def test_a_fault_that_is_used_up_is_no_longer_shown(
    session: aiohttp.ClientSession, playground: Playground, people: PlaygroundClient, raw: RawBot, chat: Chat
) -> None:
    await people.fault("sendMessage", "500")
    socket = await _events(session, playground)
    assert len((await socket.receive_json())["faults"]) == 1

    await raw.refused("sendMessage", chat_id=chat.id, text="hello")
    told = await socket.receive_json(timeout=30)
    while told["type"] != "faults":
        told = await socket.receive_json(timeout=30)

    assert told["faults"] == []
    await socket.close()


async def test_people_see_reply_keyboards(people: PlaygroundClient, raw: RawBot, chat: Chat) -> None:
    keyboard = {"keyboard": [[{"text": "Yes"}]], "one_time_keyboard": True}

    sent = await raw("sendMessage", chat_id=chat.id, text="Well?", reply_markup=keyboard)

    seen = await people.message(chat, sent["message_id"])
    assert seen.raw["reply_markup"]["keyboard"][0][0]["text"] == "Yes"
    assert "reply_markup" not in sent
    assert seen.buttons == []
