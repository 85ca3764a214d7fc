"""The whole bot in this process, spoken to over HTTP only: people at the playground, a scripted model behind it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from bot.app.app import App
from bot.settings import Settings
from bot.storage.engine.database import open_database
from bot.texts.en import EN
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.database import Database
from tests.postgres import DATABASES, Postgres
from tests.stopwatch import PATIENCE_S
from tests.walks.hasty import HastyClock, running, settings
from tests.walks.nursery import Child

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"

Start = Callable[..., AbstractAsyncContextManager[App]]
Hasty = Callable[..., AbstractAsyncContextManager[App]]
UNDER_WAY = (EN.retry_busy, EN.order_waiting)
WALKS = "walks"  # the database of the server that the others are copies of


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def server_with_tables(postgres: Postgres) -> Postgres:
    """A server with a database that has all tables, to be copied."""

    async def make(url: str) -> None:
        async with open_database(url):
            pass

    asyncio.run(make(postgres.create(WALKS)))
    return postgres


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[Database]:
    """An empty database for a bot, of each kind that is wished (tests/postgres.py)."""
    if request.param == "sqlite":
        file = shutil.copy(empty_database, tmp_path / "bot.db")
        yield Database(f"sqlite+aiosqlite:///{file}", tmp_path)
        return
    if mark := request.node.get_closest_marker("sqlite"):
        pytest.skip(mark.args[0])
    server: Postgres = request.getfixturevalue("server_with_tables")
    with server.copy(WALKS) as url:
        yield Database(url, tmp_path)


@pytest.fixture
async def telegram() -> AsyncIterator[Playground]:
    async with Playground() as playground:
        yield playground


@pytest.fixture
async def people(telegram: Playground) -> AsyncIterator[PlaygroundClient]:
    async with PlaygroundClient(telegram.url, patience_s=PATIENCE_S) as client:
        yield client


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Model]:
    async with Model() as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        yield model


@pytest.fixture
def start(telegram: Playground, bot: Bot, model: Model, database: Database) -> Start:
    """Start the bot, as often as wished, on the same database."""

    def started(**changes: Any) -> AbstractAsyncContextManager[App]:
        given = {
            "bot_token": bot.token,
            "telegram_api_url": telegram.url,
            "database_url": database.url,
            "access": "open",
            "demo_provider": "on",
        }
        return running(Settings.load(**{**given, **changes}))

    return started


@pytest.fixture
async def hasty(telegram: Playground, people: PlaygroundClient, bot: Bot, model: Model, database: Database) -> Hasty:
    """Start the bot with a clock that runs ten times as fast, and without limits."""
    await people.set(limits="off")

    def started(**changes: Any) -> AbstractAsyncContextManager[App]:
        given = {"bot_token": bot.token, "telegram_api_url": telegram.url, "database_url": database.url, **changes}
        return running(settings(**given), HastyClock())

    return started


@pytest.fixture
async def quick(hasty: Hasty) -> AsyncIterator[App]:
    async with hasty() as app:
        yield app


@pytest.fixture
async def app(start: Start) -> AsyncIterator[App]:
    async with start() as app:
        yield app


@pytest.fixture
def environment(telegram: Playground, bot: Bot, model: Model, database: Database) -> Mapping[str, str]:
    """What a bot in a process of its own is told; its database is the one of `start`."""
    return {
        "BOT_TOKEN": bot.token,
        "TELEGRAM_API_URL": telegram.url,
        "ACCESS": "open",
        "OPENAI_BASE_URL": model.url,
        "DATABASE_URL": database.url,
    }


@pytest.fixture
async def child(environment: Mapping[str, str], tmp_path: Path) -> AsyncIterator[Child]:
    """A bot in a process of its own, to be started as often as wished."""
    child = Child(tmp_path, environment)
    yield child
    await child.kill()


@pytest.fixture
async def bot(people: PlaygroundClient) -> Bot:
    return await people.bot(TOKEN, username="delta_bot", can_read_all_group_messages=True)


@pytest.fixture
async def ann(people: PlaygroundClient) -> User:
    return await people.add_user("Ann", username="ann", language="en")


@pytest.fixture
async def chat(people: PlaygroundClient, ann: User, bot: Bot) -> Chat:
    """Ann's private chat with the bot."""
    return await people.private(ann, bot)


async def all_taken(people: PlaygroundClient) -> None:
    """Wait until the bot has taken, and so confirmed, all updates."""
    since = 0
    while (await people.bot(TOKEN)).raw["pending"]:
        since = (await people.wait_call("getUpdates", since=since))["id"]


async def all_shown(database: Database) -> None:
    """Wait until the bot has heard that its last call has landed, and each answer is whole on the screen."""
    await database.says("SELECT count(*) FROM replies WHERE dirty", [(0,)])
    await database.says("SELECT count(*) FROM answers WHERE state <> 'done'", [(0,)])


async def press_when_done(
    people: PlaygroundClient, chat: Chat, user: User, message_id: int, button: str
) -> dict[str, Any] | None:
    """Press a button under what is whole, also before the bot has heard that its last call has landed."""
    toast = await people.press(chat, user, message_id, button)
    while toast and toast.get("text") in UNDER_WAY:
        await asyncio.sleep(0.02)
        toast = await people.press(chat, user, message_id, button)
    return toast


async def answers(people: PlaygroundClient, chat: Chat, ann: User) -> list[str]:
    """Return what is said in a chat by anybody but its user."""
    return [message.text for message in await people.messages(chat) if message.sender != ann.id]
