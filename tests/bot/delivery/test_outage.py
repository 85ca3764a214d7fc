"""Whoever answers in Telegram's place, and whatever: no call is lost by it, and none is made twice."""

import asyncio
import itertools
import logging

import pytest
from aiogram.methods import AnswerCallbackQuery, DeleteMessage, EditMessageText, SendMessage
from aiogram.types import Message

from bot.delivery.budget.budget import Limits
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError, Rejected, TooLarge, Unanswered
from bot.delivery.wish import Wish, always
from bot.settings import ConfigurationError
from telegram_playground.client import Bot, Chat, PlaygroundClient
from tests.bot.delivery.test_delivery import call, send

NOT_CARRIED_OUT = [
    (401, '{"ok":false,"error_code":401,"description":"Unauthorized"}'),
    (404, '{"ok":false,"error_code":404,"description":"Not Found"}'),
    (404, "404 page not found"),
    (413, "<html>413 Request Entity Too Large</html>"),
    (400, '{"ok":false,"error_code":400,"description":"Logged out"}'),
    (400, '{"ok":false,"error_code":400,"description":"Bad Request: server is closing"}'),
    (400, '{"ok":false,"error_code":400,"description":"Неверный запрос"}'),
    (400, '{"ok":false}'),
    (403, '{"ok":false,"error_code":403,"description":"Доступ запрещён"}'),
    (403, "<html>blocked by a firewall</html>"),
    (402, '{"ok":false,"description":"Payment Required"}'),
    (405, '{"ok":false,"description":"Method Not Allowed"}'),
    (409, '{"ok":false,"error_code":409,"description":"Conflict"}'),
    (421, '{"ok":false,"description":"Misdirected Request"}'),
    (425, '{"ok":false,"description":"Too Early"}'),
    (451, '{"ok":false,"description":["strange"]}'),
    (429, '{"ok":false,"error_code":429,"description":"Too Many Requests"}'),
    (429, '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":null}'),
    (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":0}}'),
    (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":-3}}'),
    (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":"soon"}}'),
    (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":NaN}}'),
    (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":0.2}}'),
    (429, '{"ok":false,"error_code":"429","parameters":{"retry_after":"1"}}'),
    (429, "slow down"),
    (200, '{"ok":false}'),
    (200, '{"ok":false,"error_code":"400","description":"Logged out"}'),
]
UNKNOWN = [
    (500, '{"ok":false,"error_code":500}'),
    (502, "<html>502 Bad Gateway</html>"),
    (503, '{"error":"unavailable"}'),
    (504, ""),
    (408, "Request Timeout"),
    (304, ""),
    (200, "<html>Please sign in to this network</html>"),
    (200, '{"ok":true}'),
    (200, '{"ok":true,"result":null}'),
    (200, '{"ok":true,"result":"strange"}'),
    (200, '{"ok":1,"result":true}'),
    (200, "[]"),
    (200, "{"),
    (200, "[" * 100_000),
]


@pytest.fixture
def limits() -> Limits:
    return Limits(chat_rate=1_000, chat_burst=1_000, bot_rate=1_000)


@pytest.fixture
async def bot(people: PlaygroundClient) -> Bot:
    await people.set(limits="off")
    return await people.bot("123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx")


async def new_chat(people: PlaygroundClient, bot: Bot) -> Chat:
    user = await people.add_user("Bob")
    chat = await people.private(user, bot)
    await people.write(chat, user, "/start")
    return chat


async def opened(delivery: Delivery, chat: Chat) -> int:
    """Send a message and return its id."""
    shown: list[object] = []

    async def landed(result: object) -> None:
        shown.append(result)

    await delivery.call(Wish(chat.id, always(send(chat, "…"), landed)), Priority.FINAL)
    assert isinstance(shown[0], Message)
    return shown[0].message_id


async def test_an_edit_is_repeated_whatever_comes_in_place_of_its_answer(
    delivery: Delivery, people: PlaygroundClient, bot: Bot
) -> None:
    async def edit(code: int, body: str) -> str:
        chat = await new_chat(people, bot)
        message_id = await opened(delivery, chat)
        await people.fault("editMessageText", "body", chat=chat.id, code=code, description=body)
        await call(delivery, chat, EditMessageText(chat_id=chat.id, message_id=message_id, text="whole"))
        return (await people.messages(chat))[-1].text

    answers = NOT_CARRIED_OUT + UNKNOWN
    told = await asyncio.gather(*(edit(*answer) for answer in answers))

    assert told == ["whole"] * len(answers)


async def test_a_send_is_repeated_where_it_was_refused_and_searched_for_where_nobody_knows(
    delivery: Delivery, people: PlaygroundClient, bot: Bot
) -> None:
    async def post(code: int, body: str) -> tuple[str | None, int]:
        chat = await new_chat(people, bot)
        await people.fault("sendMessage", "body", chat=chat.id, code=code, description=body)
        outcome = None
        try:
            await call(delivery, chat, send(chat, "once"))
        except DeliveryError as error:
            outcome = type(error).__name__
        return outcome, [message.text for message in await people.messages(chat)].count("once")

    refused = await asyncio.gather(*(post(*answer) for answer in NOT_CARRIED_OUT))
    unknown = await asyncio.gather(*(post(*answer) for answer in UNKNOWN))

    assert refused == [(None, 1)] * len(NOT_CARRIED_OUT)
    assert unknown == [(Unanswered.__name__, 0)] * len(UNKNOWN)


async def test_a_deletion_and_the_answer_to_a_press_are_repeated_too(
    delivery: Delivery, people: PlaygroundClient, bot: Bot
) -> None:
    chat = await new_chat(people, bot)
    message_id = await opened(delivery, chat)
    await people.fault("deleteMessage", "error", code=401, description="Unauthorized")
    await people.fault("answerCallbackQuery", "502html")

    delivery.postbox.post(AnswerCallbackQuery(callback_query_id="1"))
    await call(delivery, chat, DeleteMessage(chat_id=chat.id, message_id=message_id))
    first = await people.wait_call("answerCallbackQuery")
    second = await people.wait_call("answerCallbackQuery", since=first["id"])

    assert message_id not in {message.message_id for message in await people.messages(chat)}
    assert (first["error_code"], second["description"][:12]) == (502, "Bad Request:")


async def test_an_outage_is_asked_about_with_growing_pauses_and_logged_once(
    delivery: Delivery, people: PlaygroundClient, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    chat = await new_chat(people, bot)
    await people.fault("sendMessage", "error", code=401, description="Unauthorized", times=3)

    with caplog.at_level(logging.INFO):
        await call(delivery, chat, send(chat, "once"))

    calls = await people.calls(method="sendMessage")
    pauses = [later["started"] - earlier["finished"] for earlier, later in itertools.pairwise(calls)]
    assert len(calls) == 4
    assert all(least <= pause < least + 1 for pause, least in zip(pauses, (0.3, 1.0, 2.0), strict=True))
    assert len([line for line in caplog.messages if "no answer" in line]) == 1


async def test_what_is_too_large_each_time_is_refused_while_getme_is_answered(
    delivery: Delivery, people: PlaygroundClient, bot: Bot
) -> None:
    chat = await new_chat(people, bot)
    await people.fault("sendMessage", "error", code=413, description="Request Entity Too Large", times=None)

    with pytest.raises(TooLarge):
        await call(delivery, chat, send(chat, "much"))

    assert len(await people.calls(method="sendMessage")) == 3


async def test_a_text_that_is_refused_in_unknown_words_each_time_is_so_for_itself_if_others_pass(
    delivery: Delivery, people: PlaygroundClient, bot: Bot
) -> None:
    chat, other = await new_chat(people, bot), await new_chat(people, bot)
    await people.fault("sendMessage", "error", chat=chat.id, code=400, description="Bad Request: no", times=None)
    refused = asyncio.ensure_future(call(delivery, chat, send(chat, "bad")))
    while not refused.done():
        await call(delivery, other, send(other, "good"))
        await asyncio.sleep(0.1)  # somebody else writes now and then

    with pytest.raises(Rejected):
        await refused
    assert len([call for call in await people.calls(method="sendMessage") if not call["ok"]]) == 4


async def test_a_revoked_token_ends_the_bot_and_one_that_is_denied_once_does_not(
    delivery: Delivery, people: PlaygroundClient, bot: Bot
) -> None:
    chat = await new_chat(people, bot)
    await people.fault("sendMessage", "error", code=401, description="Unauthorized")
    await people.fault("getMe", "error", code=401, description="Unauthorized")
    await call(delivery, chat, send(chat, "passes"))

    await people.fault("*", "error", code=401, description="Unauthorized", times=None)
    waiting = asyncio.ensure_future(call(delivery, chat, SendMessage(chat_id=chat.id, text="waits")))
    with pytest.raises(ConfigurationError, match=r"BOT_TOKEN is '123456789:…'"):
        await delivery.run()

    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
