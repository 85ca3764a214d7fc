"""Membership: on a server the bot runs in as many processes as are started; one of them works, the others stand by."""

import asyncio
import os
from contextlib import AsyncExitStack

from bot.app.app import first_of
from bot.app.build import build, is_well
from bot.app.telegram import make_letterbox, make_postman, make_types
from bot.clock import Clock
from bot.intake.updates.postman import Postman
from bot.members.figures import Figures
from bot.members.lease import Lease
from bot.members.member import Member
from bot.process.stop import hangups
from bot.report.report import Reporter
from bot.report.standing import Standing
from bot.report.supervisor import Supervisor
from bot.settings import Settings
from bot.storage.engine.database import create_engine, database_file
from bot.storage.engine.server import OF_MEMBERS, Hold
from bot.storage.ownership.members import Members


async def run(settings: Settings) -> None:
    """Run the bot until cancelled: at once on a file, on a server when no other process does. Raises as `build`."""
    clock = Clock()
    if database_file(settings.database_url):
        async with build(settings, apart=True, clock=clock) as app:
            with hangups(app.reload.ask):
                await app.run()
        return
    engine = create_engine(settings.database_url, hold=Hold.TOGETHER, clock=clock, settings=OF_MEMBERS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        if postman := make_postman(stack, settings.database_url, clock):
            await _Standby(settings, Members(engine), postman, clock).run()


class _Standby:
    """Waits for the bot with its port open, and serves it."""

    def __init__(self, settings: Settings, members: Members, postman: Postman, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._postman = postman
        self._reporter: Reporter | None = None  # of the bot, while it is served here
        self._bot_id = int(settings.require_token().partition(":")[0])
        self._member = Member(members, [self._bot_id], self._serve, clock)
        self._member.posted = postman.wake

    async def run(self) -> None:
        """Do so, until cancelled; posts are taken until the end. Raises what one of its tasks does."""
        await make_types(self._clock)  # who takes the bot over is not to wait for that
        async with AsyncExitStack() as stack:
            await self._open(stack)
            try:
                async with asyncio.TaskGroup() as group:
                    beside = (Supervisor(os.environ, self._is_well, self._clock), self._postman)
                    tasks = [group.create_task(each.run()) for each in beside]
                    try:
                        await self._member.run()
                    finally:
                        for each in tasks:
                            each.cancel()
            except BaseExceptionGroup as errors:
                raise first_of(errors) from errors

    def _is_well(self) -> bool:
        """Tell whether updates were asked for, or another process does that."""
        if self._reporter is not None:
            return is_well(self._reporter.tally)
        figures = self._member.figures()
        return figures.live > 1 and figures.left_s > 0

    async def _open(self, stack: AsyncExitStack) -> None:
        """Listen at the ports that are wished, whoever has the bot. Raises ConfigurationError."""
        if self._settings.metrics_port is not None or self._settings.webhook_url:
            from bot.report.server import Answer, serving  # who has no port does not pay for a web server

            letterbox = make_letterbox(self._settings, self._postman)

            def find(asked: int) -> Answer | None:
                return letterbox.answer if letterbox and asked == self._bot_id else None

            await stack.enter_async_context(
                serving(self._settings, self._standings, find if letterbox else None, self._figures)
            )

    def _standings(self) -> list[Standing]:
        return [Standing("", self._reporter)] if self._reporter else []

    def _figures(self) -> Figures | None:
        """Return how this process fares, unless the bot tells that."""
        return None if self._reporter else self._member.figures()

    async def _serve(self, lease: Lease) -> None:
        figures = self._member.figures
        async with build(
            self._settings, apart=True, lease=lease, member=figures, postman=self._postman, clock=self._clock
        ) as app:
            self._reporter = app.reporter
            try:
                with hangups(app.reload.ask):
                    await app.run()
            finally:
                self._reporter = None
                await lease.give_back()  # what is still to be closed here nobody else waits for
