"""Telegram: the client of its server, the webhook, and what every call waits for."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, SendDocument, SendMessage
from aiogram.types import Message, Update

from bot.app.rows import Rows
from bot.clock import Clock, Lull
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
from bot.intake.updates.postman import Fetch, Letterbox, Postman
from bot.members.lease import Lease
from bot.process import log as logs
from bot.reply.recovery.confessed import Confessed
from bot.report.certificate import shown_to_telegram
from bot.settings import Settings
from bot.storage.engine.database import CALLS, HOOK, Sessions, create_engine, database_file
from bot.storage.engine.server import OF_OWNERS, Hold
from bot.storage.ownership.late_calls import LateCalls
from bot.storage.ownership.members import Former
from bot.storage.ownership.posts import Posts, PostsOfBot
from bot.tally import Tally

TELEGRAM_TIMEOUT_S = 60.0
SENT_S = 0.005  # takes a call to where it waits for the server
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


async def make_types(clock: Clock) -> None:
    """Have aiogram's types that are used soonest built now: while calls are on their way, and not while people wait."""
    for model in READY:
        await clock.sleep(SENT_S)
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
    settings: Settings,
    bot: Bot,
    place: Path,
    tally: Tally,
    clock: Clock,
    *,
    lull: Lull,
    others: set[Hook],
    shared: bool = False,
) -> Hook | None:
    """Make what keeps the webhook where it is wished; None where updates are polled.

    `shared`: by processes that see no file of each other.
    """
    if settings.webhook_url is None:
        return None
    hook = Hook(
        bot,
        f"{settings.webhook_url}/telegram/{bot.id}",
        _shared_secret(settings) if shared else _own_secret(settings),
        kinds=ALLOWED_UPDATES,
        certificate=shown_to_telegram(settings.webhook_certificate) if settings.webhook_certificate else "",
        file=place.with_name(f"{place.name}{HOOK}"),
        others=others,
        lull=lull,
        tally=tally,
        clock=clock,
    )
    logs.hide([hook.secret])
    return hook


def make_postman(stack: AsyncExitStack, url: str, clock: Clock) -> Postman | None:
    """Make who takes the posts where several processes may share a bot; None on a file."""
    if database_file(url):
        return None
    engine = create_engine(url, hold=Hold.TOGETHER, clock=clock, settings=OF_OWNERS)
    stack.push_async_callback(engine.dispose)
    return Postman(Posts(engine), clock)


def make_letterbox(settings: Settings, postman: Postman | None) -> Letterbox | None:
    """Return where the posts of a bot come in that several processes share; None where there is no webhook."""
    if postman is None or settings.webhook_url is None:
        return None
    bot_id = int(settings.require_token().partition(":")[0])
    secret = _shared_secret(settings)
    logs.hide([secret])
    return postman.letterbox(bot_id, secret)


def _own_secret(settings: Settings) -> str | None:
    return settings.webhook_secret.get_secret_value() if settings.webhook_secret else None


def _shared_secret(settings: Settings) -> str:
    """Return what all processes of a bot know: where no secret is given, one that is made of the token."""
    token = settings.bot_token.get_secret_value()
    return _own_secret(settings) or hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


def make_fetch(
    settings: Settings, sessions: Sessions, lease: Lease, postman: Postman | None, tally: Tally, clock: Clock
) -> Fetch:
    """Make what brings the posts into the rows that any process took for a bot that is ours."""
    bot_id = lease.fence.bot_id
    if letterbox := make_letterbox(settings, postman):
        tally.posts = letterbox.posts
    arrived = postman.arrived[bot_id] if postman else asyncio.Event()
    return Fetch(PostsOfBot(sessions, bot_id, clock), arrived, tally)


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
        if lease and left is not None and ledger.is_recalled:
            lease.former = Former(ago_s=None)  # the file has it by now, and what was called since
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
