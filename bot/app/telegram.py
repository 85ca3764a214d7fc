"""Telegram: the client of its server, the webhook, and what every call waits for."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, SendDocument, SendMessage
from aiogram.types import Message, Update

from bot.app.rows import Rows
from bot.clock import Clock
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.ledger import Ledger
from bot.delivery.budget.memory import Memory
from bot.delivery.delivery import Delivery
from bot.delivery.pace.streams import Streams
from bot.delivery.seen import Seen
from bot.delivery.server.gate import Gate
from bot.delivery.server.session import Session
from bot.intake.updates.hook import Hook
from bot.intake.updates.poll import ALLOWED_UPDATES
from bot.members.lease import Lease
from bot.process import log as logs
from bot.reply.recovery.confessed import Confessed
from bot.settings import Settings
from bot.storage.engine.database import CALLS, HOOK, Sessions
from bot.storage.ownership.late_calls import LateCalls
from bot.tally import Tally

TELEGRAM_TIMEOUT_S = 60.0
CONNECTIONS = 1_000  # calls that hang must not keep others waiting
# 10 to 150 ms each. A message first: pydantic takes what is built into what holds it, 2 MB less than the other way.
READY = (Message, Update, SendMessage, EditMessageText, EditMessageReplyMarkup, SendDocument)


@dataclass(frozen=True, slots=True)
class Calls:
    """What every call goes through, and what is remembered of those that were made."""

    delivery: Delivery
    budget: Budget
    memory: Memory
    seen: Seen


def make_types() -> None:
    """Have aiogram's types that are used soonest built now, and not while people wait."""
    for model in READY:
        model.model_rebuild()


def make_bot(
    settings: Settings, tally: Tally | None = None, clock: Clock | None = None, lease: Lease | None = None
) -> Bot:
    """Make the client of the Bot API server that is configured. Raises ConfigurationError."""
    proxy = settings.telegram_proxy.get_secret_value() if settings.telegram_proxy else None
    if proxy:  # the client knows only socks5, and lets the proxy look names up, which is what socks5h means
        proxy = proxy.replace("socks5h://", "socks5://", 1)
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    return Bot(
        settings.require_token(),
        session=Session(
            tally=tally,
            clock=clock,
            gate=Gate(lease) if lease else None,
            proxy=proxy,
            api=api,
            timeout=TELEGRAM_TIMEOUT_S,
            limit=CONNECTIONS,
        ),
    )


def make_hook(
    settings: Settings, bot: Bot, place: Path, tally: Tally, clock: Clock, *, shared: bool = False
) -> Hook | None:
    """Make what keeps the webhook where it is wished; None where updates are polled.

    `shared`: by processes that see no file of each other; where none is given, their secret is made of the token.
    """
    if settings.webhook_url is None:
        return None
    made = hmac.new(bot.token.encode(), b"webhook", hashlib.sha256).hexdigest() if shared else None
    hook = Hook(
        bot,
        f"{settings.webhook_url}/telegram/{bot.id}",
        settings.webhook_secret.get_secret_value() if settings.webhook_secret else made,
        kinds=ALLOWED_UPDATES,
        file=place.with_name(f"{place.name}{HOOK}"),
        tally=tally,
        clock=clock,
    )
    logs.hide([hook.secret])
    return hook


def make_confessed(sessions: Sessions, rows: Rows, calls: Calls, lease: Lease, clock: Clock) -> Confessed:
    """Make what mends that which a former owner of the bot confesses to."""
    late_calls = LateCalls(sessions, lease.fence.bot_id, clock)
    return Confessed(calls.delivery, rows.parts, late_calls, lease.late, clock)


@contextmanager
def make_delivery(
    settings: Settings, bot: Bot, rows: Rows, place: Path, clock: Clock, lease: Lease | None = None
) -> Iterator[Calls]:
    """Make what all calls go through; each is noted in a file beside `place`, which is closed at the end.

    Where others had the bot before, what they noted counts, and what they may have called where they could not tell it.
    """
    file, former = place.with_name(f"{place.name}{CALLS}"), lease.former if lease else None
    ago_s, left = (former.ago_s, former.calls) if former else (None, None)
    ledger = Ledger(file, clock, left=left, ago_s=ago_s or 0.0)
    if lease:
        lease.noted = ledger.left
    try:
        budget = Budget(_limits(settings), clock.now(), ledger.note)
        streams, seen = Streams(ledger.note), Seen(rows.parts, clock)
        unknown_until_s = ago_s if left is None else None
        memory = Memory(budget, streams.recall, rows.peers, ledger, clock, unknown_until_s=unknown_until_s)
        delivery = Delivery(
            bot, budget, streams, memory=memory, seen=seen, parts=rows.parts, notices=rows.notices, clock=clock
        )
        yield Calls(delivery, budget, memory, seen)
    finally:
        ledger.close()


def _limits(settings: Settings) -> Limits:
    return Limits(
        chat_rate=settings.chat_rate,
        chat_burst=settings.chat_burst,
        group_rate=settings.group_rate,
        group_burst=settings.group_burst,
        bot_rate=settings.bot_rate,
        bot_ceiling=settings.bot_rate_ceiling or 0.0,
    )
