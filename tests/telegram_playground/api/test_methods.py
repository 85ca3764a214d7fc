"""The smaller methods: profile, commands, pins, copies, topics, reactions."""

from typing import Any

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from tests.telegram_playground.raw_bot import RawBot

COMMANDS = [{"command": "go", "description": "Go"}]


async def test_commands_are_kept_by_scope_and_language(raw: RawBot, chat: Chat) -> None:
    scope = {"type": "chat", "chat_id": chat.id}
    await raw("setMyCommands", commands=COMMANDS, scope=scope, language_code="ru")

    assert await raw("getMyCommands", scope=scope, language_code="ru") == COMMANDS
    assert await raw("getMyCommands", scope=scope) == []
    await raw("deleteMyCommands", scope=scope, language_code="ru")
    assert await raw("getMyCommands", scope=scope, language_code="ru") == []


async def test_name_and_descriptions_are_kept_by_language(raw: RawBot) -> None:
    await raw("setMyName", name="Delta")
    await raw("setMyShortDescription", short_description="kurz", language_code="de")

    assert (await raw("getMe"))["first_name"] == "Delta"
    assert await raw("getMyName", language_code="de") == {"name": "Delta"}
    assert await raw("getMyShortDescription", language_code="de") == {"short_description": "kurz"}
    assert await raw("getMyDescription") == {"description": ""}
    assert await raw.refused("setMyName", name="x" * 65) == "Bad Request: bot name is too long"
    for method in ("setMyName", "setMyDescription", "setMyCommands"):
        refused = await raw.refused(method, name="x", commands=COMMANDS, language_code="english")
        assert refused == "Bad Request: invalid language code specified"


async def test_rights_that_are_not_named_are_not_asked_for(raw: RawBot) -> None:
    for channel, missing in ((False, "can_post_messages"), (True, "can_pin_messages")):
        asked = {"can_delete_messages": True, "is_anonymous": True}
        await raw("setMyDefaultAdministratorRights", rights=asked, for_channels=channel)

        rights = await raw("getMyDefaultAdministratorRights", for_channels=channel)
        assert (rights["can_delete_messages"], rights["is_anonymous"]) == (True, not channel)
        assert not rights["can_manage_chat"]
        assert missing not in rights


async def test_only_young_messages_are_deleted_and_a_die_only_when_it_is_old(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat, bot: Bot, bob: User
) -> None:
    async def refusal(place: Chat, message_id: int) -> str | None:
        answer = await raw.call("deleteMessage", chat_id=place.id, message_id=message_id)
        return None if answer.body["ok"] else answer.description

    refused = "Bad Request: message can't be deleted"
    die = await raw("sendDice", chat_id=chat.id)
    old = await raw("sendMessage", chat_id=chat.id, text="old")
    theirs = await people.write(group, bob, "x")
    own = await raw("sendMessage", chat_id=group.id, text="x")

    assert await refusal(chat, die["message_id"]) == refused
    assert await refusal(group, theirs.message_id) == refused
    assert await refusal(group, own["message_id"]) is None
    await people.promote(group, bot)
    assert await refusal(group, theirs.message_id) is None
    await people.command("advance", seconds=86_401)
    assert await refusal(chat, die["message_id"]) is None
    await people.command("advance", seconds=86_401)
    assert await refusal(chat, old["message_id"]) == refused


async def test_a_text_with_an_address_says_what_is_previewed(raw: RawBot, chat: Chat) -> None:
    async def options(**parameters: Any) -> Any:
        return (await raw("sendMessage", chat_id=chat.id, **parameters)).get("link_preview_options")

    assert await options(text="😀 see example.org and x.com") == {"url": "example.org"}
    hidden = {"type": "text_link", "offset": 0, "length": 3, "url": "https://example.org/a"}
    assert await options(text="see it", entities=[hidden]) == {"url": "https://example.org/a"}
    assert await options(text="x.com", link_preview_options={"is_disabled": True}) == {"is_disabled": True}
    assert await options(text="x.com", link_preview_options={"url": "https://y.org", "show_above_text": True}) == {
        "url": "https://y.org",
        "show_above_text": True,
    }
    assert await options(text="nothing") is None


async def test_the_menu_button_is_kept_by_chat(raw: RawBot, chat: Chat) -> None:
    assert await raw("getChatMenuButton") == {"type": "commands"}
    assert await raw("getChatMenuButton", chat_id=chat.id) == {"type": "default"}
    app = {"type": "web_app", "text": "Open", "web_app": {"url": "https://example.org/"}}
    await raw("setChatMenuButton", chat_id=chat.id, menu_button=app)

    assert await raw("getChatMenuButton", chat_id=chat.id) == app
    assert await raw("getChatMenuButton") == {"type": "commands"}
    assert await raw.refused("setChatMenuButton", chat_id=7, menu_button=app) == "Bad Request: user not found"
    assert await raw("logOut") is True


async def test_a_message_is_pinned_and_unpinned(raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="pin me")
    await raw("pinChatMessage", chat_id=chat.id, message_id=sent["message_id"])

    assert (await raw("getChat", chat_id=chat.id))["pinned_message"]["text"] == "pin me"
    await raw("unpinChatMessage", chat_id=chat.id, message_id=sent["message_id"])
    assert "pinned_message" not in await raw("getChat", chat_id=chat.id)
    assert await raw.refused("unpinChatMessage", chat_id=chat.id) == "Bad Request: message to unpin not found"
    in_group = await raw("sendMessage", chat_id=group.id, text="x")
    assert await raw.refused("pinChatMessage", chat_id=group.id, message_id=in_group["message_id"]) == (
        "Bad Request: not enough rights to manage pinned messages in the chat"
    )


async def test_messages_are_copied_and_forwarded(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat, ann: User
) -> None:
    original = await people.write(chat, ann, "hello /go")
    source = {"from_chat_id": chat.id, "message_id": original.message_id}

    copied = await raw("copyMessage", chat_id=group.id, **source)
    forwarded = await raw("forwardMessage", chat_id=group.id, **source)

    assert (await people.message(group, copied["message_id"])).text == "hello /go"
    assert forwarded["forward_origin"]["sender_user"]["id"] == ann.id
    assert await raw.refused("copyMessage", chat_id=group.id, from_chat_id=chat.id, message_id=99) == (
        "Bad Request: message to copy not found"
    )
    place = {"chat_id": group.id, "message_id": forwarded["message_id"]}
    assert await raw.refused("editMessageText", text="mine", **place) == "Bad Request: message can't be edited"


async def test_a_bot_manages_topics_as_an_administrator(
    raw: RawBot, people: PlaygroundClient, ann: User, bot: Bot
) -> None:
    forum = await people.add_group("Forum", members=[ann], bots=[bot], forum=True)
    assert await raw.refused("createForumTopic", chat_id=forum.id, name="News") == (
        "Bad Request: not enough rights to manage topics"
    )
    await people.promote(forum, bot)

    topic = await raw("createForumTopic", chat_id=forum.id, name="News")
    place = {"chat_id": forum.id, "message_thread_id": topic["message_thread_id"]}
    await raw("sendMessage", text="x", **place)
    await raw("editForumTopic", name="Old news", **place)
    await raw("closeForumTopic", **place)
    await people.demote(forum, bot)

    assert await raw.refused("sendMessage", text="x", **place) == "Bad Request: TOPIC_CLOSED"
    await people.promote(forum, bot)
    await raw("deleteForumTopic", **place)
    assert await raw.refused("reopenForumTopic", **place) == "Bad Request: message thread not found"


async def test_a_bot_reacts(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    theirs = await people.write(chat, ann, "x")
    reaction = [{"type": "emoji", "emoji": "👀"}]

    await raw("setMessageReaction", chat_id=chat.id, message_id=theirs.message_id, reaction=reaction)

    assert (await people.message(chat, theirs.message_id)).raw["reactions"] == [{"emoji": "👀", "user": 42}]


@pytest.mark.parametrize(("action", "reason"), [("typing", ""), ("dancing", "wrong parameter action in request")])
async def test_only_known_actions_are_shown(
    raw: RawBot, people: PlaygroundClient, chat: Chat, action: str, reason: str
) -> None:
    answer = await raw.call("sendChatAction", chat_id=chat.id, action=action)

    shown = [entry["text"] for entry in await people.transcript(chat) if entry["kind"] == "action"]
    assert shown == ([] if reason else [action])
    assert answer.status == (400 if reason else 200)


async def test_inline_queries_are_asked_and_answered(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, bot: Bot
) -> None:
    await people.bot(bot.token, supports_inline_queries=True)
    asked = await people.command("inline", chat=chat.key, user=ann.id, bot=bot.id, query="cats")
    result = {"type": "article", "id": "1", "title": "t", "input_message_content": {"message_text": "cat"}}

    told = (await raw.updates())[-1]["inline_query"]

    assert (told["id"], told["query"]) == (asked["inline_query_id"], "cats")
    assert await raw("answerInlineQuery", inline_query_id=told["id"], results=[result]) is True
