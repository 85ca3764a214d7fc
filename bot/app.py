"""App: what runs side by side in a running bot, and in which order it begins and ends."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe
from aiogram.types import User
from aiogram.utils.deep_linking import create_start_link

from bot.catalog import Catalog
from bot.chart import Chart
from bot.clock import Clock, Seldom
from bot.delivery.budget.memory import Memory
from bot.delivery.delivery import Delivery
from bot.delivery.refusal import is_outage
from bot.delivery.seen import Seen
from bot.delivery.server.server import DENIALS
from bot.intake.admins import Admins
from bot.intake.exports import Exports
from bot.intake.freshness import Freshness
from bot.intake.handlers import router
from bot.intake.handlers.menu import menus
from bot.intake.hook import Hook
from bot.intake.middleware import Access, LoadChat, PostReturned
from bot.intake.outbox import Outbox
from bot.intake.poll import Intake
from bot.intake.requests import Requests
from bot.intake.risks import Risks
from bot.intake.tails import Tails
from bot.intake.webhook import Webhook
from bot.profile import fill
from bot.reload import Reload
from bot.reply.late import Late
from bot.reply.naming import Naming
from bot.reply.strays import Strays
from bot.reply.strip import Strip
from bot.report.report import Reporter
from bot.settings import AccessMode, ConfigurationError, Settings
from bot.storage.access import Accesses
from bot.storage.accounts import Accounts
from bot.storage.answers import Answers
from bot.storage.calls import Calls
from bot.storage.chats import Chats
from bot.storage.conversations import Conversations
from bot.storage.finds import Finds
from bot.storage.invites import Invites
from bot.storage.lookup import Lookup
from bot.storage.notices import Notices
from bot.storage.orders import Orders
from bot.storage.overheard import Overhearing
from bot.storage.parts import Parts
from bot.storage.prompts import Prompts
from bot.storage.purge import Purge
from bot.storage.removals import Removals
from bot.storage.stops import Stops
from bot.storage.updates import Updates
from bot.storage.watch import Watch
from bot.tools.toolbox import Toolbox
from bot.work.files import Files
from bot.work.serving import Serving
from bot.work.worker import Worker

log = logging.getLogger(__name__)

Doors = Callable[[Reporter], AbstractAsyncContextManager[None]]

PRUNE_S = 3600.0
REPEAT_S = 2.0  # between two tries to reach Telegram at the start
DENIED_S = 1.0  # between two answers that nobody knows the token


@dataclass(frozen=True, slots=True)
class App:
    """All objects of a running bot."""

    settings: Settings
    clock: Clock
    bot: Bot
    catalog: Catalog
    chart: Chart
    personas: Mapping[str, str]
    accesses: Accesses
    accounts: Accounts
    invites: Invites
    removals: Removals
    overhearing: Overhearing
    admins: Admins
    chats: Chats
    lookup: Lookup
    prompts: Prompts
    conversations: Conversations
    finds: Finds
    exports: Exports
    purge: Purge
    answers: Answers
    calls: Calls
    toolbox: Toolbox
    stops: Stops
    orders: Orders
    parts: Parts
    notices: Notices
    updates: Updates
    memory: Memory
    seen: Seen
    delivery: Delivery
    files: Files
    late: Late
    watch: Watch
    strays: Strays
    strip: Strip
    naming: Naming
    outbox: Outbox
    requests: Requests
    worker: Worker
    serving: Serving
    reload: Reload
    reporter: Reporter
    hook: Hook | None  # where updates come by a webhook
    webhook: Webhook | None
    doors: Doors  # where others may ask how the bot fares

    async def run(self) -> None:
        """Run until cancelled; what is under way then is resumed at the next start.

        Raises ConfigurationError, ForeignDatabaseError, DatabaseDamaged.
        """
        async with self.doors(self.reporter):
            me = await self._introduce()
            self.reporter.introduce(f"@{me.username}")
            await self._recall()
            try:
                await self._serve(self._intake(me))
            except BaseExceptionGroup as errors:
                raise _first(errors) from errors

    async def _serve(self, intake: Intake) -> None:
        async with asyncio.TaskGroup() as group:
            delivering = group.create_task(self.delivery.run())
            tried = asyncio.Event()
            hooking = group.create_task(self.hook.run() if self.hook else self._drop_webhook(tried))
            noting = group.create_task(self.seen.run())
            try:
                if not self.webhook:
                    await tried.wait()
                await self.outbox.recall()
                if not self.webhook:
                    await intake.take_waiting()
                async with asyncio.TaskGroup() as work:
                    for task in (
                        *(self.worker, self.watch, self.late, self.strays, self.catalog, self.requests),
                        *(
                            self.naming,
                            self.toolbox,
                            self.strip,
                            self.exports,
                            self.purge,
                            self.files,
                            self.serving,
                            self.chart,
                        ),
                    ):
                        work.create_task(task.run())
                    work.create_task(self.admins.run(intake.resume))
                    work.create_task(self.webhook.run(intake.receive) if self.webhook else intake.poll())
                    work.create_task(self.reporter.run())
                    work.create_task(self.reload.run())
                    work.create_task(self._register())
                    work.create_task(self._prune())
            finally:
                await self.delivery.close()
                for lasting in (delivering, hooking, noting):
                    lasting.cancel()

    def _intake(self, me: User) -> Intake:
        dispatcher = Dispatcher(
            disable_fsm=True,  # its storage keeps a record per user
            me=me,
            settings=self.settings,
            clock=self.clock,
            chats=self.chats,
            overhearing=self.overhearing,
            prompts=self.prompts,
            conversations=self.conversations,
            finds=self.finds,
            exports=self.exports,
            calls=self.calls,
            stops=self.stops,
            orders=self.orders,
            accesses=self.accesses,
            accounts=self.accounts,
            invites=self.invites,
            catalog=self.catalog,
            personas=self.personas,
            admins=self.admins,
            asked=self.outbox.asked,
        )
        dispatcher.update.outer_middleware(PostReturned(self.seen))
        freshness = Freshness(self.lookup, self.accesses, self.chats)
        tails = Tails(self.clock)
        access = Access(
            self.settings, self.accesses, freshness, self.outbox.asked, self.invites, tails, self.overhearing
        )
        dispatcher.include_router(router(access, LoadChat(self.settings, self.chats, freshness, self.catalog)))
        risks = Risks(self.updates, self.accesses, self.settings)
        return Intake(self.bot, dispatcher, self.outbox, self.settings, risks, self.clock)

    async def _drop_webhook(self, tried: asyncio.Event) -> None:
        """Remove a webhook that somebody left, without losing what waits; long polling is refused beside one.

        `tried` is set after the first try: not every server knows the method, and the others may be slow.
        """
        seldom = Seldom(self.clock)
        while True:
            try:
                await self.bot(DeleteWebhook(drop_pending_updates=False))
                return
            except (TelegramAPIError, ClientDecodeError) as error:
                if seldom.due("webhook"):
                    log.warning("webhook not removed error=%s", type(error).__name__)
                if not isinstance(error, TelegramRetryAfter) and not is_outage(error):
                    return
            finally:
                tried.set()
            await self.clock.sleep(REPEAT_S)

    async def _register(self) -> None:
        """Register the command menus and fill the profile; a server that does not know them lacks just these."""
        admins = sorted({*self.settings.admins, *await self.accesses.owners()})
        for method in menus(self.settings.language, admins):
            try:
                await self.bot(method)
            except (TelegramAPIError, ClientDecodeError) as error:
                log.info("menu not registered error=%s", type(error).__name__)
        await fill(self.bot, self.settings.language)

    async def _introduce(self) -> User:
        """Ask Telegram who we are, as long as it takes; claim the database; say how to come in."""
        me = await self._get_me()
        if me.id != self.bot.id:
            raise ConfigurationError("BOT_TOKEN", "", f"the token of the bot {me.id}")
        pairing = self.settings.access is AccessMode.PAIRING and not self.settings.admins
        code = await self.accesses.identify(me.id, secrets.token_urlsafe(12) if pairing else None)
        log.info(
            "running bot=@%s id=%s access=%s stream=%s providers=%s",
            me.username,
            me.id,
            self.settings.access,
            self.settings.stream_mode,
            ",".join(self.catalog.ids),
        )
        if code:
            link = await create_start_link(self.bot, code)
            log.warning("the bot belongs to nobody yet: open %s to become its owner", link)
        if not me.can_read_all_group_messages:
            log.warning(
                "privacy mode is on: in groups the bot gets only commands and replies to it, no mentions; "
                "to change that: /setprivacy at @BotFather (or make it an admin), then remove it and add it again"
            )
        return me

    async def _recall(self) -> None:
        """Take up what earlier runs learned: calls, refusals, and which message ids are in use."""
        await self.memory.recall()
        self.seen.recall(await self.parts.highest())

    async def _get_me(self) -> User:
        """Ask who we are; one answer that nobody knows us may be a gateway's, or of a server that only starts."""
        seldom, denials = Seldom(self.clock), 0
        while True:
            try:
                return await self.bot(GetMe())
            except (TelegramUnauthorizedError, TelegramNotFound):
                denials += 1
                if denials == DENIALS:
                    expected = "a token that Telegram knows; @BotFather shows it (/mybots)"
                    raise ConfigurationError("BOT_TOKEN", f"{self.bot.id}:…", expected) from None
                await self.clock.sleep(DENIED_S)
            except (TelegramAPIError, ClientDecodeError) as error:
                denials = 0
                if seldom.due("unreachable"):
                    log.warning("Telegram cannot be reached, trying again: %s", type(error).__name__)
                await self.clock.sleep(REPEAT_S)

    async def _prune(self) -> None:
        """Forget what is too old to matter, now and then."""
        while True:
            await self.updates.prune()
            await self.notices.prune()
            await self.accounts.prune()
            await self.invites.prune()
            await self.removals.carry_out()
            await self.overhearing.prune()
            await self.clock.sleep(PRUNE_S)


def _first(errors: BaseExceptionGroup) -> BaseException:
    """Return the first of several errors, out of all groups: the others came of the end that it made."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
