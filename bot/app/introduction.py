"""The introduction: what the bot and Telegram's server say to each other at a start."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe, SetMyCommands
from aiogram.types import User

from bot.app.profile import fill
from bot.catalog.catalog import Catalog
from bot.clock import Clock, Seldom
from bot.delivery.refusal import is_foreign, is_outage
from bot.delivery.server.server import DENIALS
from bot.intake.handlers.menu import menus, seen_by_all
from bot.settings import AccessMode, ConfigurationError, Settings
from bot.storage.people.access import Accesses
from providers.wire.unreached import cause_of

log = logging.getLogger(__name__)

REPEAT_S = 2.0  # between two tries to reach Telegram
NO_SERVER = "this is no Bot API server, trying again, look at TELEGRAM_API_URL"
DENIED_S = 1.0  # between two answers that nobody knows the token


class Introduction:
    """Asks who we are, and says what we can."""

    def __init__(
        self,
        bot: Bot,
        settings: Settings,
        accesses: Accesses,
        catalog: Catalog,
        personas: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._accesses = accesses
        self._catalog = catalog
        self._personas = personas
        self._clock = clock
        self._made = asyncio.Event()

    async def check(self) -> None:
        """Raise ForeignDatabaseError where the database is another bot's, before Telegram hears of us."""
        await self._accesses.check(self._bot.id)

    async def make(self) -> User:
        """Ask Telegram who we are, as long as it takes; claim the database; say how to come in.

        Raises ConfigurationError, ForeignDatabaseError.
        """
        me = await self._get_me()
        if me.id != self._bot.id:
            raise ConfigurationError("BOT_TOKEN", "", f"the token of the bot {me.id}")
        pairing = self._settings.access is AccessMode.PAIRING and not self._settings.admins
        code = await self._accesses.identify(me.id, secrets.token_urlsafe(12) if pairing else None)
        log.info(
            "running bot=@%s id=%s access=%s stream=%s providers=%s",
            me.username,
            me.id,
            self._settings.access,
            self._settings.stream_mode,
            ",".join(self._catalog.ids),
        )
        if code:
            link = f"https://t.me/{me.username}?start={code}"
            log.warning("the bot belongs to nobody yet: open %s to become its owner", link)
        if not me.can_read_all_group_messages:
            log.info(
                "privacy mode is on: in groups the bot gets only commands and replies to it, no mentions; "
                "to change that: /setprivacy at @BotFather (or make it an admin), then remove it and add it again"
            )
        self._made.set()
        return me

    async def drop_webhook(self, tried: asyncio.Event) -> None:
        """Remove a webhook that somebody left, without losing what waits; long polling is refused beside one.

        It is asked beside who we are; where it fails, once more when that is known, and only then told. `tried` is set
        after that one: not every server knows the method, and the others may be slow.
        """
        seldom = Seldom(self._clock)
        with suppress(TelegramAPIError, ClientDecodeError):
            await self._bot(DeleteWebhook(drop_pending_updates=False))
            tried.set()
            return
        await self._made.wait()
        while True:
            try:
                await self._bot(DeleteWebhook(drop_pending_updates=False))
                return
            except (TelegramAPIError, ClientDecodeError) as error:
                if seldom.due("webhook"):
                    log.warning("webhook not removed error=%s", type(error).__name__)
                if not isinstance(error, TelegramRetryAfter) and not is_outage(error):
                    return
            finally:
                tried.set()
            await self._clock.sleep(REPEAT_S)

    async def register(self) -> None:
        """Register the command menus and fill the profile; a server that does not know them lacks just these."""
        admins = sorted({*self._settings.admins, *await self._accesses.owners()})
        for method in menus(self._settings.language, admins, has_roles=bool(self._personas)):
            await register(self._bot, method)
        await fill(self._bot, self._settings.language)

    async def _get_me(self) -> User:
        """Ask who we are; one answer that nobody knows us may be a gateway's, or of a server that only starts."""
        seldom, denials = Seldom(self._clock), 0
        while True:
            try:
                return await self._bot(GetMe())
            except (TelegramUnauthorizedError, TelegramNotFound):
                denials += 1
                if denials == DENIALS:
                    expected = "a token that Telegram knows; @BotFather shows it (/mybots)"
                    raise ConfigurationError("BOT_TOKEN", f"{self._bot.id}:…", expected) from None
                await self._clock.sleep(DENIED_S)
            except (TelegramAPIError, ClientDecodeError) as error:
                denials = 0
                if seldom.due("unreachable"):
                    what = NO_SERVER if is_foreign(error) else "Telegram cannot be reached, trying again"
                    log.warning("%s: %s", what, cause_of(error))
                await self._clock.sleep(REPEAT_S)


async def register(bot: Bot, menu: SetMyCommands) -> None:
    """Register a menu; where its commands that others do not see are refused (before Bot API 10.2), as seen by all."""
    try:
        try:
            await bot(menu)
        except TelegramBadRequest:
            if (plain := seen_by_all(menu)) is None:
                raise
            await bot(plain)
    except (TelegramAPIError, ClientDecodeError) as error:
        log.info("menu not registered error=%s", type(error).__name__)
