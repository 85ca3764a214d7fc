"""In groups the bot answers when it is meant, and each topic is a conversation of its own."""

import asyncio

import pytest

from telegram_playground.client import Bot, PlaygroundClient, User
from telegram_playground.model import Model

pytestmark = [pytest.mark.walk, pytest.mark.usefixtures("app")]


async def test_a_mention_is_answered_with_the_asker_named_and_the_mention_taken_out(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    group = await people.add_group("Club", members=[ann], bots=[bot])

    await people.write(group, ann, "nobody asks the bot")
    asked = await people.write(group, ann, "@Delta_Bot, what is this?")
    answer = await people.wait(group, text="You said", complete=True)

    assert answer.reply_to == asked.message_id
    assert model.prompts() == ["Ann: what is this?"]


async def test_a_mention_alone_asks_about_the_words_it_replies_to(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    group = await people.add_group("Club", members=[ann, bob], bots=[bot])

    theirs = await people.write(group, bob, "Is it Paris?")
    await people.write(group, ann, "@delta_bot", reply_to=theirs.message_id)
    await people.wait(group, text="You said", complete=True)
    await people.write(group, ann, "@delta_bot")
    await people.wait(group, text="Write your question after @delta_bot")

    assert model.prompts() == ["> Bob: Is it Paris?"]


async def test_a_reply_to_the_bot_goes_on_with_the_conversation(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    group = await people.add_group("Club", members=[ann], bots=[bot])
    await people.write(group, ann, "@delta_bot one")
    first = await people.wait(group, text="You said: Ann: one", complete=True)

    await people.write(group, ann, "and two?", reply_to=first.message_id)
    await people.wait(group, text="and two", complete=True)

    assert [message["content"] for message in model.requests[-1].messages[1:]] == [
        "Ann: one",
        "You said: Ann: one",
        "Ann: and two?",
    ]


async def test_topics_are_conversations_of_their_own_with_providers_of_their_own(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    forum = await people.add_group("Forum", members=[ann], bots=[bot], forum=True)
    news, music = await people.add_topic(forum, "News"), await people.add_topic(forum, "Music")

    await people.write(forum, ann, "/provider@delta_bot demo", topic=music)
    await people.wait(forum, text="demo answers")
    await people.write(forum, ann, "@delta_bot in the news", topic=news)
    answer = await people.wait(forum, text="in the news", complete=True)
    await people.write(forum, ann, "@delta_bot hello", topic=music)
    other = await people.wait(forum, text=".", after=answer.message_id + 1, complete=True)

    assert answer.thread_id == news.thread_id
    assert other.thread_id == music.thread_id
    assert model.prompts() == ["Ann: in the news"]


async def test_a_command_for_another_bot_is_not_ours(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    group = await people.add_group("Club", members=[ann], bots=[bot])

    await people.write(group, ann, "/provider@other_bot demo")
    await people.write(group, ann, "@delta_bot who answers?")
    await people.wait(group, text="You said: Ann: who answers", complete=True)

    said = [message.text for message in await people.messages(group) if message.sender == bot.id]
    assert said[1:] == ["You said: Ann: who answers?"]


async def test_no_placeholder_is_shown_in_a_group(people: PlaygroundClient, bot: Bot, ann: User, model: Model) -> None:
    group = await people.add_group("Club", members=[ann], bots=[bot])
    model.says("slow", 3.5, "at last")

    asked = await people.write(group, ann, "@delta_bot slow")
    answer = await people.wait(group, text="at last", complete=True)

    sent = [entry for entry in await people.transcript(group) if entry["kind"] == "send" and entry["by"] == bot.id]
    assert [entry["text"] for entry in sent if entry["message_id"] == answer.message_id] == ["at last ▌"]
    assert not [entry for entry in sent if entry["text"] == "…"]
    assert answer.reply_to == asked.message_id


async def test_a_group_that_becomes_a_supergroup_keeps_its_conversation_and_the_answer_under_way(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    group = await people.add_group("Club", members=[ann], bots=[bot], kind="group")
    model.says("story", "Once upon a time", go_on, " there was an end.")
    await people.write(group, ann, "@delta_bot story")
    await people.wait(group, text="Once upon")

    supergroup = await people.migrate(group)
    go_on.set()
    await people.wait(supergroup, text="there was an end", complete=True)
    await people.write(supergroup, ann, "@delta_bot and then?")
    await people.wait(supergroup, text="and then", complete=True)

    assert [message["content"] for message in model.requests[-1].messages[1:]] == [
        "Ann: story",
        "Once upon a time there was an end.",
        "Ann: and then?",
    ]


async def test_the_bot_says_how_to_use_it_when_it_is_added(people: PlaygroundClient, bot: Bot, ann: User) -> None:
    group = await people.add_group("Club", members=[ann], bots=[])

    await people.add_member(group, bot)
    greeting = await people.wait(group, text="Mention me")

    assert "@delta_bot" in greeting.text


async def test_what_was_said_in_the_group_is_known_where_an_admin_has_it_read_along(
    people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    group = await people.add_group("Club", members=[ann, bob], bots=[bot])

    await people.write(group, bob, "before it was on")
    await people.write(group, bob, "/settings@delta_bot along 20")
    await people.wait(group, text="Only admins of this group")
    await people.write(group, ann, "/settings@delta_bot along 20")
    await people.wait(group, text="I keep the last 20 messages")
    said = await people.write(group, bob, "Pizza on Friday?")
    await people.write(group, ann, "@delta_bot what did I miss?")
    await people.wait(group, text="what did I miss?", complete=True)

    *_, heard, _, asked = [str(message["content"]) for message in model.requests[-1].messages]
    link = f"https://t.me/c/{-1_000_000_000_000 - group.id}/{said.message_id}"
    assert f"> Bob (0 min ago, {link}): Pizza on Friday?" in heard
    assert "before it was on" not in heard
    assert asked == "Ann: what did I miss?"


async def test_a_topic_of_a_private_chat_is_called_as_its_conversation(
    people: PlaygroundClient, bot: Bot, ann: User
) -> None:
    await people.command("bot", id=bot.id, has_topics_enabled=True)
    chat = await people.private(ann, bot)

    write = {"chat": chat.key, "user": ann.id, "new_topic": True}
    await people.command("write", text="How do dogs\nsee?", **write)
    call = await people.wait_call("editForumTopic")

    assert call["parameters"]["name"] == "How do dogs"


async def test_an_ephemeral_command_is_answered_in_kind_its_menu_too(
    people: PlaygroundClient, bot: Bot, ann: User
) -> None:
    group = await people.add_group("Club", members=[ann], bots=[bot])
    since = 0
    while not any(command.get("is_ephemeral") for command in await people.commands(group, ann)):
        since = (await people.wait_call("setMyCommands", since=since))["id"]

    asked = await people.write(group, ann, "/settings@delta_bot", unseen=True)
    menu = await people.wait(group, after=asked.message_id, text="Settings")
    label = next(button.text for button in menu.buttons if "Language" in button.text)
    await people.press(group, ann, menu.message_id, label)
    edited = await people.wait_call("editEphemeralMessageText")

    assert menu.raw["receiver_user"]["id"] == ann.id
    assert edited["ok"]
    await people.write(group, ann, "/help", unseen=True)
    told = await people.wait(group, after=menu.message_id + 1, text="/settings")
    assert told.raw["receiver_user"]["id"] == ann.id
