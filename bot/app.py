"""Build and run the bot: the only place that makes objects and wires them."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from aiogram import Bot, Dispatcher
from aiogram.client.telegram import TelegramAPIServer
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

from bot.admins import Admins
from bot.budget import Budget, Limits, Penalty
from bot.catalog import Catalog
from bot.clock import Clock
from bot.delivery import Delivery
from bot.handlers import router
from bot.handlers.menu import menus
from bot.intake import Intake
from bot.lock import lock
from bot.middleware import Access, LoadChat, PostReturned
from bot.outbox import Outbox
from bot.refusal import is_outage
from bot.responder import Responder
from bot.search import Search
from bot.seen import Seen
from bot.session import Session
from bot.settings import AccessMode, ConfigurationError, Settings, StreamMode
from bot.storage.access import Accesses
from bot.storage.chats import Chats
from bot.storage.database import database_file, open_database
from bot.storage.notices import Notices
from bot.storage.parts import Parts
from bot.storage.peers import Peers
from bot.storage.turns import Turns
from bot.storage.updates import Updates
from bot.stream import Timeouts
from bot.worker import Worker
from providers.base import AsyncGeneratorProvider
from providers.http import Http
from providers.registry import load
from providers.registry import secrets as provider_secrets

log = logging.getLogger(__name__)

TELEGRAM_TIMEOUT_S = 60.0
CONNECTIONS = 1_000  # calls that hang must not keep others waiting
PROVIDERS_FILE = Path("providers.toml")
PRUNE_S = 3600.0
REPEAT_S = 2.0  # between two tries to reach Telegram at the start
SAY_S = 60.0  # how often the log says that it is unreachable


@dataclass(frozen=True, slots=True)
class App:
    """All objects of a running bot."""

    settings: Settings
    clock: Clock
    bot: Bot
    catalog: Catalog
    accesses: Accesses
    admins: Admins
    chats: Chats
    turns: Turns
    parts: Parts
    peers: Peers
    notices: Notices
    updates: Updates
    budget: Budget
    seen: Seen
    delivery: Delivery
    outbox: Outbox
    worker: Worker

    async def run(self) -> None:
        """Run until cancelled; what is under way then is resumed at the next start.

        Raises ConfigurationError, ForeignDatabaseError, DatabaseDamaged.
        """
        me = await self._introduce()
        await self._recall()
        try:
            await self._serve(self._intake(me))
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors

    async def _serve(self, intake: Intake) -> None:
        async with asyncio.TaskGroup() as group:
            delivering = group.create_task(self.delivery.run())
            tried = asyncio.Event()
            dropping = group.create_task(self._drop_webhook(tried))
            noting = group.create_task(self.seen.run())
            try:
                await tried.wait()
                await self.outbox.recall()
                await intake.take_waiting()
                async with asyncio.TaskGroup() as work:
                    for task in (self.worker, self.catalog, self.admins):
                        work.create_task(task.run())
                    work.create_task(intake.poll())
                    work.create_task(self._register())
                    work.create_task(self._prune())
            finally:
                await self.delivery.close()
                for lasting in (delivering, dropping, noting):
                    lasting.cancel()

    def _intake(self, me: User) -> Intake:
        dispatcher = Dispatcher(
            disable_fsm=True,  # its storage keeps a record per user
            me=me,
            settings=self.settings,
            chats=self.chats,
            turns=self.turns,
            accesses=self.accesses,
            catalog=self.catalog,
            admins=self.admins,
        )
        dispatcher.update.outer_middleware(PostReturned(self.seen.met, self.updates, self.outbox))
        access = Access(self.settings, self.accesses)
        dispatcher.include_router(router(access, LoadChat(self.settings, self.chats, self.catalog)))
        return Intake(self.bot, dispatcher, self.outbox, self.settings, self.clock)

    async def _drop_webhook(self, tried: asyncio.Event) -> None:
        """Remove a webhook that somebody left, without losing what waits; long polling is refused beside one.

        `tried` is set after the first try: not every server knows the method, and the others may be slow.
        """
        said_at = float("-inf")
        while True:
            try:
                await self.bot(DeleteWebhook(drop_pending_updates=False))
                return
            except (TelegramAPIError, ClientDecodeError) as error:
                if self.clock.now() >= said_at + SAY_S:
                    said_at = self.clock.now()
                    log.warning("webhook not removed error=%s", type(error).__name__)
                if not isinstance(error, TelegramRetryAfter) and not is_outage(error):
                    return
            finally:
                tried.set()
            await self.clock.sleep(REPEAT_S)

    async def _register(self) -> None:
        """Register the command menus; a server that does not know them costs nothing but the menus."""
        admins = sorted({*self.settings.admins, *await self.accesses.owners()})
        for method in menus(self.settings.language, admins):
            try:
                await self.bot(method)
            except (TelegramAPIError, ClientDecodeError) as error:
                log.info("menu not registered error=%s", type(error).__name__)

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
                "mend: /setprivacy at @BotFather (or make it an admin), then remove it from the group and add it again"
            )
        return me

    async def _recall(self) -> None:
        """Take up what earlier runs learned: refusals, and which message ids are in use."""
        learned = [Penalty(row.telegram_id, row.paused_until, row.rate) for row in await self.peers.learned()]
        self.budget.restore(learned, self.clock.now(), self.clock.wall())
        self.seen.recall(await self.parts.highest())

    async def _get_me(self) -> User:
        said_at = float("-inf")
        while True:
            try:
                return await self.bot(GetMe())
            except (TelegramUnauthorizedError, TelegramNotFound):
                expected = "a token that Telegram knows; @BotFather shows it (/mybots)"
                raise ConfigurationError("BOT_TOKEN", f"{self.bot.id}:…", expected) from None
            except (TelegramAPIError, ClientDecodeError) as error:
                if self.clock.now() >= said_at + SAY_S:
                    said_at = self.clock.now()
                    log.warning("Telegram cannot be reached, trying on: %s", type(error).__name__)
                await self.clock.sleep(REPEAT_S)

    async def _prune(self) -> None:
        """Forget what is too old to matter, now and then."""
        while True:
            await self.updates.prune()
            await self.notices.prune()
            await self.clock.sleep(PRUNE_S)


@asynccontextmanager
async def build(
    settings: Settings, *, play: bool = False, apart: bool = False, clock: Clock | None = None
) -> AsyncIterator[App]:
    """Make all objects, and close them at the end; `apart`: have a child bring the schema up, which saves memory.

    Raises ConfigurationError, Locked, NewerDatabaseError, sqlalchemy.exc.DBAPIError.
    """
    clock = clock or Clock()
    settings.require_token()
    async with AsyncExitStack() as stack:
        file = database_file(settings.database_url)
        try:
            if file:
                stack.enter_context(lock(file))
            sessions = await stack.enter_async_context(open_database(settings.database_url, apart=apart))
        except OSError as error:
            expected = f"a file that can be made and written ({error.strerror})"
            raise ConfigurationError("DATABASE_URL", str(file), expected) from error
        http = await stack.enter_async_context(make_http(settings))
        providers = make_providers(settings, http, play=play)
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        bot = make_bot(settings)
        stack.push_async_callback(bot.session.close)
        chats, turns, parts = Chats(sessions, clock), Turns(sessions, clock), Parts(sessions, clock)
        notices, peers, updates = Notices(sessions, clock), Peers(sessions, clock), Updates(sessions, clock)
        catalog = Catalog(providers, default_provider(settings, providers, play=play), clock)
        budget = Budget(_limits(settings), clock.now())
        seen = Seen(parts, clock)
        delivery = Delivery(bot, budget, seen=seen, notices=notices, peers=peers, clock=clock)
        responder = Responder(
            catalog=catalog,
            chats=chats,
            turns=turns,
            parts=parts,
            delivery=delivery,
            search=Search(delivery, parts),
            clock=clock,
            timeouts=Timeouts(settings.first_token_timeout, settings.token_timeout),
            system_prompt=settings.system_prompt,
            max_answer=settings.max_answer,
            max_parts=settings.max_parts,
            drafts=settings.stream_mode is not StreamMode.EDIT,
        )
        accesses = Accesses(sessions, clock)
        yield App(
            settings=settings,
            clock=clock,
            bot=bot,
            catalog=catalog,
            accesses=accesses,
            admins=Admins(bot, accesses, clock),
            chats=chats,
            turns=turns,
            parts=parts,
            peers=peers,
            notices=notices,
            updates=updates,
            budget=budget,
            seen=seen,
            delivery=delivery,
            outbox=Outbox(delivery, updates, notices),
            worker=Worker(turns, responder, max_turns=settings.max_turns, providers=len(providers)),
        )


def _first(errors: BaseExceptionGroup) -> BaseException:
    """Return the first of several errors, out of all groups: the others came of the end that it made."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def make_bot(settings: Settings) -> Bot:
    """Make the client of the Bot API server that is configured. Raises ConfigurationError."""
    proxy = settings.telegram_proxy.get_secret_value() if settings.telegram_proxy else None
    if proxy:  # the client knows only socks5, and lets the proxy look names up, which is what socks5h means
        proxy = proxy.replace("socks5h://", "socks5://", 1)
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    return Bot(
        settings.require_token(), session=Session(proxy=proxy, api=api, timeout=TELEGRAM_TIMEOUT_S, limit=CONNECTIONS)
    )


def make_http(settings: Settings) -> Http:
    """Make the client that all providers share."""
    proxy = settings.provider_proxy.get_secret_value() if settings.provider_proxy else None
    return Http(proxy=proxy, connect_timeout_s=settings.connect_timeout, silence_timeout_s=None)  # bot.stream limits it


def make_providers(settings: Settings, http: Http, *, play: bool = False) -> dict[str, AsyncGeneratorProvider]:
    """Make all providers that are configured. Raises ConfigurationError."""
    file = _providers_file(settings)
    return load(http, clock=Clock(), random=Random(), providers_file=file, demo=settings.demo_provider, play=play)


def secrets_of(settings: Settings) -> list[str]:
    """Return what no log may show: token, keys, proxies and their passwords. Raises ConfigurationError."""
    proxies = [proxy.get_secret_value() for proxy in (settings.telegram_proxy, settings.provider_proxy) if proxy]
    passwords = [urlsplit(proxy).password or "" for proxy in proxies]
    keys = provider_secrets(providers_file=_providers_file(settings))
    return [settings.bot_token.get_secret_value(), *proxies, *passwords, *keys]


def default_provider(settings: Settings, providers: Mapping[str, AsyncGeneratorProvider], *, play: bool = False) -> str:
    """Return the id of a new chat's provider. Raises ConfigurationError."""
    first = next(iter(providers), "")
    if not first:
        raise ConfigurationError("DEMO_PROVIDER", settings.demo_provider, "auto or on where no provider is configured")
    if play or settings.default_provider is None:
        return first
    if settings.default_provider not in providers:
        expected = f"one of the providers that are configured: {', '.join(providers)}"
        raise ConfigurationError("DEFAULT_PROVIDER", settings.default_provider, expected)
    return settings.default_provider


def _providers_file(settings: Settings) -> Path | None:
    return settings.providers_file or (PROVIDERS_FILE if PROVIDERS_FILE.is_file() else None)


def _limits(settings: Settings) -> Limits:
    return Limits(
        chat_rate=settings.chat_rate,
        chat_burst=settings.chat_burst,
        group_rate=settings.group_rate,
        group_burst=settings.group_burst,
        bot_rate=settings.bot_rate,
    )
