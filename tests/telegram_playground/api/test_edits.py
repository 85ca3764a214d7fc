"""Changing messages: what is accepted, what is refused and how."""

import asyncio
from typing import Any

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.protocol.errors import NOT_MODIFIED
from tests.telegram_playground.raw_bot import RawBot

STOP = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:1"}]]}
OTHER = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:2"}]]}


async def _sent(raw: RawBot, chat: Chat, text: str = "one", **more: Any) -> dict[str, int]:
    message = await raw("sendMessage", chat_id=chat.id, text=text, **more)
    return {"chat_id": chat.id, "message_id": message["message_id"]}


async def test_an_edit_that_changes_nothing_is_refused(raw: RawBot, chat: Chat) -> None:
    place = await _sent(raw, chat, reply_markup=STOP)
    bold = [{"type": "bold", "offset": 0, "length": 3}]

    same = await raw.refused("editMessageText", text="  one \n", reply_markup=STOP, **place)
    same_keyboard = await raw.refused("editMessageReplyMarkup", reply_markup=STOP, **place)
    await raw("editMessageText", text="one", entities=bold, reply_markup=STOP, **place)
    same_again = await raw.refused("editMessageText", text="<b>one</b>", parse_mode="HTML", reply_markup=STOP, **place)

    assert same == same_keyboard == same_again == f"Bad Request: {NOT_MODIFIED}"


async def test_another_keyboard_alone_is_a_change(raw: RawBot, chat: Chat) -> None:
    place = await _sent(raw, chat, reply_markup=STOP)

    by_text = await raw("editMessageText", text="one", reply_markup=OTHER, **place)
    by_markup = await raw("editMessageReplyMarkup", reply_markup=STOP, **place)

    assert by_text["reply_markup"] == OTHER
    assert (by_markup["reply_markup"], by_markup["text"]) == (STOP, "one")


async def test_an_edit_without_a_keyboard_takes_it_away(raw: RawBot, chat: Chat) -> None:
    place = await _sent(raw, chat, reply_markup=STOP)

    edited = await raw("editMessageText", text="two", **place)

    assert "reply_markup" not in edited
    assert edited["edit_date"] >= edited["date"]


async def test_the_order_of_refusals_tells_whose_a_message_is(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    foreign = await people.write(chat, ann, "mine")
    own = await _sent(raw, chat, reply_markup=STOP)

    async def probed(message_id: int, **keyboard: Any) -> str:
        return await raw.refused("editMessageReplyMarkup", chat_id=chat.id, message_id=message_id, **keyboard)

    assert await probed(own["message_id"], reply_markup=STOP) == f"Bad Request: {NOT_MODIFIED}"
    assert await probed(foreign.message_id, reply_markup=STOP) == "Bad Request: message can't be edited"
    assert await probed(9999, reply_markup=STOP) == "Bad Request: message to edit not found"
    assert await probed(0) == "Bad Request: message identifier is not specified"
    assert await raw.refused("editMessageText", text=" ", **own) == "Bad Request: text must be non-empty"


async def test_deleted_foreign_keyboard_and_media_messages_are_refused_differently(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    deleted, with_keyboard = (
        await _sent(raw, chat),
        await _sent(raw, chat, reply_markup={"keyboard": [[{"text": "a"}]]}),
    )
    await people.delete(chat, ann, deleted["message_id"])
    foreign = {"chat_id": chat.id, "message_id": (await people.write(chat, ann, "mine")).message_id}
    photo = await people.send_file(chat, ann, "a.png", b"\x89PNG", mime="image/png")
    media = await raw("sendPhoto", chat_id=chat.id, photo=photo.raw["photo"][0]["file_id"])

    refusals = {
        "message to edit not found": deleted,
        "message can't be edited": foreign,
        "there is no text in the message to edit": {"chat_id": chat.id, "message_id": media["message_id"]},
    }
    for reason, place in refusals.items():
        assert await raw.refused("editMessageText", text="new", **place) == f"Bad Request: {reason}"
    assert await raw.refused("editMessageText", text="new", **with_keyboard) == "Bad Request: message can't be edited"
    caption = await raw("editMessageCaption", caption="c", chat_id=chat.id, message_id=media["message_id"])
    assert (caption["caption"], "text" in caption) == ("c", False)


async def test_an_inline_message_is_edited_by_its_id(
    raw: RawBot, people: PlaygroundClient, bot: Any, ann: User, bob: User
) -> None:
    await people.bot(bot.token, supports_guest_queries=True)
    group = await people.add_group("Elsewhere", members=[ann, bob])
    query = await people.command("guest", chat=group.key, user=ann.id, bot=bot.id, text="@test_bot hi")
    result = {"type": "article", "id": "1", "title": "t", "input_message_content": {"message_text": "…"}}
    sent = await raw("answerGuestQuery", guest_query_id=query["guest_query_id"], result=result)

    edited = await raw("editMessageText", inline_message_id=sent["inline_message_id"], text="answer")

    assert edited is True
    assert (await people.messages(group))[-1].text == "answer"
    assert await raw.refused("editMessageText", inline_message_id="nope", text="x") == "Bad Request: MESSAGE_ID_INVALID"


async def test_a_message_turns_from_text_to_rich_and_back(raw: RawBot, chat: Chat) -> None:
    place = await _sent(raw, chat)

    rich = await raw("editMessageText", rich_message={"markdown": "# Title"}, **place)
    text = await raw("editMessageText", text="plain", **place)

    assert rich["rich_message"] == {"blocks": [{"type": "heading", "text": "Title", "size": 1}]}
    assert "text" not in rich
    assert (text["text"], "rich_message" in text) == ("plain", False)


async def test_concurrent_edits_land_in_the_order_of_their_arrival(
    raw: RawBot, people: PlaygroundClient, chat: Chat
) -> None:
    await people.set(latency_s=0.02, jitter_s=0.02)
    place = await _sent(raw, chat)
    texts = [str(number) for number in range(8)]

    await asyncio.gather(*(raw("editMessageText", text=text, **place) for text in texts))

    calls = await people.calls(method="editMessageText")
    arrived = [call["parameters"]["text"] for call in calls]
    shown = [entry["text"] for entry in await people.transcript(chat) if entry["kind"] == "edit"]
    assert shown == arrived


async def test_concurrent_edits_may_be_shuffled_on_demand(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.set(order="shuffled")
    place = await _sent(raw, chat)

    await asyncio.gather(*(raw("editMessageText", text=str(number), **place) for number in range(8)))

    arrived = [call["parameters"]["text"] for call in await people.calls(method="editMessageText")]
    shown = [entry["text"] for entry in await people.transcript(chat) if entry["kind"] == "edit"]
    assert shown != arrived
    assert sorted(shown) == sorted(arrived)


async def test_a_message_is_deleted_once(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    place = await _sent(raw, chat)
    theirs = await people.write(chat, ann, "mine")

    assert await raw("deleteMessage", **place) is True
    assert await raw("deleteMessages", chat_id=chat.id, message_ids=[theirs.message_id, 999]) is True
    assert await raw.refused("deleteMessage", **place) == "Bad Request: message to delete not found"
    assert [message.text for message in await people.messages(chat)] == ["/start"]


async def test_a_bot_deletes_others_messages_in_a_group_only_as_an_administrator(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bot: Any
) -> None:
    theirs = await people.write(group, ann, "mine")
    place = {"chat_id": group.id, "message_id": theirs.message_id}

    assert await raw.refused("deleteMessage", **place) == "Bad Request: message can't be deleted"
    await people.promote(group, bot)
    assert await raw("deleteMessage", **place) is True


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": "я" * 32 + "x"}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "x", "url": "http://nowhere"},
            "inline keyboard button URL 'http://nowhere' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_buttons_that_telegram_refuses_are_refused(
    raw: RawBot, chat: Chat, button: dict[str, str], reason: str
) -> None:
    keyboard = {"inline_keyboard": [[button]]}

    assert (
        await raw.refused("sendMessage", chat_id=chat.id, text="x", reply_markup=keyboard) == f"Bad Request: {reason}"
    )
