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
from bot.members.lease import Lease
from bot.process.trail import about
from bot.storage.engine.faults import Fenced

log = logging.getLogger(__name__)

AGAIN_S = 60.0
BEGINS = "it begins"

Begin = Callable[["Tended", Lease | None], AbstractAsyncContextManager[App]]


class Tended:
    """Keeps a bot running; `app` is there while it runs, `trouble` says why it does not.

    `is_followed`: the same bot goes on here, under the same lease, as it is wanted now.
    """

    def __init__(self, wanted: Wanted, services: Services, begin: Begin, clock: Clock) -> None:
        self.wanted = wanted
        self.services = services
        self.app: App | None = None
        self.trouble = BEGINS
        self.is_followed = False
        self._begin = begin
        self._clock = clock

    @property
    def has_failed(self) -> bool:
        """Whether it has ended by an error."""
        return self.trouble not in (BEGINS, "")

    async def run(self, lease: Lease | None = None) -> None:
        """Do so, until cancelled: nothing that happens to this bot comes to the others.

        `lease`: where other processes may take it over; what is tried again is kept meanwhile, for its trouble would be
        theirs. Raises Fenced once another one has it.
        """
        with about(bot=self.wanted.name):
            while True:
                error = await self._end(lease)
                if isinstance(error, Fenced):
                    raise error
                line = told(error, self.wanted)
                self.trouble = line or f"a bug: {type(error).__name__}"
                bug = error if line is None else None
                log.error("bot ended, it is tried again in %.0f s: %s", AGAIN_S, self.trouble, exc_info=bug)
                await self._clock.sleep(AGAIN_S)

    async def _end(self, lease: Lease | None) -> BaseException:
        """Let the bot run; return what ended it. A task of its own tells its being cancelled from our own."""
        serving = asyncio.create_task(self._serve(lease))
        try:
            await asyncio.wait({serving})
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            if lease and lease.is_lost and not serving.cancelled():
                serving.exception()  # retrieved: what ends for want of the lease is no error
        if serving.cancelled():
            return asyncio.CancelledError()
        return serving.exception() or RuntimeError("it ended by itself")

    async def _serve(self, lease: Lease | None) -> None:
        try:
            async with self._begin(self, lease) as app:
                self.app, self.trouble = app, ""
                try:
                    await app.run()
                except asyncio.CancelledError:
                    if lease and not self.is_followed:
                        await lease.give_back()  # what is still to be closed here nobody else waits for
                    raise
        finally:
            self.app = None
