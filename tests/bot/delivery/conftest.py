"""Delivery against the playground's server over HTTP, on an SQLite file."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.app.telegram import make_bot
from bot.clock import Clock
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.ledger import Ledger
from bot.delivery.budget.memory import Memory
from bot.delivery.delivery import Delivery
from bot.delivery.pace.streams import Streams
from bot.delivery.seen import Seen
from bot.settings import Settings
from bot.storage.answers.parts import Parts
from bot.storage.engine.database import Sessions
from bot.storage.signals import Signals
from bot.storage.telegram.notices import Notices
from bot.storage.telegram.peers import Peers
from bot.storage.telegram.updates import Updates
from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.stopwatch import PATIENCE_S

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture
async def telegram() -> AsyncIterator[Playground]:
    async with Playground() as playground:
        yield playground


@pytest.fixture
async def people(telegram: Playground) -> AsyncIterator[PlaygroundClient]:
    async with PlaygroundClient(telegram.url, patience_s=PATIENCE_S) as client:
        yield client


@pytest.fixture
async def ann(people: PlaygroundClient) -> User:
    return await people.add_user("Ann")


@pytest.fixture
async def chat(people: PlaygroundClient, ann: User) -> Chat:
    chat = await people.private(ann, await people.bot(TOKEN))
    await people.write(chat, ann, "/start")
    return chat


@pytest.fixture
def notices(db: Sessions) -> Notices:
    return Notices(db, Clock())


@pytest.fixture
def updates(db: Sessions) -> Updates:
    return Updates(db, Clock())


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
def pulse() -> Clock:
    """The clock of `delivery`."""
    return Clock()


@pytest.fixture
async def delivery(
    telegram: Playground, db: Sessions, notices: Notices, limits: Limits, pulse: Clock
) -> AsyncIterator[Delivery]:
    clock = pulse
    bot = make_bot(Settings.load(bot_token=TOKEN, telegram_api_url=telegram.url))
    parts, budget = Parts(db, clock, Signals()), Budget(limits, clock.now())
    streams = Streams()
    memory = Memory(budget, streams.recall, Peers(db, clock), Ledger(None, clock), clock)
    seen = Seen(parts, clock)
    delivery = Delivery(bot, budget, streams, memory=memory, seen=seen, parts=parts, notices=notices, clock=clock)
    task = asyncio.ensure_future(delivery.run())
    yield delivery
    await delivery.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bot.session.close()
