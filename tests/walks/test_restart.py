"""Stopped and started again, the bot goes on where it was."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.conftest import Start, answers
from tests.walks.nursery import Child, running

pytestmark = pytest.mark.walk


async def test_an_answer_under_way_is_finished_in_the_same_message_and_never_gets_shorter(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", "The beginning of it", asyncio.Event())
    model.says(
        "text", *(item for word in ("The beginning ", "of it ", "and then ", "the end", ".") for item in (word, 0.1))
    )
    async with start():
        await people.write(chat, ann, "text")
        growing = await people.wait(chat, text="The beginning of it")

    async with start():
        whole = await people.wait(chat, text="the end\\.$", complete=True)

    assert whole.message_id == growing.message_id
    texts = [
        entry["text"].removesuffix(" ▌")
        for entry in await people.transcript(chat)
        if entry.get("message_id") == growing.message_id and entry["text"]
    ]
    assert texts == sorted(texts, key=len)


async def test_sigterm_in_mid_answer_ends_the_process_soon_and_the_next_one_finishes_the_message(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    words = [f"word{number} " for number in range(30)]
    model.says("text", *words[:20], asyncio.Event())
    model.says("text", *(item for word in words for item in (word, 0.03)))
    await child.start()
    await people.write(chat, ann, "text")
    growing = await people.wait(chat, text="word19")

    code = await child.stop()
    left = (await people.message(chat, growing.message_id)).text
    await child.start()
    whole = await people.wait(chat, text="word29$", complete=True)

    assert code == 0
    assert left == growing.text
    assert whole.message_id == growing.message_id
    assert len(model.requests) == 2
    texts = [
        entry["text"].removesuffix("▌").rstrip()
        for entry in await people.transcript(chat)
        if entry.get("message_id") == growing.message_id and entry["text"]
    ]
    assert texts == sorted(texts, key=len)


@pytest.mark.proof
@pytest.mark.sqlite("locks the file as another program")
async def test_sigterm_ends_the_process_soon_though_neither_telegram_nor_the_database_answers(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User, tmp_path: Path
) -> None:
    await people.fault("sendMessage", "hold", execute=True)
    await child.start()
    await people.write(chat, ann, "hello")
    await people.wait_held()
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await people.write(chat, ann, "more")
        code = await child.stop()
    await people.clear_faults()

    await child.start()
    await people.wait(chat, text="You said: more", complete=True)

    texts = await answers(people, chat, ann)
    assert code == 0
    assert texts == ["You said: hello", "You said: more"]


async def test_what_is_chosen_and_said_is_still_there(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    async with start(default_provider="demo"):
        await people.write(chat, ann, "/provider openai")
        await people.wait(chat, text="OpenAI answers")
        await people.write(chat, ann, "remember this")
        await people.wait(chat, text="You said: remember", complete=True)

    async with start(default_provider="demo"):
        await people.write(chat, ann, "what did I say?")
        await people.wait(chat, text="You said: what did I say", complete=True)

    assert [message["content"] for message in model.requests[-1].messages[1:]] == [
        "remember this",
        "You said: remember this",
        "what did I say?",
    ]


async def test_what_was_written_while_the_bot_was_down_is_answered(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    for number in range(3):
        await people.write(chat, ann, f"question {number}")

    async with start():
        await people.wait(chat, text="You said: question 2", complete=True)

    assert await answers(people, chat, ann) == [f"You said: question {number}" for number in range(3)]


async def test_a_process_that_stood_still_cuts_no_answer(
    environment: Mapping[str, str], people: PlaygroundClient, chat: Chat, ann: User, model: Model, tmp_path: Path
) -> None:
    go_on = asyncio.Event()
    model.says("story", "Once", go_on, " upon a time.")
    async with running(tmp_path, {**environment, "TOKEN_TIMEOUT": "4"}) as child:
        await people.write(chat, ann, "story")
        await people.wait(chat, text="Once")
        os.kill(child.pid, signal.SIGSTOP)
        await asyncio.sleep(6)  # so long it stands still
        os.kill(child.pid, signal.SIGCONT)
        await asyncio.sleep(0.5)  # a provider that goes on a moment later
        go_on.set()
        whole = await people.wait(chat, text="upon a time", complete=True)

    assert whole.text == "Once upon a time."
