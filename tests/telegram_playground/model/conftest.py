"""A model on a clock that stands still, and a client without a bot."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from telegram_playground.model import Model
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.model.client import Client


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def model(clock: HandClock) -> AsyncIterator[Model]:
    async with Model(clock=clock) as model:
        yield model


@pytest.fixture
async def client(model: Model, session: aiohttp.ClientSession) -> Client:
    return Client(session, model.url)
