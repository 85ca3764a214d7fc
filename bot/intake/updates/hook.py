"""Hook: where Telegram is to send updates, kept as wished; whoever changes it elsewhere is overruled.

Telegram tells all about a webhook but its secret. What was last set is therefore kept in a file beside the database,
for our user only, together with what Telegram made of it: setWebhook is called only where something differs from that.
"""

import asyncio
import json
import logging
import os
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramBadRequest, TelegramRetryAfter
from aiogram.methods import GetWebhookInfo, SetWebhook
from aiogram.types import BufferedInputFile, WebhookInfo

from bot.clock import Clock, Lull, Seldom
from bot.settings import ConfigurationError
from bot.tally import Tally

log = logging.getLogger(__name__)

LOOK_S = 60.0  # between two looks whether it still stands
EACH_S = 6.0  # between two looks at any of a process, as long as nobody writes to their bots
REPEAT_S = 2.0  # after a look that failed
ASK_S = 10
MINE = 0o600
MAX_WAIT_S = 3600.0
UNRESOLVED = "resolve"  # "Failed to resolve host": a name server's trouble may pass
REFUSED = "401"  # what Telegram tells of our answers where it uses another secret than ours


@dataclass(frozen=True, slots=True)
class Seen:
    """What Telegram says of a webhook; `kinds`: the updates that it sends, `certificate`: which one it was shown."""

    url: str
    kinds: tuple[str, ...]
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was last set, and what Telegram said of it then."""

    wanted: Seen
    secret: str
    seen: Seen


class Hook:
    """Sets the webhook at the start where it differs, and again whenever it is not ours any more."""

    def __init__(
        self,
        bot: Bot,
        url: str,
        secret: str | None,
        *,
        kinds: list[str],
        certificate: str = "",
        file: Path,
        others: set["Hook"],
        lull: Lull,
        tally: Tally,
        clock: Clock,
    ) -> None:
        """Read what was kept; where no secret is given or kept, make one. Raises nothing.

        `certificate`: PEM that Telegram is shown, as nobody else vouches for it; "" for none.
        `others`: all that are kept by this process now.
        """
        self._bot = bot
        self._file = file
        self._all = others
        self._lull = lull
        self._doubted = asyncio.Event()  # the lull is over, or another one was changed
        self._tally = tally
        self._clock = clock
        self._kept = _read(file)
        self._certificate = certificate
        self._wanted = Seen(url, tuple(sorted(kinds)), certificate and sha256(certificate.encode()).hexdigest())
        self.secret = secret or (self._kept.secret if self._kept else secrets.token_urlsafe(32))
        self._healed = 0  # when Telegram met the refusal for which the webhook was last set
        self._is_set = False  # by this process, or found to stand
        self._seldom = Seldom(clock)

    async def run(self) -> None:
        """Look for ever. Raises ConfigurationError where Telegram does not take the address at the start."""
        self._all.add(self)
        try:
            while True:
                await self._look_or_wait()
        finally:
            self._all.discard(self)

    async def _look_or_wait(self) -> None:
        self._doubted.clear()  # before the look: what becomes doubtful meanwhile may not be in what it is told
        try:
            await self._look()
        except TelegramRetryAfter as error:
            await self._clock.sleep(min(float(error.retry_after), MAX_WAIT_S))
        except TelegramBadRequest as error:
            if not self._is_set and UNRESOLVED not in error.message.casefold():
                expected = f"an address that Telegram takes; it says: {_words(error)}"
                raise ConfigurationError("WEBHOOK_URL", self._wanted.url, expected) from error
            self._tell(error)
            await self._clock.sleep(LOOK_S)
        except (TelegramAPIError, ClientDecodeError) as error:
            self._tell(error)
            await self._clock.sleep(REPEAT_S)
        else:
            await self._rest()

    async def _rest(self) -> None:
        """Wait until the next look is due: where nobody writes to the bot, the more of them the later."""
        looked_at = self._clock.now()
        is_quiet = self._lull.is_on and not self._tally.pending  # else somebody writes, and it does not come through
        seldom_s = max(LOOK_S, EACH_S * len(self._all)) if is_quiet else LOOK_S
        self._tally.unseen_s = seldom_s - LOOK_S
        if await self._lull.wait(self._doubted, LOOK_S, seldom_s):
            await self._clock.sleep(looked_at + LOOK_S - self._clock.now())

    async def _look(self) -> None:
        """Ask what Telegram knows, and set the webhook where that is something else. Raises what the calls do."""
        info = await self._bot(GetWebhookInfo(), request_timeout=ASK_S)
        if self._stands(info):
            self._is_set = True
        else:
            await self._set(info)
        self._tally.pending = info.pending_update_count
        self._tally.updates_well_at = self._clock.now()

    def _stands(self, info: WebhookInfo) -> bool:
        kept = self._kept
        if kept is None or kept.wanted != self._wanted or kept.secret != self.secret or _seen(info) != kept.seen:
            return False
        return not self._is_refused(info)

    def _is_refused(self, info: WebhookInfo) -> bool:
        """Tell whether Telegram has met a refusal of ours since: somebody has set our address with another secret."""
        at = int(info.last_error_date.timestamp()) if info.last_error_date else 0
        if not at or at == self._healed or REFUSED not in (info.last_error_message or ""):
            return False
        self._healed = at
        return True

    async def _set(self, before: WebhookInfo) -> None:
        if self._is_set:
            log.warning("somebody has changed the webhook, it is set again")
            self._tally.hooked_at = self._clock.now()
            for each in self._all - {self}:  # who has one token may have others
                each._doubted.set()
        await self._bot(
            SetWebhook(
                url=self._wanted.url,
                certificate=BufferedInputFile(self._certificate.encode(), "webhook.pem") if self._certificate else None,
                secret_token=self.secret,
                allowed_updates=[*self._wanted.kinds],
                drop_pending_updates=False,
            ),
            request_timeout=ASK_S,
        )
        self._is_set = True
        log.info("webhook set url=%s waiting=%s", self._wanted.url, before.pending_update_count)
        info = await self._bot(GetWebhookInfo(), request_timeout=ASK_S)
        self._kept = Kept(self._wanted, self.secret, _seen(info))
        try:
            _write(self._file, self._kept)
        except OSError as error:  # the next start sets it once more
            log.warning("webhook's secret not kept file=%s error=%s", self._file, error.strerror)

    def _tell(self, error: Exception) -> None:
        if self._seldom.due(type(error).__name__):
            log.warning("webhook not set, trying again error=%s: %s", type(error).__name__, _words(error))


def _words(error: Exception) -> str:
    return " ".join((error.message if isinstance(error, TelegramAPIError) else str(error)).split())[:200]


def _seen(info: WebhookInfo) -> Seen:
    return Seen(info.url, tuple(sorted(info.allowed_updates or ())), "own" if info.has_custom_certificate else "")


def _read(file: Path) -> Kept | None:
    """Return what was kept, None where that is nothing that can be read."""
    try:
        kept: Any = json.loads(file.read_text(encoding="utf-8"))
        wanted, seen = (
            Seen(str(each["url"]), tuple(map(str, each["kinds"])), str(each.get("certificate", "")))
            for each in (kept["wanted"], kept["seen"])
        )
        secret = kept["secret"]
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return None
    return Kept(wanted, secret, seen) if isinstance(secret, str) and secret else None


def _write(file: Path, kept: Kept) -> None:
    """Write it so that whoever reads finds the former or this one, whole. Raises OSError."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MINE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as text:
        json.dump(asdict(kept), text)
        text.flush()
        os.fsync(text.fileno())
    part.replace(file)
