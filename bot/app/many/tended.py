"""Tended: one bot of several, begun, and begun again a minute after it has ended, whatever ended it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bot.app.app import App
from bot.app.many.file import Wanted
from bot.app.many.trouble import told
from bot.app.services import Services
from bot.clock import Clock
from bot.process.trail import about

log = logging.getLogger(__name__)

AGAIN_S = 60.0
BEGINS = "it begins"

Begin = Callable[["Tended"], AbstractAsyncContextManager[App]]


class Tended:
    """Keeps a bot running; `app` is there while it runs, `trouble` says why it does not."""

    def __init__(self, wanted: Wanted, services: Services, begin: Begin, clock: Clock) -> None:
        self.wanted = wanted
        self.services = services
        self.app: App | None = None
        self.trouble = BEGINS
        self._begin = begin
        self._clock = clock

    async def run(self) -> None:
        """Do so, until cancelled: nothing that happens to this bot comes to the others."""
        with about(bot=self.wanted.name):
            while True:
                error = await self._end()
                line = told(error, self.wanted)
                self.trouble = line or f"a bug: {type(error).__name__}"
                bug = error if line is None else None
                log.error("bot ended, it is tried again in %.0f s: %s", AGAIN_S, self.trouble, exc_info=bug)
                await self._clock.sleep(AGAIN_S)

    async def _end(self) -> BaseException:
        """Let the bot run; return what ended it. A task of its own tells its being cancelled from our own."""
        serving = asyncio.create_task(self._serve())
        try:
            await asyncio.wait({serving})
        finally:
            serving.cancel()
            await asyncio.wait({serving})
        if serving.cancelled():
            return asyncio.CancelledError()
        return serving.exception() or RuntimeError("it ended by itself")

    async def _serve(self) -> None:
        try:
            async with self._begin(self) as app:
                self.app, self.trouble = app, ""
                await app.run()
        finally:
            self.app = None
