"""Whatever happens to a call or an update, each message gets exactly one whole answer, or one clear error."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.app import App
from playground.client import Bot, Chat, PlaygroundClient, User
from playground.server import Playground
from tests.walks.conftest import Start, all_taken
from tests.walks.hasty import HastyClock, running, settings
from tests.walks.service import Service

pytestmark = pytest.mark.walk

Hasty = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture
async def hasty(telegram: Playground, people: PlaygroundClient, bot: Bot, service: Service) -> Hasty:
    """Start the bot with a clock that runs ten times as fast."""
    await people.set(limits="off")

    def started(**changes: Any) -> AbstractAsyncContextManager[App]:
        given = {"bot_token": bot.token, "telegram_api_url": telegram.url, **changes}
        return running(settings(**given), HastyClock())

    return started


@pytest.fixture
async def quick(hasty: Hasty) -> AsyncIterator[App]:
    async with hasty() as app:
        yield app


async def answers(people: PlaygroundClient, chat: Chat, ann: User) -> list[str]:
    return [message.text for message in await people.messages(chat) if message.sender != ann.id]


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
@pytest.mark.usefixtures("quick")
async def test_a_call_that_fails_costs_neither_the_answer_nor_a_second_one(
    method: str, people: PlaygroundClient, bot: Bot, service: Service
) -> None:
    faults: list[dict[str, Any]] = [
        {"kind": "429", "seconds": 3},
        {"kind": "500", "times": 2},
        {"kind": "502html"},
        {"kind": "reset"},
        {"kind": "lost"},
        {"kind": "hang", "seconds": 0.3},
        {"kind": "hang", "seconds": 0.3, "execute": True},
    ]
    service.says("text", "The beginning", 0.2, " and the end.")

    async def ask(fault: dict[str, Any]) -> list[str]:
        ann = await people.add_user("Ann")
        chat = await people.private(ann, bot)
        await people.fault(method, chat=chat.id, **fault)
        await people.write(chat, ann, "text")
        await people.write(chat, ann, "next")
        await people.wait(chat, text="You said: next", complete=True)
        return await answers(people, chat, ann)

    told = await asyncio.gather(*map(ask, faults))

    assert told == [["The beginning and the end.", "You said: next"]] * len(faults)
    assert {call["fault"] for call in await people.calls(method=method)} >= {fault["kind"] for fault in faults}


@pytest.mark.usefixtures("quick")
async def test_an_edit_that_lands_late_does_not_stay(
    people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    service.says("text", "The beginning", 0.4, " and more", 0.4, " and the end.")
    await people.set(order="shuffled")
    await people.fault("editMessageText", "hang", chat=chat.id, seconds=0.2, execute=True, times=2)

    await people.write(chat, ann, "text")
    await people.write(chat, ann, "next")
    await people.wait(chat, text="You said: next", complete=True)

    assert (await answers(people, chat, ann))[0] == "The beginning and more and the end."


@pytest.mark.usefixtures("quick")
async def test_updates_that_come_twice_are_taken_once(people: PlaygroundClient, chat: Chat, ann: User) -> None:
    await people.fault("getUpdates", "duplicate", times=None)

    await people.write(chat, ann, "hello")
    await people.write(chat, ann, "/new")
    await people.write(chat, ann, "bye")
    await people.wait(chat, text="You said: bye", complete=True)
    await all_taken(people)

    said = await answers(people, chat, ann)
    assert sorted(text for text in said if text.startswith("You said")) == ["You said: bye", "You said: hello"]
    assert len(said) == 3


@pytest.mark.usefixtures("quick")
async def test_updates_whose_delivery_was_lost_are_taken_once(
    people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    await people.fault("getUpdates", "lost", times=2)

    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await all_taken(people)

    assert service.prompts() == ["hello"]


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


async def test_a_chat_that_is_refused_for_an_hour_holds_no_place(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, service: Service
) -> None:
    bob = await people.add_user("Bob")
    other = await people.private(bob, bot)
    service.says("broken", "The beginning", asyncio.Event())
    service.says("broken", status=401, body="{}")
    async with hasty(max_turns=1):
        await people.write(chat, ann, "broken")
        await people.wait(chat, text="The beginning")
    await people.fault("*", "429", chat=chat.id, seconds=3600, times=None)

    async with hasty(max_turns=1):
        await people.wait_call("editMessageReplyMarkup")
        await people.write(other, bob, "hello")
        answer = await people.wait(other, text="You said", complete=True)

    assert answer.text == "You said: hello"


async def test_after_an_outage_the_newest_text_is_there_at_once(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, service: Service
) -> None:
    bob = await people.add_user("Bob")
    other = await people.private(bob, bot)
    service.says("story", *(item for number in range(200) for item in (f"word{number} ", 0.05)))
    async with start():
        await people.write(chat, ann, "story")
        await people.wait(chat, text="word9 ")
        await people.set(offline=True)
        await asyncio.sleep(3)  # so long lasts the outage, and the provider goes on
        await people.write(other, bob, "hello")
        await people.set(offline=False)
        back = time.monotonic()
        await people.wait(chat, text="word55 ", timeout=5)
        await people.wait(other, text="You said: hello", complete=True, timeout=back + 5 - time.monotonic())

    first = next(entry for entry in await people.transcript(chat, since=back) if entry["kind"] == "edit")
    assert "word55 " in first["text"]


@pytest.mark.usefixtures("quick")
async def test_a_provider_that_dies_before_its_first_word_is_asked_again(
    people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    service.says("text", status=503, body="overloaded")
    service.says("text", ConnectionError())
    service.says("text", "Here it is.")

    await people.write(chat, ann, "text")
    await people.wait(chat, text="Here it is", complete=True)

    assert await answers(people, chat, ann) == ["Here it is."]


@pytest.mark.usefixtures("quick")
async def test_a_chat_that_is_gone_is_marked_and_left_alone(
    people: PlaygroundClient, chat: Chat, ann: User, service: Service, tmp_path: Path
) -> None:
    go_on = asyncio.Event()
    service.says("text", "The beginning", go_on, " and the end.")
    await people.write(chat, ann, "text")
    await people.wait(chat, text="The beginning")

    await people.block(chat)
    go_on.set()

    call = await people.wait_call("editMessageText")
    while not await _rows(tmp_path, "SELECT id FROM turns WHERE state = 'done'"):
        pass
    assert call["error_code"] == 403
    assert await _rows(tmp_path, "SELECT outcome FROM turns") == [("undeliverable",)]
    assert await _rows(tmp_path, "SELECT count(*) FROM chats WHERE gone_at IS NOT NULL") == [(1,)]


@pytest.mark.usefixtures("quick")
async def test_a_bug_under_way_is_told_and_the_next_message_works(
    people: PlaygroundClient, chat: Chat, ann: User, tmp_path: Path
) -> None:
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await _rows(tmp_path, "ALTER TABLE models RENAME TO lost")

    await people.write(chat, ann, "are you well?")
    told = await people.wait(chat, text="⚠️ Something went wrong", complete=True)
    await _rows(tmp_path, "ALTER TABLE lost RENAME TO models")
    await people.write(chat, ann, "and now?")
    await people.wait(chat, text="You said: and now", complete=True)

    assert [button.text for button in told.buttons] == ["🔄"]


@pytest.mark.usefixtures("quick")
async def test_a_bug_in_a_handler_is_told_and_the_next_message_works(
    people: PlaygroundClient, chat: Chat, ann: User, tmp_path: Path
) -> None:
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await _rows(tmp_path, "ALTER TABLE busy RENAME TO lost")

    await people.write(chat, ann, "/stop")
    await people.wait(chat, text="⚠️ Something went wrong")
    await _rows(tmp_path, "ALTER TABLE lost RENAME TO busy")
    await people.write(chat, ann, "and now?")
    await people.wait(chat, text="You said: and now", complete=True)


async def _rows(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    def execute() -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(folder / "bot.db")) as database:
            return database.execute(statement).fetchall()

    return await asyncio.to_thread(execute)  # the bot in this thread may hold the lock
