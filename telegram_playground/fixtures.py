"""Fixtures for pytest (asyncio in auto mode); use them by `pytest_plugins = ["telegram_playground.fixtures"]`.

playground  a server of this test alone: no flood limits, no latency
people      the client by which a test writes, presses buttons and looks
model       a service of OpenAI's protocol that answers as the test says
"""

from collections.abc import AsyncIterator

import pytest

from telegram_playground.client import PlaygroundClient
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.model import Model
from telegram_playground.server import Playground


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    """Run a server for one test."""
    async with Playground(limits=Limits.off()) as server:
        yield server


@pytest.fixture
async def people(playground: Playground) -> AsyncIterator[PlaygroundClient]:
    """Command that server."""
    async with PlaygroundClient(playground.url) as client:
        yield client


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    """Run a scripted model for one test."""
    async with Model() as server:
        yield server
