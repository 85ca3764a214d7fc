"""Intake that polls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.settings import Settings
from tests.bot.api import Answer, Api
from tests.bot.door import Door
from tests.bot.intake.updates.polling import Poll, bot_at, polling, receiver
from tests.clock import FakeClock


@pytest.fixture
def poll(door: Door, clock: FakeClock, settings: Settings) -> Poll:
    """Let intake poll a server; the task is given, and ended with the block."""

    @asynccontextmanager
    async def answers(api: Api, *script: Answer) -> AsyncIterator[asyncio.Future[None]]:
        api.script += script
        async with api.server() as server, bot_at(f"http://127.0.0.1:{server.port}") as bot:
            task = asyncio.ensure_future(polling(bot, clock).run(receiver(bot, door, clock, settings)))
            try:
                yield task
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    return answers
