"""Native drafts: the answer grows in Telegram's own draft, and the message is exact at the end."""

import asyncio

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Item, Model
from tests.walks.conftest import Start

pytestmark = pytest.mark.walk

WORDS = [f"word{number} " for number in range(30)]


async def drafted(people: PlaygroundClient, chat: Chat, text: str) -> None:
    """Wait until a draft ends with a text."""
    shown: list[str] = []
    while not any(each.endswith(text) for each in shown):
        await asyncio.sleep(0.02)
        shown = [entry["text"] for entry in await people.transcript(chat) if entry["kind"] == "draft"]


async def test_an_answer_grows_in_a_draft_and_is_exact_in_its_message(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    gates = {at: asyncio.Event() for at in (7, 14, 21)}
    said: list[Item] = []
    for at, gate in gates.items():
        said += [*WORDS[at - 7 : at], gate]
    model.says("hello", *said, *WORDS[21:])

    async with start(stream_mode="draft"):
        await people.write(chat, ann, "hello")
        for at, gate in gates.items():
            await drafted(people, chat, f"word{at - 1}")
            gate.set()
        answer = await people.wait(chat, text="word29$", complete=True)

    entries = await people.transcript(chat)
    drafts = [entry["text"] for entry in entries if entry["kind"] == "draft" and entry["text"]]
    assert answer.text == "".join(WORDS).strip()
    assert len(drafts) >= 3
    assert drafts == sorted(drafts, key=len)
    first_send = next(n for n, entry in enumerate(entries) if entry.get("message_id") == answer.message_id)
    assert not [entry for entry in entries[first_send:] if entry["kind"] == "draft"]
    assert not [call for call in await people.calls() if call.get("error_code")]


@pytest.mark.parametrize(("mode", "is_told"), [("draft", True), ("auto", False)])
async def test_a_server_without_drafts_is_served_by_edits(
    mode: str,
    is_told: bool,
    start: Start,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await people.set(drafts=False)
    first, second = asyncio.Event(), asyncio.Event()
    model.says("hello", *WORDS[:9], first, *WORDS[9:19], second, *WORDS[19:])

    async with start(stream_mode=mode):
        await people.write(chat, ann, "hello")
        for last, goes_on in ((8, first), (18, second)):
            await people.wait(chat, text=f"word{last}")
            goes_on.set()
        answer = await people.wait(chat, text="word29$", complete=True)

    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert any("STREAM_MODE is draft" in record.getMessage() for record in warnings) is is_told
    edits = [entry for entry in await people.transcript(chat) if entry["kind"] == "edit"]
    assert answer.text == "".join(WORDS).strip()
    assert len(edits) >= 2


async def test_a_refused_draft_is_skipped_and_no_reason_to_edit(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("hello", *(item for word in WORDS for item in (word, 0.1)))
    await people.fault("sendMessageDraft", "429", seconds=1)

    async with start(stream_mode="draft"):
        await people.write(chat, ann, "hello")
        answer = await people.wait(chat, text="word29$", complete=True)

    entries = await people.transcript(chat)
    drafts = [entry for entry in entries if entry["kind"] == "draft" and entry["text"]]
    edits = [entry for entry in entries if entry["kind"] == "edit"]
    assert answer.text == "".join(WORDS).strip()
    assert drafts
    assert len(edits) == 1


async def test_stop_on_the_draft_stops_the_answer(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("story", "Once upon a time", asyncio.Event())

    async with start(stream_mode="draft"):
        await people.write(chat, ann, "story")
        call = await people.wait_call("sendMessageDraft")
        while call["parameters"].get("text") != "Once upon a time":
            call = await people.wait_call("sendMessageDraft", since=call["id"])
        await people.stop_draft(chat, ann, call["parameters"]["draft_id"])
        stopped = await people.wait(chat, text="Once", complete=True)

    assert stopped.text == "Once upon a time\n\n⏹ Stopped"


@pytest.mark.proof
async def test_a_long_answer_goes_on_in_messages(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    paragraphs = [f"Paragraph {number}: " + "some words " * 20 for number in range(30)]
    model.says("long", *(item for text in paragraphs for item in (text + "\n\n", 0.02)))

    async with start(stream_mode="draft"):
        await people.write(chat, ann, "long")
        await people.wait(chat, text="Paragraph 29: .*words$", complete=True)

    parts = [message for message in await people.messages(chat) if message.sender != ann.id]
    assert "\n\n".join(part.text for part in parts).split() == " ".join(paragraphs).split()
    assert not [call for call in await people.calls() if call.get("error_code")]


@pytest.mark.proof
async def test_a_first_text_waits_until_drafts_are_allowed_again(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    goes_on = asyncio.Event()
    model.says("hello", 0.6, "Hello there, let me look that up", goes_on, " and done.")
    await people.fault("sendMessageDraft", "429", seconds=2, times=1)

    async with start(stream_mode="draft"):
        await people.write(chat, ann, "hello")
        await drafted(people, chat, "Hello there, let me look that up")
        goes_on.set()
        await people.wait(chat, text="done", complete=True)
