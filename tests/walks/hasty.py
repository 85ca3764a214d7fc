"""Haste: the whole bot with a clock ten times as fast, so that its waits are over soon; the network keeps its pace."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.app.app import App
from bot.app.build import build
from bot.clock import Clock
from bot.settings import Settings

FACTOR = 10.0
BEGAN_AT = time.time() - time.monotonic() * FACTOR
UNLIMITED = {"chat_rate": 1000, "chat_burst": 1000, "group_rate": 60_000, "group_burst": 1000, "bot_rate": 1000}


class HastyClock(Clock):
    """Real time, made faster."""

    def now(self) -> float:
        """Return seconds from a monotonic source."""
        return time.monotonic() * FACTOR

    def wall(self) -> float:
        """Return Unix seconds that began to run fast when the tests did, the same for each clock."""
        return BEGAN_AT + self.now()

    async def sleep(self, seconds: float) -> None:
        """Wait for a tenth of `seconds`."""
        await super().sleep(seconds / FACTOR)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until `event` is set, at most a tenth of `seconds`; tell whether it is."""
        return await super().wait(event, None if seconds is None else seconds / FACTOR)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[App]:
    """Run a bot until the end of the block; an error that ended it before is raised there."""
    async with build(settings, clock=clock) as app:
        task = asyncio.ensure_future(app.run())
        try:
            yield app
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if not task.cancelled() and (error := task.exception()):
                raise error


def settings(**given: Any) -> Settings:
    """Return settings of a bot that anybody may talk to, on a database in the present folder."""
    usual = {"database_url": "sqlite+aiosqlite:///bot.db", "access": "open", "demo_provider": "on", **UNLIMITED}
    return Settings.load(**{**usual, **given})
