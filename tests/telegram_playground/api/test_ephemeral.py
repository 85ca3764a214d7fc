"""Ephemeral messages and commands: one person in a group and the bot see them."""

from typing import Any

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from tests.telegram_playground.raw_bot import OTHER_TOKEN, RawBot

KEY = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


@pytest.fixture
async def menu(raw: RawBot, group: Chat) -> None:
    """A menu of /help, which only its sender sees, and /all."""
    commands = [
        {"command": "help", "description": "Help", "is_ephemeral": True},
        {"command": "all", "description": "A"},
    ]
    await raw("setMyCommands", commands=commands, scope={"type": "all_group_chats"})
    assert await raw("getMyCommands", scope={"type": "all_group_chats"}) == commands


async def heard(raw: RawBot) -> dict[str, Any]:
    return (await raw.updates(-1, timeout=30))[-1]


@pytest.mark.usefixtures("menu")
class TestCommand:
    """A command that its bot alone sees."""

    async def test_it_is_answered_in_kind_and_the_answer_edited_pressed_and_taken_away(
        self, people: PlaygroundClient, raw: RawBot, group: Chat, ann: User, bob: User
    ) -> None:
        asked = await people.write(group, ann, "/help@test_bot now", unseen=True)
        message = (await heard(raw))["message"]
        assert (message["message_id"], message["ephemeral_message_id"]) == (0, 1)

        sent = await raw(
            "sendMessage",
            chat_id=group.id,
            text="In kind",
            reply_markup=KEY,
            reply_parameters={"ephemeral_message_id": 1},
        )
        assert (sent["message_id"], sent["receiver_user"]["id"]) == (0, ann.id)
        own = {"chat_id": group.id, "receiver_user_id": ann.id, "ephemeral_message_id": sent["ephemeral_message_id"]}
        assert await raw("editEphemeralMessageText", **own, text="Else", reply_markup=KEY) is True
        assert "not modified" in await raw.refused("editEphemeralMessageText", **own, text="Else", reply_markup=KEY)

        shown = await people.wait(group, text="Else", after=asked.message_id)
        with pytest.raises(PlaygroundError):
            await people.press(group, bob, shown.message_id, "Go")
        await people.command("press", chat=group.key, user=ann.id, message_id=shown.message_id, data="go")
        query = (await heard(raw))["callback_query"]
        assert query["message"]["ephemeral_message_id"] == own["ephemeral_message_id"]

        assert "not found" in await raw.refused(
            "editMessageText", chat_id=group.id, message_id=shown.message_id, text="x"
        )
        assert "not found" in await raw.refused("deleteMessage", chat_id=group.id, message_id=shown.message_id)
        assert await raw("deleteEphemeralMessage", **own) is True
        assert "not found" in await raw.refused("deleteEphemeralMessage", **own)
        assert [each.message_id for each in await people.messages(group)][-1] == asked.message_id

    async def test_it_is_answered_for_15_seconds_and_no_other_bot_hears_of_it(
        self, people: PlaygroundClient, raw: RawBot, group: Chat, ann: User
    ) -> None:
        other = await people.bot(OTHER_TOKEN, can_read_all_group_messages=True)
        await people.add_member(group, other)
        await people.write(group, ann, "/help", unseen=True)
        listening = RawBot(raw.session, raw.base.partition("/bot")[0], OTHER_TOKEN)
        assert all("text" not in each.get("message", {}) for each in await listening.updates())

        await people.command("advance", seconds=16)
        late = {"chat_id": group.id, "text": "Late", "reply_parameters": {"ephemeral_message_id": 1}}
        assert "too old" in await raw.refused("sendMessage", **late)
        wrong = late | {"reply_parameters": {"ephemeral_message_id": 9}}
        assert "not found" in await raw.refused("sendMessage", **wrong)

    @pytest.mark.parametrize("text", ["/all", "help", "/help@other_bot"])
    async def test_only_what_the_menu_says_is_sent_so(
        self, people: PlaygroundClient, group: Chat, ann: User, text: str
    ) -> None:
        with pytest.raises(PlaygroundError, match="no such ephemeral command"):
            await people.write(group, ann, text, unseen=True)


async def test_a_press_is_answered_to_who_pressed_and_an_administrator_tells_anybody(
    people: PlaygroundClient, raw: RawBot, bot: Bot, group: Chat, chat: Chat, ann: User, bob: User
) -> None:
    open_to_all = await raw("sendMessage", chat_id=group.id, text="Press", reply_markup=KEY)
    pressed = await people.command(
        "press", chat=group.key, user=bob.id, message_id=open_to_all["message_id"], data="go"
    )
    to_bob = {"receiver_user_id": bob.id, "callback_query_id": pressed["id"]}

    sent = await raw("sendMessage", chat_id=group.id, text="For Bob", ephemeral_message_parameters=to_bob)
    assert sent["receiver_user"]["id"] == bob.id
    for refused in ({**to_bob, "receiver_user_id": ann.id}, {"receiver_user_id": ann.id}):
        await raw.refused("sendMessage", chat_id=group.id, text="x", ephemeral_message_parameters=refused)
    await raw.refused("sendMessage", chat_id=chat.id, text="x", ephemeral_message_parameters=to_bob)
    await people.promote(group, bot)
    told = await raw(
        "sendMessage", chat_id=group.id, text="For Ann", ephemeral_message_parameters={"receiver_user_id": ann.id}
    )
    assert told["ephemeral_message_id"] != sent["ephemeral_message_id"]


async def test_what_is_for_one_person_never_goes_to_all(
    people: PlaygroundClient, raw: RawBot, bot: Bot, group: Chat, bob: User
) -> None:
    """Whichever way it is said: as since Bot API 10.3, as before, wrongly, or where it cannot be so."""
    await people.promote(group, bot)
    former = {"chat_id": group.id, "receiver_user_id": bob.id}
    for method, more in (("sendMessage", {"text": "x"}), ("sendLocation", {"latitude": 1, "longitude": 2})):
        assert (await raw(method, **former, **more))["receiver_user"]["id"] == bob.id
    before = len(await people.messages(group))
    album = [{"type": "photo", "media": "https://x.invalid/1"}, {"type": "photo", "media": "https://x.invalid/2"}]
    wrongs: list[dict[str, Any]] = [
        {"receiver_user_id": 1},
        {"callback_query_id": "1"},
        {"receiver_user_id": bob.id, "callback_query_id": "1"},
        {"ephemeral_message_parameters": {}},
        {"ephemeral_message_parameters": '{"receiver_user_id": "me"}'},
        {"reply_parameters": {"ephemeral_message_id": 9}},
    ]
    for wrong in wrongs:
        await raw.refused("sendMessage", chat_id=group.id, text="x", **wrong)
    await raw.refused("sendMediaGroup", chat_id=group.id, media=album, reply_parameters={"ephemeral_message_id": 9})
    assert len(await people.messages(group)) == before


async def test_what_is_for_one_person_is_not_there_for_others(
    people: PlaygroundClient, raw: RawBot, bot: Bot, group: Chat, chat: Chat, ann: User, bob: User
) -> None:
    await people.promote(group, bot)
    await raw.updates(allowed_updates=["message_reaction"])
    to_bob = {"receiver_user_id": bob.id}
    await raw("sendMessage", chat_id=group.id, text="For Bob", reply_markup=KEY, ephemeral_message_parameters=to_bob)
    secret = (await people.messages(group))[-1]
    before = [message.raw for message in await people.messages(group)]

    acts: list[tuple[str, dict[str, Any]]] = [
        ("react", {"emoji": "👍", "message_id": secret.message_id}),
        ("delete", {"message_id": secret.message_id}),
        ("edit", {"message_id": secret.message_id, "text": "x"}),
        ("press", {"message_id": secret.message_id, "data": "go"}),
        ("vote", {"message_id": secret.message_id, "options": [0]}),
        ("pay", {"message_id": secret.message_id}),
        ("write", {"text": "x", "reply_to": secret.message_id, "quote": "Bob"}),
        ("forward", {"from": group.key, "chat": chat.key, "message_ids": [secret.message_id]}),
    ]
    for command, more in acts:
        with pytest.raises(PlaygroundError, match="not found"):
            await people.command(command, **{"chat": group.key, "user": ann.id, **more})
    assert [message.raw for message in await people.messages(group)] == before

    await people.command("react", chat=group.key, user=bob.id, message_id=secret.message_id, emoji="👍")
    assert all("message_reaction" not in each for each in await raw.updates())  # bots do not know it by this id


async def test_a_bot_is_nobody_whom_one_is_for(people: PlaygroundClient, raw: RawBot, bot: Bot, group: Chat) -> None:
    other = await people.bot(OTHER_TOKEN)
    await people.add_member(group, other)
    await people.promote(group, bot)

    for each in (bot, other):
        to_bot = {"receiver_user_id": each.id}
        refusal = await raw.refused("sendMessage", chat_id=group.id, text="x", ephemeral_message_parameters=to_bot)
        assert "only to people" in refusal
