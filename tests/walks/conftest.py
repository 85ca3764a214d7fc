"""The whole bot in this process, spoken to over HTTP only: people at the playground, a scripted service behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, build
from bot.settings import Settings
from playground.client import Bot, Chat, PlaygroundClient, User
from playground.server import Playground
from tests.walks.service import Service

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"

Start = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def telegram() -> AsyncIterator[Playground]:
    async with Playground() as playground:
        yield playground


@pytest.fixture
async def people(telegram: Playground) -> AsyncIterator[PlaygroundClient]:
    async with PlaygroundClient(telegram.url) as client:
        yield client


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    async with Service() as service:
        monkeypatch.setenv("OPENAI_BASE_URL", service.url)
        yield service


@pytest.fixture
def start(telegram: Playground, bot: Bot, service: Service, tmp_path: Path) -> Start:
    """Start the bot, as often as wished, on the same database."""

    @asynccontextmanager
    async def started(**changes: Any) -> AsyncIterator[App]:
        given = {
            "bot_token": bot.token,
            "telegram_api_url": telegram.url,
            "database_url": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
            "access": "open",
            "demo_provider": "on",
        }
        async with build(Settings.load(**{**given, **changes})) as app, _running(app.run()):
            yield app

    return started


@asynccontextmanager
async def _running(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()):
            raise error


@pytest.fixture
async def app(start: Start) -> AsyncIterator[App]:
    async with start() as app:
        yield app


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
