"""A playground in this process, a raw bot on it, and the people who talk to it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.fixtures import playground as playground
from telegram_playground.server import Playground
from tests.stopwatch import PATIENCE_S
from tests.telegram_playground.raw_bot import TOKEN, RawBot


@pytest.fixture
async def people(playground: Playground) -> AsyncIterator[PlaygroundClient]:
    async with PlaygroundClient(playground.url, patience_s=PATIENCE_S) as client:
        yield client


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bot(people: PlaygroundClient) -> Bot:
    return await people.bot(TOKEN, username="test_bot")


@pytest.fixture
def raw(session: aiohttp.ClientSession, playground: Playground, bot: Bot) -> RawBot:
    return RawBot(session, playground.url)


@pytest.fixture
async def ann(people: PlaygroundClient) -> User:
    return await people.add_user("Ann", username="anna", language="en")


@pytest.fixture
async def bob(people: PlaygroundClient) -> User:
    return await people.add_user("Bob")


@pytest.fixture
async def chat(people: PlaygroundClient, bot: Bot, ann: User) -> Chat:
    """A private chat in which Ann has written "/start"."""
    chat = await people.private(ann, bot)
    await people.write(chat, ann, "/start")
    return chat


@pytest.fixture
async def group(people: PlaygroundClient, bot: Bot, ann: User, bob: User) -> Chat:
    return await people.add_group("Club", members=[ann, bob], bots=[bot])
