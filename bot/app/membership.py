"""Membership: on a server the bot runs in as many processes as are started; one of them works, the others stand by."""

import asyncio
import os
from contextlib import AsyncExitStack

from bot.app.build import build, is_well
from bot.app.telegram import make_types
from bot.clock import Clock
from bot.members.lease import Lease
from bot.members.member import Member
from bot.process.stop import hangups
from bot.report.supervisor import Supervisor
from bot.settings import Settings
from bot.storage.engine.database import create_engine, database_file
from bot.storage.engine.server import OF_MEMBERS, Hold
from bot.storage.ownership.members import Members
from bot.tally import Tally


async def run(settings: Settings) -> None:
    """Run the bot until cancelled: at once on a file, on a server when no other process does. Raises as `build`."""
    clock = Clock()
    if database_file(settings.database_url):
        async with build(settings, apart=True, clock=clock) as app:
            with hangups(app.reload.ask):
                await app.run()
        return
    engine = create_engine(settings.database_url, hold=Hold.TOGETHER, clock=clock, settings=OF_MEMBERS)
    try:
        await _Standby(settings, Members(engine), clock).run()
    finally:
        await engine.dispose()


class _Standby:
    """Waits for the bot with its port open, and serves it."""

    def __init__(self, settings: Settings, members: Members, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._porch = AsyncExitStack()
        self._tally: Tally | None = None  # of the bot, while it is served here
        self._bot_id = int(settings.require_token().partition(":")[0])
        self._member = Member(members, [self._bot_id], self._serve, clock)

    async def run(self) -> None:
        """Do so, until cancelled."""
        make_types()  # who takes the bot over is not to wait for that
        await self._open()
        supervising = asyncio.ensure_future(Supervisor(os.environ, self._is_well, self._clock).run())
        try:
            await self._member.run()
        finally:
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)
            await self._porch.aclose()

    def _is_well(self) -> bool:
        """Tell whether updates were asked for, or another process does that."""
        if self._tally is not None:
            return is_well(self._tally)
        figures = self._member.figures()
        return figures.live > 1 and figures.left_s > 0

    async def _open(self) -> None:
        """Listen where the bot does when it runs. Raises ConfigurationError."""
        if self._settings.metrics_port is not None or self._settings.webhook_url:
            from bot.report.server import standing_by  # who has no port does not pay for a web server

            await self._porch.enter_async_context(standing_by(self._settings, self._bot_id, self._member.figures))

    async def _serve(self, lease: Lease) -> None:
        await self._porch.aclose()
        try:
            await self._work(lease)
        finally:
            if lease.is_lost:
                await self._open()

    async def _work(self, lease: Lease) -> None:
        figures = self._member.figures
        async with build(self._settings, apart=True, lease=lease, member=figures, clock=self._clock) as app:
            self._tally = app.reporter.tally
            try:
                with hangups(app.reload.ask):
                    await app.run()
            finally:
                self._tally = None
                await lease.give_back()  # what is still to be closed here nobody else waits for
