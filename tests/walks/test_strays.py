"""A ready answer does not wait for the search of a lost message; what the search missed is taken away afterwards."""

import asyncio

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.stopwatch import Stopwatch
from tests.walks.conftest import TOKEN, Hasty
from tests.walks.hasty import FACTOR

pytestmark = pytest.mark.walk


async def test_an_answer_whose_beginning_is_lost_among_unseen_messages_is_shown_soon_and_the_lost_one_goes(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    await people.bot(TOKEN, can_read_all_group_messages=False)
    group = await people.add_group("Club", members=[ann], bots=[bot])
    begin = asyncio.Event()
    model.says("what", begin, "The beginning", 0.05, " and the end.")
    async with hasty():
        await people.write(group, ann, "/help@delta_bot")
        told = await people.wait(group, text="/settings")
        await people.write(group, ann, "what is this?", reply_to=told.message_id)
        for number in range(6):
            await people.write(group, ann, f"not for the bot, {number}")
        await people.fault("sendMessage", "lost")
        begin.set()
        lost = await people.wait(group, text="The beginning")
        watch = Stopwatch()
        whole = await people.wait(group, text="and the end\\.$", complete=True)
        took_s = watch.seconds * FACTOR
        probes = len(await people.calls(method="editMessageReplyMarkup"))
        await people.wait_call("deleteMessage")

    assert whole.message_id != lost.message_id
    assert probes <= 4
    assert took_s < 30
    shown = [message.text for message in await people.messages(group) if "The beginning" in message.text]
    assert shown == ["The beginning and the end."]


async def test_a_beginning_that_lands_late_goes_also_where_other_chats_have_taken_many_ids_meanwhile(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    other = await people.private(bob, bot)
    model.says("text", "The beginning", 0.2, " and the end.")
    async with hasty():
        await people.fault("sendMessage", "late", chat=chat.id, seconds=3_600)
        await people.write(chat, ann, "text")
        for number in range(20):
            await people.write(other, bob, f"/nothing{number}")
        for number in range(20):
            await people.wait(other, text=f"/nothing{number}\\b")
        await people.wait(chat, text="and the end\\.$", complete=True)
        await people.command("release")
        await people.wait(chat, text="▌$")

    async with hasty():
        await people.wait_call("deleteMessage")

    shown = [message.text for message in await people.messages(chat) if "The beginning" in message.text]
    assert shown == ["The beginning and the end."]
