"""A message is answered by the chat's provider, streamed into one message by edits, and remembered."""

import asyncio
import itertools

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model, Refusal, Reset
from tests.stopwatch import Stopwatch
from tests.walks.conftest import press_when_done

pytestmark = [pytest.mark.walk, pytest.mark.usefixtures("app")]


async def test_an_answer_grows_in_one_message_to_its_exact_text(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    words = [f"word{number} " for number in range(40)]
    first, second, third = asyncio.Event(), asyncio.Event(), asyncio.Event()
    model.says("hello", *words[:10], first, *words[10:20], second, *words[20:30], third, *words[30:])

    asked = await people.write(chat, ann, "hello")
    for last, goes_on in ((9, first), (19, second), (29, third)):
        await people.wait(chat, text=f"word{last}\\b")
        goes_on.set()
    answer = await people.wait(chat, text="word39", complete=True)

    assert answer.text == "".join(words).strip()
    assert answer.reply_to == asked.message_id
    seen = [entry for entry in await people.transcript(chat) if entry.get("message_id") == answer.message_id]
    texts = [entry["text"].removesuffix("▌").strip() for entry in seen]
    assert [entry["kind"] for entry in seen] == ["send"] + ["edit"] * (len(seen) - 1)
    assert len(set(texts)) >= 4
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    assert not [call for call in await people.calls() if call.get("error_code")]


async def test_markdown_is_shown_as_entities(people: PlaygroundClient, chat: Chat, ann: User, model: Model) -> None:
    model.says("code", "Here is **bold** and\n\n```python\nprint(1)\n```")

    await people.write(chat, ann, "code")
    answer = await people.wait(chat, text="Here", complete=True)

    assert answer.text == "Here is bold and\n\nprint(1)"
    assert [entity["type"] for entity in answer.entities] == ["bold", "pre"]
    assert not [call for call in await people.calls() if call["parameters"].get("parse_mode")]


async def test_the_conversation_is_remembered_until_a_new_one_begins(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    await people.write(chat, ann, "my name is Ann")
    await people.wait(chat, text="You said: my name", complete=True)
    await people.write(chat, ann, "what is my name?")
    await people.wait(chat, text="You said: what", complete=True)
    await people.write(chat, ann, "/new")
    await people.wait(chat, text="new conversation")
    await people.write(chat, ann, "and now?")
    await people.wait(chat, text="You said: and now", complete=True)

    said = [[(message["role"], message["content"]) for message in asked.messages[1:]] for asked in model.requests]
    assert said[1] == [
        ("user", "my name is Ann"),
        ("assistant", "You said: my name is Ann"),
        ("user", "what is my name?"),
    ]
    assert said[2] == [("user", "and now?")]


async def test_the_stop_button_keeps_what_is_there(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    never = asyncio.Event()
    model.says("story", "Once upon a time", never)

    await people.write(chat, ann, "story")
    growing = await people.wait(chat, text="Once")
    await people.press(chat, ann, growing.message_id, growing.buttons[0].text)
    stopped = await people.wait(chat, text="Once", complete=True)

    assert stopped.message_id == growing.message_id
    assert stopped.text == "Once upon a time\n\n⏹ Stopped"
    await people.write(chat, ann, "go on")
    await people.wait(chat, text="You said: go on", complete=True)
    assert [message["content"] for message in model.requests[-1].messages[1:]] == [
        "story",
        "Once upon a time",
        "go on",
    ]
    assert model.open == 0


async def test_a_silent_provider_is_held_a_place_that_can_be_stopped(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("slow", asyncio.Event())

    await people.write(chat, ann, "slow")
    holding = await people.wait(chat, text="^…$")
    await people.write(chat, ann, "/stop")
    stopped = await people.wait(chat, text="Stopped", complete=True)

    assert stopped.message_id == holding.message_id


async def test_a_long_answer_goes_on_in_further_messages_and_loses_nothing(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    paragraphs = [f"Paragraph {number}: " + "some words " * 20 for number in range(60)]
    model.says("long", *(item for text in paragraphs for item in (text + "\n\n", 0.01)))

    await people.write(chat, ann, "long")
    await people.wait(chat, text="Paragraph 59: .*words$", complete=True)

    parts = [message for message in await people.messages(chat) if message.sender != ann.id]
    assert len(parts) == 4
    assert all(len(part.text) <= 4096 for part in parts)
    assert "\n\n".join(part.text for part in parts).split() == " ".join(paragraphs).split()
    assert not [call for call in await people.calls() if call.get("error_code")]


async def test_the_retry_button_answers_again_in_the_same_message(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("dice", "It is a one.")
    model.says("dice", "It is a six.")

    await people.write(chat, ann, "dice")
    first = await people.wait(chat, text="one", complete=True)
    await press_when_done(people, chat, ann, first.message_id, "🔄")
    second = await people.wait(chat, text="six", complete=True)
    await people.write(chat, ann, "thanks")
    await people.wait(chat, text="You said: thanks", complete=True)

    assert second.message_id == first.message_id
    assert [message["content"] for message in model.requests[-1].messages[1:]] == [
        "dice",
        "It is a six.",
        "thanks",
    ]


async def test_prompts_of_one_conversation_are_answered_in_their_order(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    for number in range(4):
        await people.write(chat, ann, f"question {number}")

    await people.wait(chat, text="You said: question 3", complete=True)

    answers = [message.text for message in await people.messages(chat) if message.sender != ann.id]
    assert answers == [f"You said: question {number}" for number in range(4)]
    assert len(model.requests[-1].messages) == 8


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, '{"error": {"message": "Incorrect API key"}}', "⚠️.*key"),
        pytest.param(404, '{"error": {"message": "no such model"}}', "⚠️ OpenAI: .*/model", marks=pytest.mark.proof),
        pytest.param(
            429,
            '{"error": {"code": "insufficient_quota", "message": "You exceeded your quota"}}',
            "⚠️.*empty",
            marks=pytest.mark.proof,
        ),
        pytest.param(429, '{"error": {"message": "slow down"}}', "⚠️.*", marks=pytest.mark.proof),
        (500, "oops", "⚠️ OpenAI: The provider failed: 500\\."),
        pytest.param(
            200, "<html><title>Maintenance</title></html>", "⚠️ OpenAI: The provider failed.*", marks=pytest.mark.proof
        ),
        pytest.param(200, '{"choices": [{"message": {"content": ""}}]}', "⚠️.*empty", marks=pytest.mark.proof),
    ],
)
async def test_a_failure_is_told_and_the_next_message_works(
    status: int, body: str, told: str, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("fail", Refusal(status, body))

    watch = Stopwatch()
    await people.write(chat, ann, "fail")
    failure = await people.wait(chat, text=told, complete=True)
    assert watch.seconds <= 10
    await people.write(chat, ann, "still there?")
    await people.wait(chat, text="You said: still there", complete=True)

    assert failure.text.startswith("⚠️")
    assert len(model.requests[-1].messages) == 2


@pytest.mark.parametrize(
    "blank",
    [
        "\u200b",
        *(
            pytest.param(each, marks=pytest.mark.proof)
            for each in ("\u2800\u3164", "\u00ad", "\ufeff", "\u0301", "\u200e\u200f", " \n\t")
        ),
    ],
)
async def test_an_answer_with_nothing_to_see_is_an_empty_one(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model, blank: str
) -> None:
    model.says("blank", blank, 0.3, blank)

    await people.write(chat, ann, "blank")
    answer = await people.wait(chat, text="⚠️", complete=True)

    assert answer.text.startswith("⚠️ OpenAI: The provider sent an empty answer.")
    shown = {entry["text"] for entry in await people.transcript(chat) if entry.get("message_id") == answer.message_id}
    assert shown <= {"…", answer.text, f"{answer.text} ▌"}  # a place is held where it takes a second


async def test_an_answer_that_breaks_off_is_kept_and_marked(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("half", "The first half", 0.2, Reset())

    await people.write(chat, ann, "half")
    broken = await people.wait(chat, text="The first half", complete=True)

    assert broken.text.startswith("The first half\n\n⚠️")
    assert [button.text for button in broken.buttons] == ["🔄"]


async def test_a_message_deleted_under_the_bot_is_written_anew_once(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("text", "The beginning", go_on, " and the end.")

    await people.write(chat, ann, "text")
    growing = await people.wait(chat, text="The beginning")
    await people.delete(chat, ann, growing.message_id)
    go_on.set()
    again = await people.wait(chat, text="and the end.", complete=True)

    assert again.message_id > growing.message_id
    assert again.text == "The beginning and the end."


async def test_a_user_who_blocks_the_bot_is_answered_again_when_he_comes_back(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("text", "The beginning", go_on, " and the end.")
    await people.write(chat, ann, "text")
    await people.wait(chat, text="The beginning")

    await people.block(chat)
    go_on.set()
    await people.wait_call("editMessageText", since=(await people.calls())[-1]["id"] - 1)
    await people.unblock(chat)
    await people.write(chat, ann, "I am back")
    back = await people.wait(chat, text="You said: I am back", complete=True)

    assert back.text == "You said: I am back"


async def test_only_the_last_answer_has_a_button(people: PlaygroundClient, chat: Chat, ann: User, model: Model) -> None:
    await people.write(chat, ann, "one")
    first = await people.wait(chat, text="You said: one", complete=True)
    await people.write(chat, ann, "two")
    second = await people.wait(chat, text="You said: two", complete=True)

    tidied = await people.wait_call("editMessageReplyMarkup")

    assert int(tidied["parameters"]["message_id"]) == first.message_id
    assert not (await people.message(chat, first.message_id)).buttons
    assert [button.text for button in (await people.message(chat, second.message_id)).buttons] == ["🔄"]


async def test_another_answer_that_is_stopped_at_once_leaves_the_old_one(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("poem", "A precious answer.")
    model.says("poem", asyncio.Event())
    await people.write(chat, ann, "poem")
    answer = await people.wait(chat, text="precious", complete=True)

    await press_when_done(people, chat, ann, answer.message_id, "🔄")
    while len(model.requests) < 2:
        await people.wait_call("sendChatAction")
    await people.write(chat, ann, "/stop")
    await people.write(chat, ann, "go on")
    await people.wait(chat, text="You said: go on", complete=True)

    assert (await people.message(chat, answer.message_id)).text == "A precious answer."
    assert [message["content"] for message in model.requests[-1].messages[1:]] == [
        "poem",
        "A precious answer.",
        "go on",
    ]


async def test_another_answer_that_fails_leaves_the_old_one_above_the_failure(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("poem", "A precious answer.")
    model.says("poem", Refusal(401, "{}"))
    await people.write(chat, ann, "poem")
    answer = await people.wait(chat, text="precious", complete=True)

    await press_when_done(people, chat, ann, answer.message_id, "🔄")
    failed = await people.wait(chat, text="⚠️", complete=True)

    assert failed.message_id == answer.message_id
    assert failed.text.startswith("A precious answer.\n\n⚠️")


async def test_an_edit_without_an_answer_does_not_hold_up_the_conversation(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("text", "The beginning", go_on, " and the end.")
    await people.write(chat, ann, "text")
    await people.wait(chat, text="The beginning")

    await people.fault("editMessageText", "500")
    go_on.set()
    await people.wait(chat, text="and the end", complete=True)
    watch = Stopwatch()
    await people.write(chat, ann, "next")
    answer = await people.wait(chat, text="You said: next", complete=True)

    assert answer.text == "You said: next"
    assert watch.seconds <= 6


async def test_every_part_that_is_deleted_is_written_anew_once(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    words = " ".join(f"word{number}" for number in range(1_200))
    model.says("long", words, go_on, " end")
    await people.write(chat, ann, "long")
    await people.wait(chat, text="word1199")
    parts = [message for message in await people.messages(chat) if message.sender != ann.id]

    for part in parts:
        await people.delete(chat, ann, part.message_id)
    go_on.set()
    await people.wait(chat, text="word1199 end$", complete=True)

    shown = [message.text for message in await people.messages(chat) if message.sender != ann.id]
    assert sorted(" ".join(shown).split()) == sorted(f"{words} end".split())


async def test_nothing_that_the_bot_does_is_found_fault_with(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    lines = [
        f"* see https://example.org/{number} and\n\n```python\nif x:\n\treturn **{number}**\n```\n"
        for number in range(30)
    ]
    model.says("links", *(item for line in lines for item in (line, 0.1)))

    await people.write(chat, ann, "links")
    growing = await people.wait(chat, text="see")
    answer = await people.wait(chat, text="29", complete=True, after=growing.message_id - 1)
    await people.press(chat, ann, answer.message_id, answer.buttons[0].text)
    await people.wait(chat, text="29", complete=True)
    await people.write(chat, ann, "/settings")
    settings = await people.wait(chat, after=answer.message_id + 1)
    await people.press(chat, ann, settings.message_id, settings.buttons[0].text)

    assert await people.command("lint") == {"clean": True, "findings": []}
