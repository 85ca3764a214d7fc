"""Closed by default: the owner comes in by the link, others where the owner allows them."""

import re

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.conftest import Hasty, Start

pytestmark = pytest.mark.walk


async def test_the_link_makes_an_owner_who_lets_others_in_and_out(
    start: Start,
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bob = await people.add_user("Bob")
    bobs = await people.private(bob, bot)
    async with start(access="pairing"):
        await people.wait_call("setMyCommands")
        link = re.search(r"https://t\.me/delta_bot\?start=(\S+)", caplog.text)
        assert link

        await people.write(bobs, bob, "let me in")
        refusal = await people.wait(bobs, text=str(bob.id))
        await people.write(bobs, bob, "please")
        await people.write(chat, ann, f"/start {link[1]}")
        await people.wait(chat, text="yours now")
        await people.write(bobs, bob, f"/start {link[1]}")
        await people.write(chat, ann, f"/allow {bob.id}")
        await people.wait(chat, text=rf"Bob \({bob.id}\) has access now")
        await people.write(bobs, bob, "thank you")
        await people.wait(bobs, text="You said: thank you", complete=True)
        await people.write(chat, ann, f"/deny {bob.id}")
        await people.wait(chat, text="has no access")
        await people.write(bobs, bob, "are you there?")
        await people.write(chat, ann, "am I still in?")
        await people.wait(chat, text="You said: am I", complete=True)

    told = [message.text for message in await people.messages(bobs) if message.sender == bot.id]
    assert [text for text in told if "private bot" in text] == [refusal.text]
    assert model.prompts() == ["thank you", "am I still in?"]


async def test_a_group_is_let_in_by_its_request_and_told_how_to_use_the_bot(
    start: Start,
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "bot")
    bob = await people.add_user("Bob")
    group = await people.add_group("Club", members=[bob], bots=[])
    async with start(access="pairing"):
        await people.wait_call("setMyCommands")
        link = re.search(r"https://t\.me/delta_bot\?start=(\S+)", caplog.text)
        assert link
        await people.write(chat, ann, f"/start {link[1]}")
        await people.wait(chat, text="yours now")

        await people.add_member(group, bot)
        request = await people.wait(chat, text="Allow it for this group")
        await people.press(chat, ann, request.message_id, "Allow")
        await people.wait(group, text="This group has access now. Mention me")
        await people.write(group, bob, "@delta_bot thanks")
        await people.wait(group, text="You said: Bob: thanks", complete=True)

    told = [record.getMessage() for record in caplog.records]
    assert [line.partition(" by=")[0] for line in told if line.startswith("access")] == [
        f"access paired owner={ann.id}",
        f"access refused chat={group.id} user={bob.id}",
        f"access decided id={group.id} rule=allow was=told",
    ]


async def test_a_stranger_who_was_told_is_not_told_again_after_a_restart(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    bobs = await people.private(bob, bot)
    async with start(access="allowlist", allowed_users=str(ann.id)):
        await people.write(bobs, bob, "hello")
        await people.wait(bobs, text="private bot")

    async with start(access="allowlist", allowed_users=str(ann.id)):
        await people.write(bobs, bob, "hello again")
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)

    assert len([message for message in await people.messages(bobs) if message.sender == bot.id]) == 1
    assert model.prompts() == ["hello"]


@pytest.mark.proof
async def test_a_crowd_of_strangers_is_shown_whole_and_each_is_told_once(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User
) -> None:
    crowd = [await people.add_user(f"Stranger {number}") for number in range(40)]
    for stranger in crowd:
        await people.write(await people.private(stranger, bot), stranger, "let me in")
    await people.write(chat, ann, "hello")

    async with start(access="pairing", admins=str(ann.id)):
        await people.wait(chat, text="You said: hello", complete=True)
        number = await people.wait(chat, text="37 more requests for access")
        late = await people.add_user("Late")
        await people.write(await people.private(late, bot), late, "me too")
        await people.wait(chat, text="38 more requests for access")
        await people.press(chat, ann, number.message_id, "Show them")
        await people.wait(chat, text="41 requests for access")

    sends = [call["parameters"] for call in await people.calls(method="sendMessage")]
    told = [str(sent["chat_id"]) for sent in sends if str(sent["chat_id"]) in {str(stranger.id) for stranger in crowd}]
    assert sorted(told) == sorted(str(stranger.id) for stranger in crowd)
    requests = [message.text for message in await people.messages(chat) if "would like to talk" in message.text]
    assert len(requests) == 3


async def test_an_owner_who_is_listed_hears_at_the_first_message_of_those_who_came_before(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    owner, bob = await people.add_user("Olga"), await people.add_user("Bob")
    mine, bobs = await people.private(owner, bot), await people.private(bob, bot)
    async with hasty(access="pairing", admins=str(owner.id)):
        await people.write(bobs, bob, "let me in")
        await people.wait_call("sendMessage", since=(await people.wait_call("sendMessage"))["id"])
        await people.write(mine, owner, "hello")

        request = await people.wait(mine, text="Bob would like to talk to me")
        await people.press(mine, owner, request.message_id, "Allow")
        await people.wait(bobs, text="You have access now")
        await people.write(mine, owner, "hello again")
        await people.wait(mine, text="You said: hello again", complete=True)

    about = [message.text for message in await people.messages(mine) if str(bob.id) in message.text]
    assert about == [f"Bob ({bob.id}) has access now."]
