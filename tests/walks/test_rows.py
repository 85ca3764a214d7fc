"""What 0006 left in the middle of its work is taken up by a bot that has first to bring the database up to date."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import create_engine

from bot.storage.engine.migration import migrate
from telegram_playground.client import Bot, Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.walks.conftest import answers
from tests.walks.nursery import Child

pytestmark = [pytest.mark.walk, pytest.mark.sqlite("is about rows of before a server could be taken")]

TURN = 41


@pytest.fixture
def former(tmp_path: Path, empty_database: Path) -> Path:
    """An empty database of 0006, where the bot looks for its own."""
    file = tmp_path / "bot.db"
    file.write_bytes(empty_database.read_bytes())
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        migrate(connection, "0006")
    engine.dispose()
    return file


async def call(telegram: Playground, bot: Bot, method: str, **arguments: Any) -> Any:
    """Call the Bot API as the former process did."""
    async with (
        ClientSession() as session,
        session.post(f"{telegram.url}/bot{bot.token}/{method}", json=arguments) as response,
    ):
        return (await response.json())["result"]


def leave(file: Path, chat: Chat, asked: Message, *, state: str, text: str, part: int | None) -> None:
    """Leave a question open, as a process of 0006 that was killed."""
    row = {
        "turn": TURN,
        "chat": chat.id,
        "message": asked.message_id,
        "user": asked.sender,
        "state": state,
        "outcome": "answered" if state == "delivering" else None,
        "shown": text if state == "delivering" else None,
        "asked": asked.text,
        "part": part,
    }
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, reasoning, since_turn)"
            " VALUES (:turn, :chat, 0, 'openai', 1, 0, 0)",
            row,
        )
        database.execute(
            "INSERT INTO turns (id, update_id, chat_id, message_id, user_id, state, outcome, attempt, stop, shown,"
            " language, created_at, under_way) VALUES (:turn, -:turn, :turn, :message, :user, :state, :outcome, 1, 0,"
            " :shown, 'en', 1.0, 1)",
            row,
        )
        said = "INSERT INTO messages (turn_id, chat_id, role, text) VALUES (:turn, :turn, "
        database.execute(f"{said}'user', :asked)", row)
        if state == "delivering":
            database.execute(f"{said}'assistant', :shown)", row)
        database.execute(
            "INSERT INTO parts (turn_id, number, message_id, after) VALUES (:turn, 0, :part, :message)", row
        )


@pytest.mark.parametrize("state", ["generating", "delivering"])
@pytest.mark.parametrize("is_known", [True, False], ids=["in a known message", "in a lost one"])
async def test_what_a_killed_0006_had_begun_is_finished_once_in_its_message(
    child: Child,
    former: Path,
    telegram: Playground,
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
    state: str,
    is_known: bool,
) -> None:
    model.says("story", "Once upon a time.")
    asked = await people.write(chat, ann, "story")
    (update,) = await call(telegram, bot, "getUpdates")
    await call(telegram, bot, "getUpdates", offset=update["update_id"] + 1)
    keyboard = {"inline_keyboard": [[{"text": "⏹ Stop", "callback_data": f"stop:{TURN}:0"}]]}
    text = "Once upon" if is_known else "…"
    sent = await call(telegram, bot, "sendMessage", chat_id=chat.id, text=text, reply_markup=keyboard)
    part = sent["message_id"] if is_known else None
    leave(former, chat, asked, state=state, text="Once upon a time.", part=part)

    await child.start()
    whole = await people.wait(chat, text="a time\\.$", complete=True)

    assert whole.message_id == sent["message_id"]
    assert await answers(people, chat, ann) == ["Once upon a time."]
    assert len(model.requests) == (state == "generating")


async def test_a_button_of_0006_stops_its_answer(
    child: Child,
    former: Path,
    telegram: Playground,
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
) -> None:
    model.says("story", "Once upon", asyncio.Event())
    asked = await people.write(chat, ann, "story")
    (update,) = await call(telegram, bot, "getUpdates")
    await call(telegram, bot, "getUpdates", offset=update["update_id"] + 1)
    keyboard = {"inline_keyboard": [[{"text": "⏹ Stop", "callback_data": f"stop:{TURN}:0"}]]}
    sent = await call(telegram, bot, "sendMessage", chat_id=chat.id, text="Once upon", reply_markup=keyboard)
    leave(former, chat, asked, state="generating", text="", part=sent["message_id"])

    await people.press(chat, ann, sent["message_id"], f"stop:{TURN}:0", timeout_s=0)
    await child.start()
    stopped = await people.wait(chat, text="Once upon\\s+⏹ Stopped", complete=True)

    assert stopped.message_id == sent["message_id"]
    assert len(await answers(people, chat, ann)) == 1
