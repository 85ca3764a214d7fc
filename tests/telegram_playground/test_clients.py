"""Libraries that nobody here wrote lead a whole dialogue: buttons, a form in several steps, a file up and down, echo.

Python's run where they are installed; grammY and Telegraf where node is and `npm ci` has put them (package.json).
"""

import asyncio
import importlib
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.telegram_playground.raw_bot import TOKEN

CLIENTS = Path(__file__).with_name("clients")


async def _dialogue(people: PlaygroundClient, chat: Chat, ann: User, bot: Bot) -> None:
    await people.write(chat, ann, "/start")
    question = await people.wait(chat, text="Choose")
    assert question.entities == [{"type": "bold", "offset": 0, "length": 6}]
    assert await people.press(chat, ann, question.message_id, "red") == {"text": "red!", "show_alert": False}
    chosen = await people.wait(chat, text="You chose red")
    assert (chosen.message_id, chosen.keyboard, chosen.edited) == (question.message_id, [], True)

    form = await people.write(chat, ann, "/form")
    assert (await people.wait(chat, text="name", after=form.message_id)).reply_to == form.message_id
    name = await people.write(chat, ann, "Ann")
    assert (await people.wait(chat, text="age", after=name.message_id)).reply_to == name.message_id
    age = await people.write(chat, ann, "7")
    assert (await people.wait(chat, after=age.message_id)).text == "Ann is 7"

    sent = await people.send_file(chat, ann, "a.txt", b"live", mime="text/plain")
    back = await people.wait(chat, text="reversed", after=sent.message_id)
    assert (back.raw["document"]["file_name"], back.raw["document"]["file_size"]) == ("reversed.txt", 4)

    last = await people.write(chat, ann, "hello 😀")
    assert (await people.wait(chat, after=last.message_id)).text == "hello 😀"
    assert [call["description"] for call in await people.calls(bot=bot) if call["ok"] is False] == []


@pytest.fixture
async def chat(people: PlaygroundClient, bot: Bot, ann: User) -> Chat:
    return await people.private(ann, bot)


@pytest.mark.parametrize(
    ("client", "package"), [("aiogram_bot", "aiogram"), ("ptb_bot", "telegram"), ("telebot_bot", "telebot")]
)
async def test_a_python_client_leads_a_dialogue(
    playground: Playground, people: PlaygroundClient, chat: Chat, ann: User, bot: Bot, client: str, package: str
) -> None:
    pytest.importorskip(package)
    module = importlib.import_module(f"tests.telegram_playground.clients.{client}")
    running: AbstractAsyncContextManager[None] = module.running(TOKEN, playground.url)

    async with running:
        await _dialogue(people, chat, ann, bot)


@pytest.mark.parametrize("client", ["grammy", "telegraf"])
async def test_a_node_client_leads_a_dialogue(
    playground: Playground, people: PlaygroundClient, chat: Chat, ann: User, bot: Bot, client: str
) -> None:
    node = shutil.which("node")
    if node is None or not await _installed(node, client):
        pytest.skip(f"{client} is not installed: npm ci --ignore-scripts --prefix tests/telegram_playground")

    async with _node(node, f"{client}_bot.cjs", playground.url):
        await _dialogue(people, chat, ann, bot)


async def _installed(node: str, package: str) -> bool:
    process = await asyncio.create_subprocess_exec(
        node, "-e", f"require('{package}')", stderr=asyncio.subprocess.DEVNULL, cwd=CLIENTS
    )
    return await process.wait() == 0


@asynccontextmanager
async def _node(node: str, script: str, url: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(node, str(CLIENTS / script), TOKEN, url)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
