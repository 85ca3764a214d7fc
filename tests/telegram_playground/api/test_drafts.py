"""Native streaming: what a reader sees of drafts, and when they go."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.server import Playground
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.raw_bot import RawBot


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def playground(clock: HandClock) -> AsyncIterator[Playground]:
    async with Playground(clock=clock, limits=Limits.off()) as server:
        yield server


async def _seen(people: PlaygroundClient, chat: Chat) -> list[tuple[Any, ...]]:
    """Return what the reader saw of drafts and bots' messages: kind and text or reason."""
    return [
        (entry["kind"], entry.get("reason") or entry["text"])
        for entry in await people.transcript(chat)
        if entry["by"] == 42
    ]


async def test_a_draft_grows_and_the_message_takes_its_place(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    for text in ("", "Hel", "Hello"):
        assert await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text=text) is True
    await raw("sendMessage", chat_id=chat.id, text="Hello!")

    assert await _seen(people, chat) == [
        ("draft", ""),
        ("draft", "Hel"),
        ("draft", "Hello"),
        ("clear", "message"),
        ("send", "Hello!"),
    ]
    assert [message.text for message in await people.messages(chat)] == ["/start", "Hello!"]


async def test_a_frame_after_the_final_message_is_a_ghost(
    raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock
) -> None:
    await raw("sendMessage", chat_id=chat.id, text="final")
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="late")
    await clock.advance(30)

    assert await _seen(people, chat) == [("send", "final"), ("draft", "late"), ("clear", "expired")]


async def test_a_draft_lives_thirty_seconds_after_its_last_update(
    raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock
) -> None:
    draft = {"chat_id": chat.id, "draft_id": 7}
    await raw("sendMessageDraft", text="a", **draft)
    await clock.advance(29)
    await raw("sendMessageDraft", text="b", **draft)
    await clock.advance(29)
    alive = await _seen(people, chat)
    await clock.advance(1)

    assert alive == [("draft", "a"), ("draft", "b")]
    entry = (await people.transcript(chat))[-1]
    assert (entry["kind"], entry["reason"], entry["time"]) == ("clear", "expired", clock.now())


async def test_another_draft_id_replaces_the_draft(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="a")
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=8, text="b")

    assert await _seen(people, chat) == [("draft", "a"), ("clear", "replaced"), ("draft", "b")]


async def test_every_topic_has_a_draft_of_its_own(
    raw: RawBot, people: PlaygroundClient, chat: Chat, bot: Bot, clock: HandClock
) -> None:
    await people.bot(bot.token, has_topics_enabled=True)
    one, two = [await people.add_topic(chat, name) for name in ("one", "two")]
    for topic in (one, two):
        draft = {"chat_id": chat.id, "draft_id": 7, "message_thread_id": topic.thread_id}
        await raw("sendMessageDraft", text=topic.name, **draft)

    await raw("sendMessage", chat_id=chat.id, text="final", message_thread_id=one.thread_id)

    left = (await people.command("state"))["chats"][0]["drafts"]
    assert [draft["text"] for draft in left] == ["two"]


async def test_drafts_that_telegram_refuses_are_refused(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat
) -> None:
    assert await raw.refused("sendMessageDraft", chat_id=group.id, draft_id=7, text="x") == (
        "Bad Request: TEXTDRAFT_PEER_INVALID"
    )
    assert await raw.refused("sendMessageDraft", chat_id=chat.id, draft_id=0, text="x") == (
        "Bad Request: RANDOM_ID_INVALID"
    )
    await people.set(empty_drafts=False)
    assert await raw.refused("sendMessageDraft", chat_id=chat.id, draft_id=7, text="") == (
        "Bad Request: text must be non-empty"
    )


@pytest.mark.parametrize(("as_string", "draft_id"), [("int", 7), ("string", "7")])
async def test_stop_is_told_and_later_frames_are_not_shown(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, as_string: str, draft_id: object
) -> None:
    await people.set(stop_draft_id=as_string)
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="a", can_stop=True)

    await people.stop_draft(chat, ann, 7)
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="ab", can_stop=True)

    told = (await raw.updates())[-1]["stopped_message_generation"]
    assert (told["draft_id"], told["chat"]["id"]) == (draft_id, chat.id)
    assert await _seen(people, chat) == [("draft", "a"), ("clear", "stopped")]


async def test_a_kept_draft_stays_after_stop_until_it_expires(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, clock: HandClock
) -> None:
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="a", can_stop=True, keep_on_stop=True)

    await people.stop_draft(chat, ann, 7)
    kept = await _seen(people, chat)
    await clock.advance(30)

    assert kept == [("draft", "a")]
    assert (await _seen(people, chat))[-1] == ("clear", "expired")


async def test_only_a_draft_with_a_button_can_be_stopped(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="a")

    with pytest.raises(PlaygroundError, match="no Stop button"):
        await people.stop_draft(chat, ann, 7)


@pytest.mark.parametrize(
    ("option", "method"),
    [("drafts", "sendMessageDraft"), ("drafts", "sendRichMessageDraft"), ("rich", "sendRichMessage")],
)
async def test_old_servers_do_not_have_the_method(
    raw: RawBot, people: PlaygroundClient, chat: Chat, option: str, method: str
) -> None:
    await people.set(**{option: False})

    answer = await raw.call(method, chat_id=chat.id)

    assert (answer.status, answer.description) == (404, "Not Found: method not found")


async def test_the_transcript_tells_what_was_seen_and_when(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, clock: HandClock
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:1"}]]}
    start = clock.now()
    await raw("sendChatAction", chat_id=chat.id, action="typing")
    await clock.advance(1)
    silent = {"disable_notification": True, "reply_markup": keyboard}
    sent = await raw("sendMessage", chat_id=chat.id, text="one", **silent)
    place = {"chat_id": chat.id, "message_id": sent["message_id"]}
    await clock.advance(1)
    await raw("editMessageText", text="one two", **place)
    await clock.advance(1)
    await raw("deleteMessage", **place)

    entries = (await people.transcript(chat))[1:]

    assert [(entry["kind"], entry["time"] - start) for entry in entries] == [
        ("action", 0),
        ("send", 1),
        ("edit", 2),
        ("delete", 3),
    ]
    assert (entries[1]["text"], entries[1]["notify"]) == ("one", False)
    assert entries[1]["keyboard"] == [[{"text": "Stop", "data": "stop:1"}]]
    assert (entries[2]["text"], entries[2]["keyboard"]) == ("one two", [])
    assert {entry["message_id"] for entry in entries[1:]} == {sent["message_id"]}
    assert await people.transcript(chat, since=start + 2) == entries[3:]
