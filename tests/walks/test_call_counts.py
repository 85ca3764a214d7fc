"""How many calls to Telegram an action costs, held to the table of docs/freshness.md.

Not counted: polling, what is said at the start, typing, and keyboards that are taken away under older answers.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.texts.en import EN
from telegram_playground.client import Bot, Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model
from tests.database import Database
from tests.walks.conftest import TOKEN, Hasty, all_shown, all_taken
from tests.walks.test_elsewhere import ask as ask_as_guest
from tests.walks.test_elsewhere import choose

pytestmark = [pytest.mark.walk, pytest.mark.proof]

BESIDE = ("get", "setMy", "deleteWebhook", "sendChatAction", "editMessageReplyMarkup")
SEND, EDIT, TOAST, DELETE, FILE = (
    *("sendMessage", "editMessageText", "answerCallbackQuery"),
    *("deleteMessage", "sendDocument"),
)
TABLE = dict(
    line.strip("| ").rsplit(" | ", 1)
    for line in (Path(__file__).parents[2] / "docs" / "freshness.md")
    .read_text(encoding="utf-8")
    .partition("## Calls per action")[2]
    .partition("\n## ")[0]
    .splitlines()
    if line.startswith("| ") and "`" in line
)


class Counting:
    """Counts the calls of a bot from one action to the next."""

    def __init__(self, people: PlaygroundClient) -> None:
        self._people = people
        self._since = 0
        self.titles: set[str] = set()

    async def made(self) -> Counter[str]:
        """Return the calls since the last look."""
        await all_taken(self._people)
        calls = await self._people.calls(since=self._since)
        self._since = max([self._since, *(call["id"] for call in calls)])
        return Counter(call["method"] for call in calls if not call["method"].startswith(BESIDE))

    async def waited(self, method: str) -> None:
        """Wait for a call of the present action."""
        await self._people.wait_call(method, since=self._since)

    @asynccontextmanager
    async def of(self, title: str, *methods: str, answers: bool = False) -> AsyncIterator[None]:
        """Hold what is done meanwhile to these calls; `answers`: an answer's own edits are made beside them."""
        await self.made()
        yield
        made = await self.made()
        if answers:
            made.pop(EDIT, None)
        assert made == Counter(methods), title
        said = " + ".join(f"{count} `{method}`" for method, count in Counter(methods).items()) or "0 `calls`"
        assert TABLE[title] == said + (" + its edits" if answers else ""), title
        self.titles.add(title)


@pytest.fixture
def counting(people: PlaygroundClient) -> Counting:
    return Counting(people)


async def test_in_a_private_chat(
    hasty: Hasty,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
    counting: Counting,
) -> None:
    async def say(text: str, answer: str = ".", **how: Any) -> Message:
        written = await people.write(chat, ann, text, **how)
        return await people.wait(chat, text=answer, after=written.message_id, complete=True)

    async def press(message: Message, label: str, text: str) -> Message:
        await all_shown(database)
        await people.press(chat, ann, message.message_id, label)
        return await people.wait(chat, text=text, complete=True)

    async with hasty():
        await say("hello", "You said: hello$")
        for command in ("/new", "/id", "/usage", "/help", "/title Tea", "/find hello", "/system Be brief.", "/model"):
            async with counting.of("a command", SEND):
                await say(command)
        async with counting.of("a menu", SEND):
            menu = await say("/provider")
        async with counting.of("a press in a menu", TOAST, EDIT):
            label = next(button.text for button in menu.buttons if "demo" in button.text.lower())
            await people.press(chat, ann, menu.message_id, label)
            await counting.waited(EDIT)
        await say("/provider openai")
        async with counting.of("a menu", SEND):
            talks = await say("/history")
        async with counting.of("a press in a menu", TOAST, EDIT):
            await people.press(chat, ann, talks.message_id, talks.buttons[0].text)
            await counting.waited(EDIT)
        async with counting.of("`/export`, and a press that saves", SEND, TOAST, FILE):
            menu = await say("/export")
            await people.press(chat, ann, menu.message_id, menu.buttons[0].text)
            await counting.waited(FILE)

        for text in ("One.", "Two.", "Four. " * 800, "Three."):
            model.says("count", text)
        async with counting.of("a question", SEND, answers=True):
            first = await say("count", "One")
        async with counting.of("🔄", TOAST, answers=True):
            second = await press(first, "🔄", "Two")
        async with counting.of("◀ ▶, one message", TOAST, EDIT):
            await press(second, "◀", "One")
        await press(second, "🔄", "Four. Four")
        await people.wait(chat, text="Four. Four", after=second.message_id, complete=True)
        last = (await people.messages(chat))[-1]
        async with counting.of("◀ ▶, from two messages to one", TOAST, EDIT, DELETE):
            await press(last, "◀", "Two")
            await counting.waited(DELETE)
        shown = (await people.messages(chat))[-1]
        async with counting.of("◀ ▶, from one message to two", TOAST, EDIT, SEND, EDIT):
            await all_shown(database)
            await people.press(chat, ann, shown.message_id, "▶")
            await people.wait(chat, text="Four", after=shown.message_id, complete=True)
        async with counting.of("a question that replies to an older answer", SEND, answers=True):
            await say("and?", "You said: and", reply_to=2)
        model.says("word", "Read.")
        async with counting.of("a question in several messages", SEND, answers=True):
            await say("word " * 1_000, "Read")

        go = asyncio.Event()
        model.says("slow", "Slow", go, " indeed.")
        await people.write(chat, ann, "slow")
        await people.wait(chat, text="Slow ▌")
        waits = await people.write(chat, ann, "waits")
        async with counting.of("an edited question that waits"):
            await people.edit(chat, ann, waits.message_id, "edited")
        go.set()
        await people.wait(chat, text="You said: edited", complete=True)
        async with counting.of("an edited question that was answered", answers=True):
            await people.edit(chat, ann, waits.message_id, "again")
            await people.wait(chat, text="You said: again", complete=True)
        async with counting.of("`/forget`, and the press that does it", SEND, TOAST, EDIT):
            sure = await say("/forget", "Delete")
            await press(sure, EN.forget_button, EN.forgotten)
    assert len(counting.titles) == 14


async def test_where_something_is_refused(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, ann: User, chat: Chat, counting: Counting
) -> None:
    strangers = [await people.add_user(f"Stranger {number}") for number in range(5)]
    chats = [await people.private(each, bot) for each in strangers]
    await people.write(chat, ann, "/id")

    async with hasty(access="pairing", admins=str(ann.id), allowed_users=str(strangers[0].id), limit_messages=1):
        await people.write(chats[0], strangers[0], "one")
        await people.wait(chats[0], text="one", complete=True)
        async with counting.of("a limit is reached", SEND):
            asked = await people.write(chats[0], strangers[0], "two")
            await people.wait(chats[0], after=asked.message_id)
        async with counting.of("and again that day"):
            await people.write(chats[0], strangers[0], "three")
        for number in (1, 2, 3):
            async with counting.of("a stranger's first message, one owner", SEND, SEND):
                await people.write(chats[number], strangers[number], "Hello")
                await people.wait(chat, text=str(strangers[number].id))
                await people.wait(chats[number], text=str(strangers[number].id))
        async with counting.of("and the second one"):
            await people.write(chats[1], strangers[1], "Hello?")
    assert len(counting.titles) == 4


async def test_in_chats_of_others(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, ann: User, model: Model, counting: Counting
) -> None:
    await people.bot(TOKEN, supports_guest_queries=True, supports_inline_queries=True)
    friends = await people.add_group("Friends", members=[ann])
    async with hasty():
        async with counting.of("a question inline", "answerInlineQuery", answers=True):
            await choose(people, friends, ann, bot, "inline")
            await people.wait(friends, by=ann, text="You said: inline", complete=True)
        async with counting.of("a question to a guest", "answerGuestQuery", answers=True):
            await ask_as_guest(people, friends, ann, bot, "a guest?")
            await people.wait(friends, by=ann, text="You said: a guest", complete=True)
    assert len(counting.titles) == 2
