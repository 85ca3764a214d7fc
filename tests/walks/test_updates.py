"""However updates are delivered, each is taken once; and whoever else uses the token loses us nothing."""

from random import Random

import aiohttp
import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.walks.conftest import TOKEN, Hasty, all_taken, answers, press_when_done

pytestmark = pytest.mark.walk


@pytest.mark.usefixtures("quick")
async def test_updates_that_come_twice_are_taken_once(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    await people.fault("getUpdates", "duplicate", times=None)

    for answer in ("One.", "Two.", "Three."):
        model.says("bye", answer)

    await people.write(chat, ann, "hello")
    await people.write(chat, ann, "/new")
    await people.write(chat, ann, "bye")
    last = await people.wait(chat, text="One", complete=True)
    await press_when_done(people, chat, ann, last.message_id, "🔄")
    await people.wait(chat, text="Two", complete=True)
    await all_taken(people)

    said = await answers(people, chat, ann)
    assert sorted(text for text in said if text in ("You said: hello", "Two.")) == ["Two.", "You said: hello"]
    assert len(said) == 3
    assert model.prompts() == ["hello", "bye", "bye"]


@pytest.mark.usefixtures("quick")
async def test_updates_whose_delivery_was_lost_are_taken_once(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    await people.fault("getUpdates", "lost", times=2)

    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await all_taken(people)

    assert model.prompts() == ["hello"]


async def test_updates_out_of_order_are_all_taken(
    hasty: Hasty, telegram: Playground, people: PlaygroundClient, bot: Bot
) -> None:
    users = [await people.add_user(name) for name in ("Ann", "Bob", "Cid")]
    chats = [await people.private(user, bot) for user in users]
    for number in range(3):
        for user, chat in zip(users, chats, strict=True):
            await people.write(chat, user, f"question {number}")
    waiting = telegram.world.bots[bot.id].updates
    waiting.shuffle(Random(1))
    order = [update.line for update in waiting.waiting()]

    async with hasty():
        for chat in chats:
            await people.wait(chat, text="You said: question 2", complete=True)

    assert order != [chat.id for chat in chats] * 3
    for user, chat in zip(users, chats, strict=True):
        assert await answers(people, chat, user) == [f"You said: question {number}" for number in range(3)]


async def test_a_request_for_updates_that_fails_in_any_way_costs_no_message(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    kinds = ["500", "502html", "reset", "lost", "hang", "429"]
    for kind in kinds:
        await people.fault("getUpdates", kind, seconds=1)
    await people.write(chat, ann, "hello")

    async with hasty():
        await people.wait(chat, text="You said: hello", complete=True)
        await all_taken(people)

    assert {call["fault"] for call in await people.calls(method="getUpdates")} >= {*kinds}
    assert model.prompts() == ["hello"]
    assert await answers(people, chat, ann) == ["You said: hello"]


async def test_another_program_with_the_same_token_is_named_and_all_is_answered(
    hasty: Hasty,
    telegram: Playground,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with hasty(), aiohttp.ClientSession() as other:
        while "another program asks for this bot's updates: stop it, or get a new token" not in caplog.text:
            async with other.post(f"{telegram.url}/bot{TOKEN}/getUpdates") as response:
                await response.read()
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)

    assert {call.get("error_code") for call in await people.calls(method="getUpdates")} == {None, 409}


@pytest.mark.parametrize("fault", [None, "reset", "500", "429"])
async def test_a_webhook_that_somebody_left_is_removed_and_what_waits_is_answered(
    fault: str | None, hasty: Hasty, telegram: Playground, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    async with aiohttp.ClientSession() as other:
        left_over = {"url": "https://127.0.0.1:9/hook"}
        async with other.post(f"{telegram.url}/bot{TOKEN}/setWebhook", json=left_over) as response:
            assert response.status == 200
    await people.write(chat, ann, "hello")
    if fault:
        await people.fault("deleteWebhook", fault)

    async with hasty():
        await people.wait(chat, text="You said: hello", complete=True)

    removed = (await people.calls(method="deleteWebhook"))[-1]["parameters"]
    assert str(removed.get("drop_pending_updates", False)).lower() == "false"


async def test_a_server_that_does_not_know_webhooks_is_asked_for_updates_all_the_same(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.fault("deleteWebhook", "502html", times=1000)

    async with hasty():
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
