"""What a model thinks, as the people of a chat see it."""

import asyncio

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model, Thought
from tests.stopwatch import PATIENCE_S
from tests.thorough import chosen
from tests.walks.conftest import Start, press_when_done

pytestmark = pytest.mark.walk


async def shown(people: PlaygroundClient, chat: Chat, message_id: int) -> list[str]:
    """Return all that a message has shown."""
    entries = await people.transcript(chat)
    return [entry["text"] for entry in entries if entry.get("message_id") == message_id and entry["text"]]


async def test_thoughts_are_gone_when_the_answer_begins(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    begins = asyncio.Event()
    model.says("why", Thought("First I look at the sky above.\n"), begins, "Because of the air.")
    async with start():
        await people.write(chat, ann, "why")
        thinking = await people.wait(chat, text="look at the sky")
        begins.set()
        whole = await people.wait(chat, text="^Because of the air\\.$", complete=True)

    assert whole.message_id == thinking.message_id
    assert [entity["type"] for entity in thinking.entities or []] == ["blockquote"]


@pytest.mark.proof
async def test_a_kill_while_the_model_thinks_leaves_nothing_of_it(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    long = "A very long thought that goes far beyond what will be said at last. " * 5
    model.says("why", Thought(long), asyncio.Event())
    begins = asyncio.Event()
    model.says("why", "Because. ", begins, "So.")
    async with start():
        await people.write(chat, ann, "/settings thinking kept")
        await people.write(chat, ann, "why")
        thinking = await people.wait(chat, text="very long thought")

    async with start():
        await people.wait(chat, text="^Because")
        begins.set()
        whole = await people.wait(chat, text="^Because\\. So\\.$", complete=True)

    assert whole.message_id == thinking.message_id
    assert not any("thought" in text and "Because" in text for text in await shown(people, chat, whole.message_id))


async def test_kept_thoughts_are_folded_above_the_answer_and_never_said(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    going_on = asyncio.Event()
    model.says("why", Thought("I look at the sky. " * 20), "One two three. ", asyncio.Event())
    model.says("why", Thought("Again. "), "One two ", going_on, "three. And four.")
    async with start():
        await people.write(chat, ann, "/settings thinking kept")
        await people.write(chat, ann, "why")
        await people.wait(chat, text="One two three")

    async with start():
        going_on.set()
        whole = await people.wait(chat, text="And four\\.$", complete=True)
        await people.write(chat, ann, "and then?")
        await people.wait(chat, text="You said: and then", complete=True)

    assert whole.text.startswith("💭 Again.")
    assert [entity["type"] for entity in whole.entities or []] == ["expandable_blockquote"]
    assert model.requests[-1].messages[-2]["content"] == "One two three. And four."


@pytest.mark.proof
async def test_a_former_answer_stands_while_the_model_thinks_about_another(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    begins = asyncio.Event()
    model.says("why", "The former answer.")
    model.says("why", Thought("I think about something else now. "), begins, "The other answer.")
    async with start():
        await people.write(chat, ann, "why")
        former = await people.wait(chat, text="^The former answer\\.$", complete=True)
        await press_when_done(people, chat, ann, former.message_id, "🔄")
        await model.wait(lambda: len(model.requests) == 2, PATIENCE_S)
        await asyncio.sleep(1)  # long enough for a call, were there one
        meanwhile = (await people.message(chat, former.message_id)).text
        begins.set()
        await people.wait(chat, text="^The other answer\\.$", complete=True)

    assert meanwhile == "The former answer."
    assert not any("💭" in text for text in await shown(people, chat, former.message_id))


async def test_what_is_stopped_while_it_thinks_says_so_and_nothing_else(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("why", Thought("I think about this for very long. "), asyncio.Event())
    async with start():
        await people.write(chat, ann, "why")
        thinking = await people.wait(chat, text="for very long")
        await people.press(chat, ann, thinking.message_id, thinking.buttons[0].text)
        stopped = await people.wait(chat, text="Stopped", complete=True)

    assert stopped.message_id == thinking.message_id
    assert "think" not in stopped.text


@pytest.mark.proof
@pytest.mark.parametrize("mode", chosen(("edit", "draft"), "draft"))
async def test_kept_thoughts_stand_once_after_several_kills_and_refusals(
    mode: str, start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    going_on = asyncio.Event()
    model.says("why", Thought("I look at the sky. " * 20), asyncio.Event())
    model.says("why", Thought("Of the sea I think. "), "One two ", asyncio.Event())
    model.says("why", Thought("At last. "), "One two ", going_on, "three. And four.")
    async with start(stream_mode=mode):
        await people.write(chat, ann, "/settings thinking kept")
        await people.write(chat, ann, "why")
        await model.wait(lambda: len(model.requests) == 1, PATIENCE_S)
        await asyncio.sleep(0.5)  # killed while it thinks, shown or not
    await people.fault("editMessageText" if mode == "edit" else "sendMessageDraft", "429", seconds=1, times=1)
    async with start(stream_mode=mode):
        await model.wait(lambda: len(model.requests) == 2, PATIENCE_S)
        await asyncio.sleep(0.5)  # killed in its answer, shown or not
    await people.fault("editMessageText", "429", seconds=1, times=1)
    async with start(stream_mode=mode):
        going_on.set()
        whole = await people.wait(chat, text="And four\\.$", complete=True)
        await people.write(chat, ann, "and then?")
        await people.wait(chat, text="You said: and then", complete=True)

    assert whole.text == "💭 At last.\n\nOne two three. And four."
    assert [entity["type"] for entity in whole.entities or []] == ["expandable_blockquote"]
    assert model.requests[-1].messages[-2]["content"] == "One two three. And four."
    assert sum("And four." in message.text for message in await people.messages(chat)) == 1
    assert all(text.count("💭") <= 1 for text in await shown(people, chat, whole.message_id))
