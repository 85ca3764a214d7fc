"""App: what runs side by side in a running bot, and in which order it begins and ends."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from aiogram.types import User

from bot.app.intake import Entrance
from bot.app.introduction import Introduction
from bot.app.rows import Rows
from bot.app.telegram import Calls, make_types
from bot.catalog.reload import Reload
from bot.clock import Clock
from bot.intake.updates.hook import Hook
from bot.intake.updates.inbox import Inbox
from bot.intake.updates.intake import Intake
from bot.intake.updates.postman import Fetch
from bot.intake.updates.webhook import Webhook
from bot.report.report import Reporter

log = logging.getLogger(__name__)

Doors = Callable[[Reporter], AbstractAsyncContextManager[None]]

AT_ONCE = 100  # updates, as in a batch of getUpdates


class Runs(Protocol):
    """What runs for ever beside intake, by itself."""

    async def run(self) -> None:
        """Do so, until cancelled."""


@dataclass(frozen=True, slots=True)
class App:
    """The wings of a running bot; `doors`: where others may ask how it fares.

    `begun`: what waited at the start is under way.
    """

    introduction: Introduction
    clock: Clock
    rows: Rows
    calls: Calls
    entrance: Entrance
    hook: Hook | None  # where updates come by a webhook
    webhook: Webhook | Fetch | None
    fetch: Fetch | None  # where other processes may have taken updates by one
    inbox: Inbox
    reporter: Reporter
    reload: Reload
    beside: Sequence[Runs]
    doors: Doors
    begun: asyncio.Event

    async def run(self) -> None:
        """Run until cancelled; what is under way then is resumed at the next start.

        Raises ConfigurationError, ForeignDatabaseError, DatabaseDamaged, Fenced.
        """
        async with self.doors(self.reporter):
            await self.introduction.check()
            try:
                await self._serve()
            except BaseExceptionGroup as errors:
                raise first_of(errors) from errors

    async def _serve(self) -> None:
        """Begin with what all others wait for, and end with it."""
        delivery = self.calls.delivery
        async with asyncio.TaskGroup() as group:
            tried = asyncio.Event()
            beginning = [] if self.hook else [self.introduction.drop_webhook(tried)]
            lasting = [group.create_task(each) for each in (*beginning, make_types(self.clock))]
            intake = self.entrance.intake(await self._meet())
            hooking = [self.hook.run()] if self.hook else []
            lasting += [group.create_task(each) for each in (delivery.run(), *hooking, self.calls.seen.run())]
            try:
                if not self.webhook:
                    await tried.wait()
                await self.entrance.outbox.recall()
                await self._take_kept(intake)
                if not self.webhook:
                    await self.entrance.poll.take_waiting(intake.receive)
                await self._work(intake)
            finally:
                await delivery.close()
                for task in lasting:
                    task.cancel()

    async def _meet(self) -> User:
        """Ask who we are, and take up what earlier runs learned."""
        me = await self.introduction.make()
        self.reporter.introduce(f"@{me.username}")
        await self._recall()
        return me

    async def _work(self, intake: Intake) -> None:
        async with asyncio.TaskGroup() as group:
            for each in self.beside:
                group.create_task(each.run())
            group.create_task(self.entrance.admins.run(intake.resume))
            group.create_task((self.webhook or self.entrance.poll).run(intake.receive))

    async def _take_kept(self, intake: Intake) -> None:
        """Put into the rows what a process that had a webhook kept and did not live to; its posts were confirmed."""
        kept = self.inbox.recall()
        for at in range(0, len(kept), AT_ONCE):
            some = kept[at : at + AT_ONCE]
            await intake.receive(*some)
            self.inbox.taken(len(some))
        if kept:
            log.info("updates taken that a former process had kept count=%s", len(kept))
        if self.fetch:
            await self.fetch.take(intake.receive)

    async def _recall(self) -> None:
        """Take up what earlier runs learned: calls, refusals, and which message ids are in use."""
        await self.calls.memory.recall()
        self.calls.seen.recall(await self.rows.parts.highest())


def first_of(errors: BaseExceptionGroup) -> BaseException:
    """Return the first of several errors, out of all groups: the others came of the end that it made."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
