"""Edited questions, pasted texts and versions, as the person who writes sees them, and through kills."""

import asyncio
import itertools
from collections.abc import Iterable

import pytest

from telegram_playground.client import Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.crash.point import CommitPoint
from tests.thorough import chosen
from tests.walks.conftest import all_taken, press_when_done
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

CLAIM = "update answers generating"  # the second of its kind: a start looks for those first


async def of_bot(people: PlaygroundClient, chat: Chat, ann: User) -> list[str]:
    return [message.text for message in await people.messages(chat) if message.sender != ann.id]


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


def prompts(model: Model) -> list[list[str]]:
    """Return what was said in each request, without the system prompt."""
    return [[message["content"] for message in asked.messages[1:]] for asked in model.requests]


@pytest.mark.usefixtures("app")
class TestEdit:
    """What an edit makes of a question."""

    async def test_one_that_is_being_answered_is_answered_anew_in_the_same_message(
        self, people: PlaygroundClient, chat: Chat, ann: User, model: Model
    ) -> None:
        model.says("fist", "It is a closed", asyncio.Event())
        asked = await people.write(chat, ann, "What is the fist?")
        growing = await people.wait(chat, text="closed")
        await people.edit(chat, ann, asked.message_id, "What is the first?")

        answer = await people.wait(chat, text="You said: What is the first", complete=True)
        assert answer.message_id == growing.message_id
        assert len(await of_bot(people, chat, ann)) == 1
        seen = [entry.get("text", "") for entry in await people.transcript(chat)]
        assert not [text for text in seen if "Stopped" in text]
        assert labels(answer) == ["◀", "2/2", "▶", "🔄"]
        assert prompts(model)[-1] == ["What is the first?"]

    async def test_one_that_waits_is_asked_in_its_new_words_only(
        self, people: PlaygroundClient, chat: Chat, ann: User, model: Model
    ) -> None:
        go = asyncio.Event()
        model.says("long", "It takes", go, " time.")
        await people.write(chat, ann, "long")
        await people.wait(chat, text="It takes")
        waits = await people.write(chat, ann, "fist")
        await people.edit(chat, ann, waits.message_id, "first")
        await all_taken(people)
        go.set()

        await people.wait(chat, text="You said: first", complete=True)
        assert [said[-1] for said in prompts(model)] == ["long", "first"]

    async def test_an_older_one_is_answered_at_the_bottom(
        self, people: PlaygroundClient, chat: Chat, ann: User, model: Model
    ) -> None:
        asked = await people.write(chat, ann, "one")
        await people.wait(chat, text="You said: one", complete=True)
        await people.write(chat, ann, "two")
        await people.wait(chat, text="You said: two", complete=True)
        await people.edit(chat, ann, asked.message_id, "uno")
        branch = await people.wait(chat, text="You said: uno", complete=True)
        await people.write(chat, ann, "next")
        await people.wait(chat, text="You said: next", complete=True)

        assert branch.reply_to == asked.message_id
        texts = await of_bot(people, chat, ann)
        assert texts == ["You said: one", "You said: two", "You said: uno", "You said: next"]
        assert prompts(model)[-1] == ["uno", "You said: uno", "next"]


@pytest.mark.usefixtures("app")
async def test_versions_are_shown_by_what_is_stored(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    long = "\n\n".join(f"Paragraph {number}. " + "word " * 150 for number in range(8))
    for text in ("Short.", long):
        model.says("tell", text)
    await people.write(chat, ann, "tell me")
    first = await people.wait(chat, text="Short", complete=True)
    assert labels(first) == ["🔄"]
    await press_when_done(people, chat, ann, first.message_id, "🔄")
    await people.wait(chat, text="Paragraph 7", complete=True)
    parts = [message for message in await people.messages(chat) if message.sender != ann.id]
    assert len(parts) == 2
    assert labels(parts[1]) == ["◀", "2/2", "▶", "🔄", "📄 answer.md"]
    made = await press_when_done(people, chat, ann, parts[1].message_id, "2/2")
    assert made
    assert "OpenAI" in made["text"]

    await press_when_done(people, chat, ann, parts[1].message_id, "◀")
    await people.wait(chat, text="^Short.$", complete=True)
    back = await gone(people, chat, ann, 1)
    assert labels(back[0]) == ["◀", "1/2", "▶", "🔄"]
    ended = await press_when_done(people, chat, ann, back[0].message_id, "◀")
    assert ended
    assert "no further version" in ended["text"]
    await press_when_done(people, chat, ann, back[0].message_id, "▶")
    await people.wait(chat, text="Paragraph 7", complete=True)
    assert [message.text for message in await gone(people, chat, ann, 2)] == [message.text for message in parts]
    assert len(model.requests) == 2


async def gone(people: PlaygroundClient, chat: Chat, ann: User, count: int) -> list[Message]:
    """Return the bot's messages when there are so many."""
    while True:
        parts = [message for message in await people.messages(chat) if message.sender != ann.id]
        if len(parts) == count and parts[-1].buttons:
            return parts
        await asyncio.sleep(0.05)


@pytest.mark.usefixtures("app")
async def test_a_paste_that_was_cut_is_one_question(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    pieces = [("a " * 2000).strip(), ("b " * 2000).strip(), "the end"]
    model.says("the end", "Read.")
    for text in pieces:
        asked = await people.write(chat, ann, text)

    answer = await people.wait(chat, text="Read.", complete=True)
    assert answer.reply_to == asked.message_id
    assert prompts(model) == [["\n".join(pieces)]]


class TestKill:
    """SIGKILL on the way of an edit, a version, a paste."""

    async def at(self, child: Child, people: PlaygroundClient, points: Iterable[CommitPoint]) -> None:
        for point in points:
            await child.start(point)
            assert await child.ended() is not None, point
        await child.start()

    @pytest.mark.proof
    async def test_an_edited_question_has_one_answer_wherever_the_bot_dies(
        self, child: Child, telegram: Playground, people: PlaygroundClient, chat: Chat, ann: User, model: Model
    ) -> None:
        model.says("fist", "It is a closed", asyncio.Event())
        await child.start()
        asked = await people.write(chat, ann, "What is the fist?")
        await people.wait(chat, text="closed")
        await child.kill()
        await people.edit(chat, ann, asked.message_id, "What is the first?")
        labels_ = ("insert answers", CLAIM, "update answers done")
        points = [
            CommitPoint(label, 2 if label == CLAIM else 1, after)
            for label, after in itertools.product(labels_, chosen((False, True), True))
        ]
        await self.at(child, people, points)

        await people.wait(chat, text="You said: What is the first", complete=True)
        assert await of_bot(people, chat, ann) == ["You said: What is the first?"]

    @pytest.mark.proof
    async def test_a_version_stands_whole_though_the_bot_dies_while_it_is_shown(
        self, child: Child, telegram: Playground, people: PlaygroundClient, chat: Chat, ann: User, model: Model
    ) -> None:
        long = "\n\n".join(f"Paragraph {number}. " + "word " * 150 for number in range(8))
        for text in (long, "Short."):
            model.says("tell", text)
        await child.start()
        await people.write(chat, ann, "tell me")
        await people.wait(chat, text="Paragraph 7", complete=True)
        (first, last) = await gone(people, chat, ann, 2)
        await press_when_done(people, chat, ann, last.message_id, "🔄")
        (short,) = await gone(people, chat, ann, 1)
        assert short.text == "Short."
        for method, executed in (("editMessageText", False), ("editMessageText", True), ("sendMessage", True)):
            await people.fault(method, "hold", execute=executed, chat=chat.id)
            if method == "editMessageText" and not executed:
                await press_when_done(people, chat, ann, short.message_id, "◀")
            else:
                await child.start()
            await people.wait_held()
            await child.kill()
            await people.clear_faults()
        await child.start()

        await people.wait(chat, text="Paragraph 7", complete=True)
        parts = await gone(people, chat, ann, 2)
        assert [part.text for part in parts] == [first.text, last.text]
        assert len(model.requests) == 2

    @pytest.mark.proof
    async def test_a_paste_is_one_question_though_the_bot_dies_between_its_pieces(
        self, child: Child, telegram: Playground, people: PlaygroundClient, chat: Chat, ann: User, model: Model
    ) -> None:
        model.says("the end", "Read.")
        await child.start(CommitPoint("insert answers", 1, after=True))
        await people.wait_call("getUpdates")
        await people.write(chat, ann, ("a " * 2000).strip())
        assert await child.ended() is not None
        await people.write(chat, ann, "the end")
        await child.start()

        await people.wait(chat, text="Read.", complete=True)
        assert await of_bot(people, chat, ann) == ["Read."]
