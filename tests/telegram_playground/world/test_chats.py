"""Private chats, groups, forums, and what is delivered and allowed in them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.server import Playground
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.raw_bot import OTHER_TOKEN, RawBot

BUTTON = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def _heard(raw: RawBot) -> list[str]:
    return [update["message"].get("text", "-") for update in await raw.updates() if "message" in update]


async def test_with_privacy_on_a_bot_hears_replies_and_commands_but_no_mention(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User
) -> None:
    await raw.updates(-1)
    mine = await raw("sendMessage", chat_id=group.id, text="I am here")

    await people.write(group, ann, "hello all")
    await people.write(group, ann, "@test_bot hello")
    await people.write(group, ann, "/go@TEST_bot")
    await people.write(group, ann, "/go@other_bot")
    await people.write(group, ann, "a reply", reply_to=mine["message_id"])

    assert await _heard(raw) == ["-", "/go@TEST_bot", "a reply"]


async def test_a_bare_command_reaches_the_bot_that_wrote_last(
    raw: RawBot, people: PlaygroundClient, playground: Playground, group: Chat, ann: User
) -> None:
    other_bot = await people.bot(OTHER_TOKEN)
    await people.add_member(group, other_bot)
    other = RawBot(raw.session, playground.url, OTHER_TOKEN)
    await other("sendMessage", chat_id=group.id, text="last")
    await people.write(group, ann, "/go")

    assert "/go" not in await _heard(raw)
    assert "/go" in await _heard(other)


@pytest.mark.parametrize("how", ["privacy off", "administrator"])
async def test_with_privacy_off_or_as_administrator_a_bot_hears_all(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bot: Bot, how: str
) -> None:
    if how == "privacy off":
        await people.bot(bot.token, can_read_all_group_messages=True)
    else:
        await people.promote(group, bot)
    await people.write(group, ann, "@test_bot hello")
    await people.write(group, ann, "/go@other_bot")

    assert (await _heard(raw))[-2:] == ["@test_bot hello", "/go@other_bot"]
    assert (await raw("getMe"))["can_read_all_group_messages"] is (how == "privacy off")


async def test_bots_do_not_hear_bots(
    raw: RawBot, people: PlaygroundClient, playground: Playground, group: Chat
) -> None:
    other_bot = await people.bot(OTHER_TOKEN)
    await people.add_member(group, other_bot)
    await people.promote(group, other_bot)
    other = RawBot(raw.session, playground.url, OTHER_TOKEN)
    await other.updates(-1)

    await raw("sendMessage", chat_id=group.id, text="x")

    assert await _heard(other) == []


@pytest.fixture
async def forum(people: PlaygroundClient, bot: Bot, ann: User) -> Chat:
    return await people.add_group("Forum", members=[ann], bots=[bot], forum=True)


async def test_a_message_goes_to_its_topic(raw: RawBot, people: PlaygroundClient, forum: Chat, ann: User) -> None:
    topic = await people.add_topic(forum, "News")

    sent = await raw("sendMessage", chat_id=forum.id, text="x", message_thread_id=topic.thread_id)
    general = await raw("sendMessage", chat_id=forum.id, text="y")
    command = await people.write(forum, ann, "/go@test_bot", topic=topic)

    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic.thread_id, True)
    assert "message_thread_id" not in general
    assert command.thread_id == topic.thread_id
    assert (await raw.updates())[-1]["message"]["message_thread_id"] == topic.thread_id


@pytest.mark.parametrize("thread", [1, 777])
async def test_the_general_topic_and_unknown_ones_are_not_found(raw: RawBot, forum: Chat, thread: int) -> None:
    answer = await raw.refused("sendMessage", chat_id=forum.id, text="x", message_thread_id=thread)

    assert answer == "Bad Request: message thread not found"


async def test_a_topic_is_ignored_where_there_are_none(raw: RawBot, group: Chat) -> None:
    assert "message_thread_id" not in await raw("sendMessage", chat_id=group.id, text="x", message_thread_id=9)


async def test_a_missing_reply_target_is_refused_unless_allowed(
    raw: RawBot, people: PlaygroundClient, chat: Chat
) -> None:
    target = (await people.messages(chat))[0].message_id
    message = {"chat_id": chat.id, "text": "x"}

    replied = await raw("sendMessage", reply_parameters={"message_id": target, "quote": "start"}, **message)
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    without = await raw("sendMessage", reply_parameters=lenient, **message)
    refused = await raw.refused("sendMessage", reply_parameters={"message_id": 999}, **message)
    bad_quote = {"message_id": target, "quote": "elsewhere"}

    assert replied["reply_to_message"]["message_id"] == target
    assert replied["quote"] == {"text": "start", "position": 1, "is_manual": True}
    assert "reply_to_message" not in without
    assert refused == "Bad Request: message to be replied not found"
    assert await raw.refused("sendMessage", reply_parameters=bad_quote, **message) == "Bad Request: QUOTE_TEXT_INVALID"


async def test_a_group_becomes_a_supergroup(raw: RawBot, people: PlaygroundClient, bot: Bot, ann: User) -> None:
    old = await people.add_group("Old", members=[ann], bots=[bot], kind="group")
    await people.write(old, ann, "/go")

    new = await people.migrate(old)
    answer = await raw.call("sendMessage", chat_id=old.id, text="x")
    fresh = await raw("sendMessage", chat_id=new.id, text="x")

    assert answer.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer.body["parameters"] == {"migrate_to_chat_id": new.id}
    services = [update["message"] for update in (await raw.updates())[-2:]]
    assert services[0]["migrate_to_chat_id"] == new.id
    assert services[1]["migrate_from_chat_id"] == old.id
    assert (fresh["message_id"], fresh["chat"]["type"]) == (2, "supergroup")


async def test_private_chats_and_basic_groups_share_one_counter_of_messages(
    raw: RawBot, people: PlaygroundClient, bot: Bot, chat: Chat, group: Chat, ann: User, bob: User
) -> None:
    basic = await people.add_group("Basic", members=[ann], bots=[bot], kind="group")
    with_bob = await people.private(bob, bot)
    await people.write(with_bob, bob, "/start")

    ids = [
        (await raw("sendMessage", chat_id=place.id, text="x"))["message_id"] for place in (chat, with_bob, basic, group)
    ]

    assert ids[1] == ids[0] + 1
    assert ids[2] == ids[0] + 2
    assert ids[3] == 2


async def test_a_blocked_bot_may_not_write_until_it_is_unblocked(
    raw: RawBot, people: PlaygroundClient, chat: Chat
) -> None:
    await people.block(chat)
    refused = await raw.call("sendMessage", chat_id=chat.id, text="x")
    await people.unblock(chat)
    sent = await raw.call("sendMessage", chat_id=chat.id, text="x")

    assert (refused.status, refused.description) == (403, "Forbidden: bot was blocked by the user")
    assert sent.status == 200
    changes = [update["my_chat_member"] for update in await raw.updates() if "my_chat_member" in update]
    assert [change["new_chat_member"]["status"] for change in changes] == ["kicked", "member"]


async def test_a_bot_that_was_removed_may_not_write(
    raw: RawBot, people: PlaygroundClient, group: Chat, bot: Bot
) -> None:
    await people.remove_member(group, bot)
    kicked = await raw.refused("sendMessage", chat_id=group.id, text="x")
    await people.add_member(group, bot)
    await raw("leaveChat", chat_id=group.id)

    assert kicked == "Forbidden: bot was kicked from the supergroup chat"
    assert await raw.refused("sendMessage", chat_id=group.id, text="x") == (
        "Forbidden: bot is not a member of the supergroup chat"
    )
    statuses = [
        update["my_chat_member"]["new_chat_member"]["status"]
        for update in await raw.updates()
        if "my_chat_member" in update
    ]
    assert statuses == ["member", "kicked", "member", "left"]


async def test_a_bot_cannot_write_first(
    raw: RawBot, people: PlaygroundClient, group: Chat, bot: Bot, bob: User
) -> None:
    stranger = await people.add_user("Stranger")

    assert await raw.refused("sendMessage", chat_id=bob.id, text="x") == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    assert await raw.refused("sendMessage", chat_id=stranger.id, text="x") == "Bad Request: chat not found"
    assert await raw.refused("sendMessage", chat_id="@nobody", text="x") == "Bad Request: chat not found"


async def test_members_and_administrators_are_told(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bob: User
) -> None:
    await people.promote(group, bob)

    administrators = await raw("getChatAdministrators", chat_id=group.id)
    member = await raw("getChatMember", chat_id=group.id, user_id=ann.id)
    info = await raw("getChat", chat_id=group.id)

    assert [(who["user"]["id"], who["status"]) for who in administrators] == [
        (ann.id, "creator"),
        (bob.id, "administrator"),
    ]
    assert member["status"] == "creator"
    assert await raw("getChatMemberCount", chat_id=group.id) == 3
    assert (info["title"], info["type"]) == ("Club", "supergroup")


async def test_the_menu_of_commands_follows_scope_language_and_rank(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat, ann: User, bob: User
) -> None:
    async def set_menu(name: str, **how: Any) -> None:
        await raw("setMyCommands", commands=[{"command": name, "description": "d"}], **how)

    await set_menu("default")
    await set_menu("english", language_code="en")
    await set_menu("admins", scope={"type": "all_chat_administrators"})

    async def seen(place: Chat, user: User) -> str:
        return str((await people.commands(place, user))[0]["command"])

    assert await seen(chat, ann) == "english"
    assert await seen(group, ann) == "admins"
    assert await seen(group, bob) == "default"
    assert await raw.refused("setMyCommands", commands=[{"command": "Big", "description": "d"}]) == (
        "Bad Request: BOT_COMMAND_INVALID"
    )


async def test_a_button_is_pressed_and_answered(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="x", reply_markup=BUTTON)
    await raw.updates(-1)
    pressing = asyncio.ensure_future(people.press(chat, ann, sent["message_id"], "Go"))

    query = (await raw.updates((await raw.updates())[-1]["update_id"] + 1, timeout=30))[0]["callback_query"]
    await raw("answerCallbackQuery", callback_query_id=query["id"], text="done", show_alert=True)

    assert query["data"] == "go"
    assert query["message"]["reply_markup"] == BUTTON
    assert await pressing == {"text": "done", "show_alert": True}
    assert await raw.refused("answerCallbackQuery", callback_query_id=query["id"]) == TOO_OLD
    with pytest.raises(PlaygroundError, match="no such button"):
        await people.press(chat, ann, sent["message_id"], "Stay")


class TestWithTimeStandingStill:
    """Questions that must be answered in time."""

    @pytest.fixture
    def clock(self) -> HandClock:
        return HandClock()

    @pytest.fixture
    async def playground(self, clock: HandClock) -> AsyncIterator[Playground]:
        async with Playground(clock=clock, limits=Limits.off()) as server:
            yield server

    @pytest.mark.parametrize(("seconds", "in_time"), [(14.9, True), (15.1, False)])
    async def test_a_button_must_be_answered_within_fifteen_seconds(
        self,
        raw: RawBot,
        people: PlaygroundClient,
        chat: Chat,
        ann: User,
        clock: HandClock,
        seconds: float,
        in_time: bool,
    ) -> None:
        sent = await raw("sendMessage", chat_id=chat.id, text="x", reply_markup=BUTTON)
        query = await people.command("press", chat=chat.key, user=ann.id, message_id=sent["message_id"], data="go")

        await clock.advance(seconds)
        answer = await raw.call("answerCallbackQuery", callback_query_id=query["id"])

        assert answer.status == (200 if in_time else 400)
        assert in_time or answer.description == TOO_OLD

    async def test_a_guest_message_is_answered_once_and_in_time(
        self, raw: RawBot, people: PlaygroundClient, bot: Bot, ann: User, clock: HandClock
    ) -> None:
        await people.bot(bot.token, supports_guest_queries=True)
        elsewhere = await people.add_group("Elsewhere", members=[ann])
        result = {"type": "article", "id": "1", "title": "t", "input_message_content": {"message_text": "hi"}}

        async def summoned() -> str:
            query = await people.command("guest", chat=elsewhere.key, user=ann.id, bot=bot.id, text="@test_bot hey")
            return str(query["guest_query_id"])

        first, late = await summoned(), await summoned()
        told = (await raw.updates())[0]["guest_message"]
        sent = await raw("answerGuestQuery", guest_query_id=first, result=result)
        again = await raw.refused("answerGuestQuery", guest_query_id=first, result=result)
        await clock.advance(30.1)

        assert (told["guest_query_id"], told["text"]) == (first, "@test_bot hey")
        assert sent["inline_message_id"]
        assert again == TOO_OLD
        assert await raw.refused("answerGuestQuery", guest_query_id=late, result=result) == TOO_OLD
        assert await raw.refused("sendMessage", chat_id=elsewhere.id, text="x") == (
            "Forbidden: bot is not a member of the supergroup chat"
        )
        untitled = {**result, "title": ""}
        assert "title" in await raw.refused("answerGuestQuery", guest_query_id=late, result=untitled)


async def test_a_second_answer_is_accepted_where_told_so(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.set(callback_once=False)
    sent = await raw("sendMessage", chat_id=chat.id, text="x", reply_markup=BUTTON)
    query = await people.command("press", chat=chat.key, user=ann.id, message_id=sent["message_id"], label="Go")

    assert await raw("answerCallbackQuery", callback_query_id=query["id"]) is True
    assert await raw("answerCallbackQuery", callback_query_id=query["id"]) is True


async def test_a_long_paste_arrives_in_several_messages(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    words = "word " * 2000
    await raw.updates(-1)

    await people.write(chat, ann, words)

    pieces = [update["message"]["text"] for update in await raw.updates()][1:]
    assert len(pieces) == 3
    assert all(len(piece) <= 4096 for piece in pieces)
    assert " ".join(pieces).split() == words.split()


async def test_an_edited_message_is_told(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    message = await people.write(chat, ann, "befor")
    await people.edit(chat, ann, message.message_id, "before")

    update = (await raw.updates())[-1]["edited_message"]

    assert (update["text"], update["message_id"]) == ("before", message.message_id)
    other = await raw("sendMessage", chat_id=chat.id, text="x")
    with pytest.raises(PlaygroundError, match="can't be edited"):
        await people.edit(chat, ann, other["message_id"], "mine now")
