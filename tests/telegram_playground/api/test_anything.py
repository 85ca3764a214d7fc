"""Whatever a client sends, the answer is in Telegram's form, never a 500; a refused call changes nothing."""

import asyncio
import json
import random
from typing import Any

import aiogram.methods
import aiohttp
import pytest
from aiogram.methods.base import Response
from aiogram.types import Update

from telegram_playground.api.methods import HANDLERS
from telegram_playground.api.schema import parameter_types, schemas
from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from telegram_playground.server import Playground
from tests.telegram_playground.raw_bot import TOKEN, RawBot, answer_of
from tests.thorough import times

_ROUNDS = times(4, 12)  # calls of each method
_WAITING = {"getUpdates", "setWebhook"}  # the first waits for updates, the other one calls addresses
_STRANGE: list[Any] = [
    "", "0", "-1", "text", "@test_bot", "<b>x", "*x", "\ud800", "\x00", "x" * 5000, "NaN", "[", "{}", "attach://x",
    0, -1, 1, 2**31, 2**63, 2**70, 1.5, float("inf"), float("nan"),
    True, False, None,
    [], [[]], [None], [1], ["x"], [["x"]], [[None]], [{}], {}, {"type": "x"}, {"type": 1}, {"a": {"b": [[[]]]}},
    {"inline_keyboard": [["x"]]}, {"inline_keyboard": [[{"text": "x"}]]}, {"inline_keyboard": None},
    {"keyboard": [[{}]]},
    {"inline_keyboard": [None]}, {"keyboard": [["x"]]}, {"keyboard": "x"}, {"inline_keyboard": [[{"text": "\udfff"}]]},
    [{"type": "bold", "offset": -1, "length": 2**40}], [{"type": "wild", "offset": 0, "length": 1}], [{"type": "bold"}],
    {"message_id": 99999}, {"message_id": "x"}, {"html": "<b>x"}, {"markdown": "\ud800"}, {"blocks": [{}]},
]  # fmt: skip


def trace(playground: Playground) -> str:
    """Return all that a refused call must leave as it is."""
    world = playground.world
    chats = [
        [chat.control_json(), [message.seen() for message in chat.messages.values()], len(chat.transcript.entries)]
        for chat in world.chats.values()
    ]
    bots = [
        [bot.control_json(), str(bot.commands), str(bot.texts), str(bot.menu_buttons)] for bot in world.bots.values()
    ]
    users = [user.json() for user in world.users.values()]
    kept = [
        str(each) for each in (world.polls, world.invoices, world.invoice_links, world.payments, world.sticker_sets)
    ]
    parts = [
        (chat.members, chat.invites, chat.permissions, chat.description, chat.pinned) for chat in world.chats.values()
    ]
    return json.dumps([chats, bots, users, world.files.count, [*world.inline], kept, str(parts)], sort_keys=True)


def response_of(name: str) -> Any:
    """Return how aiogram reads the answer of a method."""
    response: Any = Response
    return response[getattr(aiogram.methods, name[0].upper() + name[1:]).__returning__]


def likely(kind: Any, chosen: random.Random, known: list[Any]) -> Any:
    """Return a value of about the right kind."""
    if isinstance(kind, list):
        return [likely(kind[0], chosen, known) for _ in range(chosen.randrange(3))]
    if isinstance(kind, dict):
        return likely(chosen.choice(kind["any"]), chosen, known)
    if kind in ("int", "float"):
        return chosen.choice(known)
    if kind == "bool":
        return chosen.choice((True, False))
    if kind in ("str", "file"):
        return chosen.choice(("x", "HTML", "MarkdownV2", "<b>x</b>", "*x*", "attach://file", "https://example.org/a"))
    fields = parameter_types().get(kind, {})
    return {
        name: only[0] if only else likely(inner, chosen, known)
        for name, (inner, required, *only) in fields.items()
        if name and (required or only or chosen.random() < 0.2)
    }


@pytest.mark.parametrize("name", sorted({schemas()[name].name for name in HANDLERS} - _WAITING))
async def test_nothing_that_a_client_sends_breaks_the_server(
    raw: RawBot,
    playground: Playground,
    chat: Chat,
    group: Chat,
    ann: User,
    people: PlaygroundClient,
    bot: Bot,
    name: str,
) -> None:
    await people.promote(group, bot)
    own = (await raw("sendMessage", chat_id=chat.id, text="x"))["message_id"]
    known = [chat.id, group.id, ann.id, bot.id, own, 1, 0, -5]
    chosen = random.Random(name)
    fields = schemas()[name.lower()].fields
    for _ in range(_ROUNDS):
        parameters = {
            field: chosen.choice(_STRANGE) if chosen.random() < 0.25 else likely(kind, chosen, known)
            for field, (kind, required, *_) in fields.items()
            if required or chosen.random() < 0.25
        }
        before = trace(playground)
        body = json.dumps(parameters).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json"}
        async with raw.session.post(f"{raw.base}/{name}", data=body, headers=headers) as response:
            answer = await answer_of(response)

        assert answer.status < 500, (parameters, answer.body)
        if answer.body["ok"]:
            response_of(name).model_validate(answer.body)  # as a library reads it
        else:
            assert trace(playground) == before, (parameters, answer.body)
        json.dumps(await people.command("state"), ensure_ascii=False).encode()
    for update in playground.world.bots[bot.id].updates.waiting():
        Update.model_validate_json(update.body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"chat_id": 1, "text": "\\ud800"}',
        b'{"chat_id": NaN}',
        b'{"text": 1e999}',
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"7",
    ],
)
async def test_what_cannot_be_stored_is_refused_and_shown(
    raw: RawBot, playground: Playground, people: PlaygroundClient, body: bytes
) -> None:
    before = trace(playground)
    headers = {"Content-Type": "application/json"}
    async with raw.session.post(f"{raw.base}/sendMessage", data=body, headers=headers) as response:
        answer = await answer_of(response)

    assert answer.status == 400
    assert trace(playground) == before
    assert [call["ok"] for call in await people.calls(method="sendMessage")] == [False]


async def test_a_body_that_breaks_off_is_read_as_far_as_it_goes(raw: RawBot, chat: Chat) -> None:
    body = f'{{"chat_id": {chat.id}, "text": "x", "reply_markup": {{'
    headers = {"Content-Type": "application/json"}
    async with raw.session.post(f"{raw.base}/sendMessage", data=body.encode(), headers=headers) as response:
        assert (await answer_of(response)).result["text"] == "x"


async def test_names_of_files_that_are_no_text_are_refused(
    raw: RawBot, playground: Playground, people: PlaygroundClient, chat: Chat
) -> None:
    before = trace(playground)
    for header in (b'name="document"; filename="\xff\xfe"', b'name="doc\xffument"; filename="a"'):
        body = b'--b\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n%d\r\n' % chat.id
        body += (
            b"--b\r\nContent-Disposition: form-data; " + header + b"\r\nContent-Type: t\xff/x\r\n\r\nabc\r\n--b--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        async with raw.session.post(f"{raw.base}/sendDocument", data=body, headers=headers) as response:
            assert (await answer_of(response)).status == 400

    assert trace(playground) == before
    json.dumps(await people.command("state"), ensure_ascii=False).encode()


async def test_a_rich_message_that_replies_to_nothing_is_refused(raw: RawBot, chat: Chat) -> None:
    parameters = {"chat_id": chat.id, "rich_message": {"markdown": "x"}}
    refused = await raw.refused("sendRichMessage", **parameters, reply_parameters={"message_id": 999})
    assert refused == "Bad Request: message to be replied not found"
    assert "rich_message" in await raw(
        "sendRichMessage", **parameters, reply_parameters={"message_id": 999, "allow_sending_without_reply": True}
    )


@pytest.mark.parametrize("text", [f"&#{'9' * 5000};", f"<a href='&#{'9' * 5000}'>x</a>", "<![no[such", "<![CDATA[x"])
async def test_html_that_is_none_is_the_text_of_a_rich_message(raw: RawBot, chat: Chat, text: str) -> None:
    for message in ({"html": text}, {"markdown": text}):
        assert "rich_message" in await raw("sendRichMessage", chat_id=chat.id, rich_message=message)


async def test_a_chats_number_is_read_as_far_as_it_goes(raw: RawBot, chat: Chat) -> None:
    for no_number in ("--5", "-", "5" * 5000, "\u00b2", "x", "+1"):
        assert await raw.refused("sendMessage", chat_id=no_number, text="x") == "Bad Request: chat not found"
    assert (await raw("sendMessage", chat_id=f"{chat.id}x", text="x"))["chat"]["id"] == chat.id


async def test_what_people_do_with_half_characters_is_refused(
    people: PlaygroundClient, playground: Playground, chat: Chat, ann: User
) -> None:
    before = trace(playground)
    async with aiohttp.ClientSession() as session:
        for text in ("\\ud800", "a\\udfff"):
            body = f'{{"chat": "{chat.key}", "user": {ann.id}, "text": "{text}"}}'
            headers = {"Content-Type": "application/json"}
            url = f"{playground.url}/playground/write"
            async with session.post(url, data=body.encode(), headers=headers) as response:
                assert response.status == 400

    assert trace(playground) == before


async def test_somebody_who_never_wrote_to_the_bot_gets_no_chat_by_a_refused_call(
    raw: RawBot, playground: Playground, group: Chat, bob: User
) -> None:
    assert (await raw("getChat", chat_id=bob.id))["first_name"] == "Bob"
    before = trace(playground)
    for method in ("sendMessage", "sendChatAction", "pinChatMessage", "closeGeneralForumTopic"):
        answer = await raw.call(method, chat_id=bob.id, text="x", action="typing", message_id=1)
        assert answer.description == "Forbidden: bot can't initiate conversation with a user"

    assert trace(playground) == before


async def test_every_call_is_recorded_and_can_be_faulted_first(
    raw: RawBot, people: PlaygroundClient, playground: Playground
) -> None:
    await people.fault("sendGame", "429", seconds=7)
    await people.fault("sendNothing", "error", code=403, description="Forbidden: no")

    assert (await raw.call("sendGame", text="\ud800")).status == 429
    assert (await raw.call("sendNothing")).status == 403
    assert (await raw.call("sendGame")).status == 501
    assert (await raw.call("sendNothing")).status == 404
    assert [call["method"] for call in await people.calls()] == ["sendGame", "sendNothing"] * 2


async def test_a_method_that_is_not_simulated_can_answer_true(raw: RawBot, people: PlaygroundClient) -> None:
    await people.set(answer_true=["sendGame"])

    assert await raw("sendgame", chat_id=1) is True
    assert (await raw.call("setGameScore")).status == 501
    await people.set(answer_true=["*"])
    assert await raw("setGameScore") is True
    assert (await people.command("state"))["not_simulated"] == {"sendGame": 1, "setGameScore": 2}
    await people.command("reset")
    assert (await people.command("state"))["not_simulated"] == {}


async def test_updates_are_asked_for_in_any_case_and_unknown_kinds_are_passed_over(raw: RawBot, bot: Bot) -> None:
    for asked, kept in (
        (["Message", "nonsense", 7, None], ["message"]),
        (["nonsense"], None),
        ('["CALLBACK_QUERY"]', ["callback_query"]),
        ("[", ["callback_query"]),
        ([], None),
    ):
        await asyncio.gather(raw("getUpdates", allowed_updates=asked, offset=-1))
        info = await raw("getWebhookInfo")
        assert info.get("allowed_updates") == kept
    assert bot.token == TOKEN


async def test_a_refused_command_changes_nothing(
    people: PlaygroundClient, playground: Playground, chat: Chat, ann: User, bot: Bot
) -> None:
    await people.bot(TOKEN, has_topics_enabled=True)
    before = trace(playground)
    blank, long = " ", "x" * 2000
    for name, arguments in (
        ("fault", {"method": "*", "kind": "error", "code": 10**6}),
        ("fault", {"method": "*", "kind": "body", "code": 101}),
        ("fault", {"method": "*", "kind": "429", "seconds": -1}),
        ("fault", {"method": "*", "kind": "500", "times": 0}),
        ("set", {"limits": {"penalties": [10**30]}}),
        ("set", {"limits": {"penalties": [True]}}),
        ("edit_user", {"user": ann.id, "language": "xx", "first_name": blank}),
        ("bot", {"id": bot.id, "username": "other_bot", "first_name": long}),
        ("bot", {"id": bot.id, "first_name": "Other", "supports_inline_queries": "yes"}),
        ("write", {"chat": chat.key, "user": ann.id, "text": blank, "new_topic": True}),
        ("write", {"chat": chat.key, "user": ann.id, "text": "x", "new_topic": True, "reply_to": 999}),
        ("write", {"chat": chat.key, "user": ann.id, "text": blank * 5000}),
    ):
        with pytest.raises(PlaygroundError):
            await people.command(name, **arguments)
    with pytest.raises(PlaygroundError):
        await people.send_file(chat, ann, "a.txt", b"x", caption="x" * 2000)
    with pytest.raises(PlaygroundError):
        await people.upload("send_album", [("a.txt", "text/plain", b"x")], chat=chat.key, user=ann.id)

    assert trace(playground) == before
