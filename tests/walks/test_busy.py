"""Who writes faster than the bot answers: what fits is answered in order, the rest is told once."""

import asyncio

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.conftest import Start, all_taken

pytestmark = pytest.mark.walk

FAST = {"chat_rate": 1000, "chat_burst": 1000, "group_rate": 60_000, "group_burst": 1000, "bot_rate": 1000}


async def test_a_hundred_messages_in_a_row_are_answered_as_far_as_they_fit_and_one_notice_tells_the_rest(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("number 0", go_on, "You said: number 0")
    await people.set(limits="off")
    async with start(**FAST):
        await people.write(chat, ann, "number 0")
        await people.wait_call("sendChatAction")
        for number in range(1, 100):
            await people.write(chat, ann, f"number {number}")
        await all_taken(people)
        go_on.set()
        for number in range(1, 21):
            await people.wait(chat, text=f"You said: number {number}$", complete=True)

    told = [message.text for message in await people.messages(chat, limit=1000) if message.sender != ann.id]
    answers = [text for text in told if text.startswith("You said")]
    assert answers == [f"You said: number {number}" for number in range(21)]
    assert len(told) == len(answers) + 1


@pytest.mark.proof
async def test_in_a_chat_that_is_refused_nothing_that_is_said_is_lost(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    await people.set(limits="off")
    await people.fault("sendMessage", "429", chat=chat.id, seconds=1, times=None)
    commands = {"/new": "new conversation", "/id1": "/id1", "/id2": "/id2", "/id3": "/id3", "/settings": "Settings of"}
    async with start(**FAST):
        await people.write(chat, ann, "number 0")
        await people.wait_call("sendMessage")
        for number in range(1, 24):
            await people.write(chat, ann, f"number {number}")
        for command in commands:
            await people.write(chat, ann, command)
        await all_taken(people)
        await people.clear_faults()
        for number in range(1, 21):
            await people.wait(chat, text=f"You said: number {number}$", complete=True)

    told = [message.text for message in await people.messages(chat, limit=1000) if message.sender != ann.id]
    assert [text for text in told if text.startswith("You said")] == [f"You said: number {at}" for at in range(21)]
    assert len([text for text in told if "still busy" in text]) == 1
    assert [len([text for text in told if words in text]) for words in commands.values()] == [1] * len(commands)


@pytest.mark.proof
async def test_who_floods_a_refused_chat_with_commands_is_told_that_it_is_too_much(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    await people.set(limits="off")
    await people.fault("sendMessage", "429", chat=chat.id, seconds=1, times=None)
    async with start(**FAST):
        for number in range(60):
            await people.write(chat, ann, f"/nothing{number}")
        await all_taken(people)
        await people.clear_faults()
        await people.wait(chat, text="more at once")
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)

    told = [message.text for message in await people.messages(chat, limit=1000) if message.sender != ann.id]
    assert len([text for text in told if "/nothing" in text]) == 20
    assert len([text for text in told if "more at once" in text]) == 1


async def test_the_notice_replies_to_the_message_that_was_not_taken(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("number 0", go_on, "done")
    await people.set(limits="off")
    async with start(**FAST):
        await people.write(chat, ann, "number 0")
        await people.wait_call("sendChatAction")
        for number in range(1, 21):
            await people.write(chat, ann, f"number {number}")
        refused = await people.write(chat, ann, "number 21")

        notice = await people.wait(chat, text="still busy")
        go_on.set()

    assert notice.reply_to == refused.message_id


async def test_one_person_cannot_fill_the_queue_of_a_group(
    start: Start, people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    group = await people.add_group("Club", members=[ann, bob], bots=[bot])
    go_on = asyncio.Event()
    model.says("number 0", go_on, "done")
    await people.set(limits="off")
    async with start(**FAST):
        await people.write(group, ann, "@delta_bot number 0")
        await people.wait_call("sendChatAction")
        for number in range(1, 8):
            await people.write(group, ann, f"@delta_bot number {number}")
        await people.write(group, bob, "@delta_bot may I?")
        await all_taken(people)
        go_on.set()
        await people.wait(group, text="You said: Bob: may I", complete=True)

    assert model.prompts() == ["Ann: number 0", "Ann: number 1", "Ann: number 2", "Ann: number 3", "Bob: may I?"]


async def test_what_is_not_read_gets_a_kind_sentence_and_the_next_message_works(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    async with start():
        await people.send_file(chat, ann, "clip.mp4", b"ftyp", kind="video")
        await people.wait(chat, text="could not read clip")
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
