"""The page's tests run in one event loop, that of the browser's driver: to start it takes longer than a test.

So what they ask for is made in that loop too, for each test anew.
"""

from collections.abc import AsyncIterator
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.server import Playground
from tests.ports import free_port
from tests.stopwatch import PATIENCE_S
from tests.telegram_playground.browser import browser as browser
from tests.telegram_playground.browser import chromium as chromium
from tests.telegram_playground.browser import open_page as open_page
from tests.telegram_playground.browser import page as page
from tests.telegram_playground.browser import windows as windows
from tests.telegram_playground.raw_bot import TOKEN

fixture = partial(pytest_asyncio.fixture, loop_scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let these tests share a loop."""
    for item in items:
        if item.path.parent == Path(__file__).parent and iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def port() -> int:
    """The same port for each server: so the browser loads and compiles the scripts of the page once."""
    return free_port()


@fixture
async def playground(port: int) -> AsyncIterator[Playground]:
    async with Playground(port=port, limits=Limits.off()) as server:
        yield server


@fixture
async def people(playground: Playground) -> AsyncIterator[PlaygroundClient]:
    async with PlaygroundClient(playground.url, patience_s=PATIENCE_S) as client:
        yield client


@fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@fixture
async def bot(people: PlaygroundClient) -> Bot:
    return await people.bot(TOKEN, username="test_bot")


@fixture
async def ann(people: PlaygroundClient) -> User:
    return await people.add_user("Ann", username="anna", language="en")


@fixture
async def bob(people: PlaygroundClient) -> User:
    return await people.add_user("Bob")


@fixture
async def chat(people: PlaygroundClient, bot: Bot, ann: User) -> Chat:
    """A private chat in which Ann has written "/start"."""
    chat = await people.private(ann, bot)
    await people.write(chat, ann, "/start")
    return chat


@fixture
async def group(people: PlaygroundClient, bot: Bot, ann: User, bob: User) -> Chat:
    return await people.add_group("Club", members=[ann, bob], bots=[bot])
