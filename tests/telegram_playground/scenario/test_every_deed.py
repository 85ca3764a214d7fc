"""Nothing that a person does, or makes for a bot, is lost in the test that is saved of it."""

import asyncio
import json
import re
from typing import Any

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from telegram_playground.world.deeds import DEEDS, TROUBLE
from tests.telegram_playground.raw_bot import RawBot

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (40).to_bytes(4, "big") + (20).to_bytes(4, "big") + b"\x08\x02\0\0\0"
PICTURE = ("a.png", "image/png", PNG)
INVOICE: dict[str, Any] = {"title": "Tea", "description": "A cup", "payload": "p", "currency": "XTR"}
INVOICE["prices"] = [{"label": "x", "amount": 1}]
# How each deed is written in a test: made at its beginning, by a verb of its own, or as a command.
WRITTEN = {
    **{name: rf"telegram\.{name}\(" for name in ("bot", "add_user", "private", "add_group", "write", "send_file")},
    **{name: rf"telegram\.{name}\(" for name in ("migrate", "choose")},
    "press": r"telegram\.press\(|'press'",
    "set": "# not saved: the server was set to latency_s=0",
}


class Everything:
    """One server on which everything is done that can be done."""

    def __init__(self, raw: RawBot, people: PlaygroundClient, playground: Playground) -> None:
        self.raw = raw
        self.people = people
        self.bot = playground.world.bots[42]

    async def asked(self, kind: str) -> Any:
        """Return what the bot is told of a kind last, as soon as it is."""
        while True:
            told = [json.loads(update.body) for update in self.bot.updates.waiting()]
            if found := [update[kind] for update in told if kind in update]:
                return found[-1]
            await self.bot.updates.arrival()

    async def in_private(self, chat: Chat, ann: User) -> None:
        do, ends = self.people.command, {"chat": chat, "user": ann}
        await do("set", latency_s=0)
        await do("fault", method="sendPoll", kind="delay", seconds=0, chat=chat.id)
        await do("release")
        await do("clear_faults")
        await do("edit_user", user=ann, last_name="Berg")
        await self.people.upload("set_photo", [PICTURE], user=ann.id)
        message = await do("write", **ends, text="one")
        await do("edit", **ends, message_id=message["message_id"], text="two")
        await do("edit_many", **ends, edits=[{"message_id": message["message_id"], "text": "three"}])
        await do("react", **ends, message_id=message["message_id"], emoji="👍")
        await self.people.upload("send_file", [PICTURE], **ends)
        await self.people.upload("send_album", [PICTURE, PICTURE], **ends)
        await do("share", **ends, dice="🎲")
        await do("web_app_data", **ends, button="Open", data="{}")
        await do("open_web_app", **ends, bot=self.bot.id)
        await do("delete", **ends, message_id=message["message_id"])
        poll = await self.raw("sendPoll", chat_id=chat.id, question="Q?", options=["a", "b"], is_anonymous=False)
        await do("vote", **ends, message_id=poll["message_id"], options=[0])
        keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
        menu = await self.raw("sendMessage", chat_id=chat.id, text="Menu", reply_markup=keys)
        await do("press", **ends, message_id=menu["message_id"], label="Yes")
        await self.raw("sendMessageDraft", chat_id=chat.id, draft_id=1, text="Hm", can_stop=True)
        await do("stop_draft", **ends)
        await self.in_queries(chat, ends)
        await do("advance", seconds=1)
        await do("block", chat=chat)
        await do("unblock", chat=chat)

    async def in_queries(self, chat: Chat, ends: dict[str, Any]) -> None:
        do, bot = self.people.command, self.bot.id
        link = await self.raw("createInvoiceLink", **INVOICE)
        paying = asyncio.create_task(do("pay", user=ends["user"], link=link))
        query = await self.asked("pre_checkout_query")
        await self.raw("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
        await paying
        await do("inline", **ends, bot=bot, query="nothing")
        asking = asyncio.create_task(do("inline", **ends, bot=bot, query="cats", wait=60))
        while (query := await self.asked("inline_query"))["query"] != "cats":
            await self.bot.updates.arrival()
        content = {"message_text": "Cat"}
        results = [{"type": "article", "id": "1", "title": "T", "input_message_content": content}]
        await self.raw("answerInlineQuery", inline_query_id=query["id"], results=results)
        await do("choose", **ends, inline_query_id=(await asking)["inline_query_id"], result_id="1")

    async def in_groups(self, ann: User, bob: User, bot: Bot) -> list[Chat]:
        do, people = self.people.command, self.people
        forum = await people.add_group("Forum", members=[ann, bob], bots=[bot], forum=True)
        await do("promote", chat=forum, user=self.bot.id)
        await do("demote", chat=forum, user=self.bot.id)
        await do("promote", chat=forum, user=self.bot.id)
        topic = await people.add_topic(forum, "News")
        await people.write(forum, ann, "in News", topic=topic)
        await do("close_topic", chat=forum, message_thread_id=topic)
        await do("reopen_topic", chat=forum, message_thread_id=topic)
        await self.raw("deleteForumTopic", chat_id=forum.id, message_thread_id=topic.thread_id)
        for asks in (False, True):
            await self.raw("createChatInviteLink", chat_id=forum.id, creates_join_request=asks)
            comer = await people.add_user(f"Comer {asks}")
            await do("join", user=comer, link=await people.link(forum, int(asks)))
            await do("add_member", chat=forum, user=await people.add_user(f"Guest {asks}"))
        await do("remove_member", chat=forum, user=bob)
        group = await people.add_group("Small", members=[ann, bob], kind="group")
        told = await people.write(group, bob, "told")
        await do("forward", chat=forum, user=ann, message_ids=[told], **{"from": group})
        await do("guest", chat=group, user=bob, bot=self.bot.id, text="@test_bot who?")
        await do("migrate", chat=group)
        channel = await people.add_group("Channel", members=[ann], kind="channel", bots=[])
        await do("link_group", chat=channel, group=forum)
        return [forum, group]


async def test_every_deed_is_saved_or_said_to_be_lost(
    raw: RawBot, people: PlaygroundClient, playground: Playground, bot: Bot, ann: User, bob: User
) -> None:
    everything = Everything(raw, people, playground)
    switches = {"supports_inline_queries": True, "supports_guest_queries": True, "username": "test_bot"}
    await people.command("bot", id=bot.id, **switches)
    chat = await people.private(ann, bot)
    await everything.in_private(chat, ann)
    chats = [chat, *await everything.in_groups(ann, bob, bot)]

    saved = [(await people.command("save_as_test", chat=each))["text"] for each in chats]

    done = {deed.command: deed for deed in playground.stage.deeds.all() if not deed.refused}
    assert done.keys() == DEEDS | TROUBLE
    for text in saved:
        compile(text, "test_saved.py", "exec")
    lost = [name for name in done if not re.search(WRITTEN.get(name, f"'{name}'"), "\n".join(saved))]
    assert lost == []
    forum = saved[1]
    assert "topic=telegram.topic(chat, 'News').thread_id" in forum
    assert "telegram.command('join', user=comer_false, link=telegram.link(chat))" in forum
    assert "telegram.command('join', user=comer_true, link=telegram.link(chat, 1))" in forum
