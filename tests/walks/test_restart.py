"""Stopped and started again, the bot goes on where it was."""

import asyncio

import pytest

from playground.client import Chat, PlaygroundClient, User
from tests.walks.conftest import Start
from tests.walks.service import Service

pytestmark = pytest.mark.walk


async def test_an_answer_under_way_is_finished_in_the_same_message_and_never_gets_shorter(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    service.says("text", "The beginning of it", asyncio.Event())
    service.says(
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


async def test_what_is_chosen_and_said_is_still_there(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    async with start(default_provider="demo"):
        await people.write(chat, ann, "/provider openai")
        await people.wait(chat, text="openai answers")
        await people.write(chat, ann, "remember this")
        await people.wait(chat, text="You said: remember", complete=True)

    async with start(default_provider="demo"):
        await people.write(chat, ann, "what did I say?")
        await people.wait(chat, text="You said: what did I say", complete=True)

    assert [message["content"] for message in service.requests[-1]["messages"][1:]] == [
        "remember this",
        "You said: remember this",
        "what did I say?",
    ]


async def test_what_was_written_while_the_bot_was_down_is_answered(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    for number in range(3):
        await people.write(chat, ann, f"question {number}")

    async with start():
        await people.wait(chat, text="You said: question 2", complete=True, timeout=20)

    answers = [message.text for message in await people.messages(chat) if message.sender != ann.id]
    assert answers == [f"You said: question {number}" for number in range(3)]


async def test_a_send_whose_answer_was_lost_with_the_process_is_found_again(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    await people.fault("sendMessage", "hold", execute=True)
    async with start():
        await people.write(chat, ann, "hello")
        await people.wait_held()
    await people.clear_faults()

    async with start():
        await people.wait(chat, text="You said: hello", complete=True)

    assert len([message for message in await people.messages(chat) if message.sender != ann.id]) == 1
