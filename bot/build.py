"""Build the bot: the only place that makes objects and wires them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, SendDocument, SendMessage
from aiogram.types import Message, Update

from bot import log as logs
from bot.app import App
from bot.catalog import Catalog
from bot.chart import Chart
from bot.clock import Clock
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.ledger import Ledger
from bot.delivery.budget.memory import Memory
from bot.delivery.delivery import Delivery
from bot.delivery.pace.streams import Streams
from bot.delivery.seen import Seen
from bot.delivery.server.session import Session
from bot.intake.admins import Admins
from bot.intake.exports import Exports
from bot.intake.hook import Hook
from bot.intake.outbox import Outbox
from bot.intake.poll import ALLOWED_UPDATES
from bot.intake.requests import Requests
from bot.intake.webhook import Webhook
from bot.lock import lock
from bot.personas import Personas, load_personas
from bot.reload import Made, Reload
from bot.reply.late import Late
from bot.reply.naming import Naming
from bot.reply.search import Search
from bot.reply.strays import Strays
from bot.reply.strip import Strip
from bot.report.disk import look
from bot.report.report import Reporter
from bot.report.status import status
from bot.report.talk import telling
from bot.settings import ConfigurationError, Settings
from bot.storage.access import Accesses
from bot.storage.accounts import Accounts
from bot.storage.answers import Answers
from bot.storage.calls import Calls
from bot.storage.census import Census
from bot.storage.chats import Chats
from bot.storage.conversations import Conversations
from bot.storage.database import CALLS, HEALTH, HOOK, SOCKET, beside, database_file, discard, open_database
from bot.storage.files import Files as FileRows
from bot.storage.finds import Finds
from bot.storage.invites import Invites
from bot.storage.lookup import Lookup
from bot.storage.notices import Notices
from bot.storage.orders import Orders
from bot.storage.overheard import Overhearing
from bot.storage.parts import Parts
from bot.storage.patience import patiently
from bot.storage.peers import Peers
from bot.storage.prompts import Prompts
from bot.storage.purge import Purge
from bot.storage.removals import Removals
from bot.storage.replies import Replies
from bot.storage.shelf import FOLDER, Shelf
from bot.storage.signals import Signals
from bot.storage.stops import Stops
from bot.storage.taking import Taking
from bot.storage.topics import Topics
from bot.storage.trees import Trees
from bot.storage.updates import Updates
from bot.storage.watch import Watch
from bot.tally import Tally
from bot.tools.apart import Apart
from bot.tools.builtin import builtin
from bot.tools.file import ToolSettings, load_tools
from bot.tools.server import Server
from bot.tools.toolbox import Toolbox
from bot.tools.web import Web
from bot.work.answering import Answering
from bot.work.answering import Limits as AnswerLimits
from bot.work.asking import Asking
from bot.work.calling import Calling
from bot.work.download import Download
from bot.work.extraction import Extraction
from bot.work.files import Files
from bot.work.hearing import Hearing
from bot.work.serving import Serving
from bot.work.voice import Voice
from bot.work.worker import Worker
from providers.base import AsyncGeneratorProvider
from providers.health import Health
from providers.images import Pictures
from providers.patience import Timeouts
from providers.registry import exposed, load, painter, speaker, transcriber
from providers.registry import secrets as provider_secrets
from providers.speech import Speaker
from providers.transcription import Transcriber
from providers.wire.http import Http

TELEGRAM_TIMEOUT_S = 60.0
READY = (Update, Message, SendMessage, EditMessageText, EditMessageReplyMarkup, SendDocument)  # 10 to 150 ms each
CONNECTIONS = 1_000  # calls that hang must not keep others waiting
PROVIDERS_FILE = Path("providers.toml")
PERSONAS_FILE = Path("personas.toml")
TOOLS_FILE = Path("tools.toml")


@asynccontextmanager
async def build(
    settings: Settings, *, play: bool = False, fresh: bool = False, apart: bool = False, clock: Clock | None = None
) -> AsyncIterator[App]:
    """Make all objects, and close them at the end.

    `fresh`: on a new database in place of the one that is there; `apart`: have a child bring the schema up, which
    saves memory.
    Raises ConfigurationError, Locked, DatabaseTaken, NewerDatabaseError, DatabaseDamaged, Unusable,
    sqlalchemy.exc.DBAPIError.
    """
    clock = clock or Clock()
    for model in READY:  # now, and not while people wait
        model.model_rebuild()
    settings.require_token()
    personas = Personas(personas_of(settings))
    async with AsyncExitStack() as stack:
        file, place = database_file(settings.database_url), beside(settings.database_url)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if file:
                await patiently(partial(_hold, stack, file), clock, "lock")
            if file and fresh:  # now that it is ours: it may have been that of a bot that runs
                discard(file)
            sessions = await stack.enter_async_context(
                open_database(settings.database_url, apart=apart, alone=True, clock=clock)
            )
        except OSError as error:
            expected = f"a file that can be made and written ({error.strerror})"
            raise ConfigurationError("DATABASE_URL", str(error.filename or place), expected) from error
        http = await stack.enter_async_context(make_http(settings))
        health = Health(clock, Random())
        chart = Chart(place.with_name(f"{place.name}{HEALTH}"), health, clock)
        chart.recall()
        providers = make_providers(settings, http, play=play, health=health)
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        tally = Tally()
        bot = make_bot(settings, tally, clock)
        stack.push_async_callback(bot.session.close)
        signals, chats = Signals(), Chats(sessions, clock)
        prompts, answers = Prompts(sessions, clock, signals), Answers(sessions, clock, signals)
        replies, parts = Replies(sessions, clock, signals), Parts(sessions, clock, signals)
        conversations = Conversations(sessions, clock, signals)
        stops, orders = Stops(sessions, clock, signals), Orders(sessions, clock, signals)
        notices, peers, updates = Notices(sessions, clock), Peers(sessions, clock), Updates(sessions, clock)
        drawing = make_painter(settings, http, clock)
        catalog = Catalog(providers, default_provider(settings, providers), clock, health, drawing)
        listening = make_transcriber(settings, http, clock)
        files = Files(
            FileRows(sessions, clock),
            Shelf(place.with_name(f"{place.name}{FOLDER}")),
            Download(bot, clock),
            Extraction(),
            Hearing(listening),
            clock,
        )
        speaking = make_speaker(settings, http, clock)
        voice = Voice(speaking, files)

        def remake() -> Made:
            made = make_providers(settings, http, play=play, health=health)
            for provider in made.values():
                stack.push_async_callback(provider.close)
            return Made(
                made,
                default_provider(settings, made),
                secrets_of(settings),
                make_transcriber(settings, http, clock),
                make_painter(settings, http, clock),
                make_speaker(settings, http, clock),
                personas_of(settings),
            )

        calls = Calls(sessions, clock, signals)
        configured = tools_of(settings)
        toolbox = make_toolbox(configured, clock)
        ledger = Ledger(place.with_name(f"{place.name}{CALLS}"), clock)
        stack.callback(ledger.close)
        budget = Budget(_limits(settings), clock.now(), ledger.note)
        streams, seen = Streams(ledger.note), Seen(parts, clock)
        memory = Memory(budget, streams.recall, peers, ledger, clock)
        delivery = Delivery(bot, budget, streams, memory=memory, seen=seen, parts=parts, notices=notices, clock=clock)
        answering = Answering(
            catalog=catalog,
            chats=chats,
            answers=answers,
            replies=replies,
            parts=parts,
            delivery=delivery,
            search=Search(delivery, parts),
            files=files,
            voice=voice,
            calling=Calling(
                toolbox, calls, Asking(calls, delivery.postbox.post, signals, clock), clock, configured.limits
            ),
            clock=clock,
            limits=_answer_limits(settings, personas),
            tally=tally,
        )
        accesses = Accesses(sessions, clock)
        admins = Admins(bot, accesses, clock)
        hook = make_hook(settings, bot, place, tally, clock)
        webhook = Webhook(bot.id, hook.secret, tally, clock) if hook else None
        reporter = Reporter(
            tally,
            Census(sessions),
            catalog,
            lambda: delivery.waiting,
            partial(look, place, file),
            intake="webhook" if hook else "polling",
            clock=clock,
        )
        outbox = Outbox(delivery.postbox, Taking(sessions, clock, signals), notices, admins.want)
        yield App(
            settings=settings,
            clock=clock,
            bot=bot,
            catalog=catalog,
            chart=chart,
            personas=personas,
            accesses=accesses,
            accounts=Accounts(sessions, clock),
            invites=Invites(sessions, clock, accesses),
            removals=Removals(sessions, clock, signals),
            overhearing=Overhearing(sessions, clock, signals, chats),
            admins=admins,
            chats=chats,
            lookup=Lookup(sessions, clock),
            prompts=prompts,
            conversations=conversations,
            finds=Finds(sessions, clock),
            exports=Exports(conversations, Trees(sessions, clock), delivery.postbox),
            purge=Purge(sessions, clock, signals, keep_days=settings.keep_days),
            answers=answers,
            calls=calls,
            toolbox=toolbox,
            stops=stops,
            orders=orders,
            parts=parts,
            notices=notices,
            updates=updates,
            memory=memory,
            seen=seen,
            delivery=delivery,
            files=files,
            late=Late(
                delivery=delivery,
                parts=parts,
                replies=replies,
                signals=signals,
                clock=clock,
                max_parts=settings.max_parts,
            ),
            watch=Watch(file, clock),
            strays=Strays(delivery, parts, answers, signals, clock),
            strip=Strip(delivery, parts, signals),
            naming=Naming(delivery, Topics(sessions, clock), signals),
            outbox=outbox,
            requests=Requests(settings, accesses, outbox, clock),
            worker=Worker(
                answers,
                replies,
                signals,
                answering,
                max_turns=settings.max_turns,
                providers=len(providers),
                clock=clock,
            ),
            serving=Serving(orders, chats, delivery, voice, signals, clock),
            reload=Reload(catalog, listening, speaking, personas, remake, logs.hide),
            reporter=reporter,
            hook=hook,
            webhook=webhook,
            doors=partial(_doors, settings, place, bot.id, webhook),
        )


async def _hold(stack: AsyncExitStack, file: Path) -> None:
    stack.enter_context(lock(file))


@asynccontextmanager
async def _doors(
    settings: Settings, place: Path, bot_id: int, webhook: Webhook | None, reporter: Reporter
) -> AsyncIterator[None]:
    """Open the ports that are wished, and the socket that `status` asks at. Raises ConfigurationError."""

    async def tell() -> dict[str, object]:
        return status(await reporter.report(), reporter.tally, logs.last())

    async with AsyncExitStack() as stack:
        if webhook or settings.metrics_port is not None:
            from bot.report.server import serving  # who has no port does not pay for a web server

            answer = webhook.answer if webhook else None
            await stack.enter_async_context(serving(settings, reporter, bot_id, answer))
        await stack.enter_async_context(telling(socket_of(place), tell))
        yield


def socket_of(place: Path) -> Path:
    """Return where the bot that runs on a database is asked how it fares; the file itself counts, not a link to it."""
    real = place.resolve()
    return real.with_name(f"{real.name}{SOCKET}")


def make_hook(settings: Settings, bot: Bot, place: Path, tally: Tally, clock: Clock) -> Hook | None:
    """Make what keeps the webhook where it is wished; None where updates are polled."""
    if settings.webhook_url is None:
        return None
    hook = Hook(
        bot,
        f"{settings.webhook_url}/telegram/{bot.id}",
        settings.webhook_secret.get_secret_value() if settings.webhook_secret else None,
        kinds=ALLOWED_UPDATES,
        file=place.with_name(f"{place.name}{HOOK}"),
        tally=tally,
        clock=clock,
    )
    logs.hide([hook.secret])
    return hook


def make_bot(settings: Settings, tally: Tally | None = None, clock: Clock | None = None) -> Bot:
    """Make the client of the Bot API server that is configured. Raises ConfigurationError."""
    proxy = settings.telegram_proxy.get_secret_value() if settings.telegram_proxy else None
    if proxy:  # the client knows only socks5, and lets the proxy look names up, which is what socks5h means
        proxy = proxy.replace("socks5h://", "socks5://", 1)
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    return Bot(
        settings.require_token(),
        session=Session(tally=tally, clock=clock, proxy=proxy, api=api, timeout=TELEGRAM_TIMEOUT_S, limit=CONNECTIONS),
    )


def make_http(settings: Settings) -> Http:
    """Make the client that all providers share."""
    proxy = settings.provider_proxy.get_secret_value() if settings.provider_proxy else None
    return Http(proxy=proxy, connect_timeout_s=settings.connect_timeout, silence_timeout_s=None)  # bot.stream limits it


def make_providers(
    settings: Settings, http: Http, *, play: bool = False, health: Health | None = None
) -> dict[str, AsyncGeneratorProvider]:
    """Make all providers that are configured; `health`: what is known of how they fare. Raises ConfigurationError."""
    return load(
        http,
        clock=Clock(),
        random=Random(),
        providers_file=_providers_file(settings),
        demo=settings.demo_provider,
        play=play,
        health=health,
    )


def make_transcriber(settings: Settings, http: Http, clock: Clock) -> Transcriber:
    """Make what writes down recordings, as far as a service does. Raises ConfigurationError."""
    file = _providers_file(settings)
    return transcriber(http, clock=clock, silence_s=settings.first_token_timeout, providers_file=file)


def make_painter(settings: Settings, http: Http, clock: Clock) -> Pictures:
    """Make what makes pictures, as far as a service does. Raises ConfigurationError."""
    return painter(http, clock=clock, providers_file=_providers_file(settings))


def make_speaker(settings: Settings, http: Http, clock: Clock) -> Speaker:
    """Make what reads aloud, as far as a service does. Raises ConfigurationError."""
    return speaker(http, clock=clock, providers_file=_providers_file(settings))


def secrets_of(settings: Settings) -> list[str]:
    """Return what no log may show: token, keys, proxies and their passwords. Raises ConfigurationError."""
    proxies = [proxy.get_secret_value() for proxy in (settings.telegram_proxy, settings.provider_proxy) if proxy]
    passwords = [urlsplit(address).password or "" for address in (*proxies, settings.database_url)]
    hooks = [settings.webhook_secret.get_secret_value()] if settings.webhook_secret else []
    keys = provider_secrets(providers_file=_providers_file(settings))
    return [settings.bot_token.get_secret_value(), *proxies, *passwords, *keys, *hooks, *tools_of(settings).secrets]


def exposed_keys(settings: Settings) -> dict[str, str]:
    """Return the addresses to which a key goes unencrypted, by the provider's id. Raises ConfigurationError."""
    return exposed(providers_file=_providers_file(settings))


def default_provider(settings: Settings, providers: Mapping[str, AsyncGeneratorProvider]) -> str:
    """Return the id of a new chat's provider. Raises ConfigurationError."""
    first = next(iter(providers), "")
    if not first:
        raise ConfigurationError("DEMO_PROVIDER", settings.demo_provider, "auto or on where no provider is configured")
    if settings.default_provider is None:
        return first
    if settings.default_provider not in providers:
        expected = f"one of the providers that are configured: {', '.join(providers)}"
        raise ConfigurationError("DEFAULT_PROVIDER", settings.default_provider, expected)
    return settings.default_provider


def _providers_file(settings: Settings) -> Path | None:
    return settings.providers_file or (PROVIDERS_FILE if PROVIDERS_FILE.is_file() else None)


def personas_of(settings: Settings) -> Mapping[str, str]:
    """Return the personas that are configured. Raises ConfigurationError."""
    return load_personas(settings.personas_file or (PERSONAS_FILE if PERSONAS_FILE.is_file() else None))


def tools_of(settings: Settings) -> ToolSettings:
    """Return what is configured of tools. Raises ConfigurationError."""
    return load_tools(settings.tools_file or (TOOLS_FILE if TOOLS_FILE.is_file() else None))


def make_toolbox(settings: ToolSettings, clock: Clock) -> Toolbox:
    """Make the tools that models are offered."""
    own = [offer for offer in builtin(clock) if offer.tool.name in settings.builtin]
    servers = [Server(each, clock) for each in settings.servers]
    return Toolbox(own, Web(settings.web, Apart()).offers, servers)


def _answer_limits(settings: Settings, personas: Mapping[str, str]) -> AnswerLimits:
    return AnswerLimits(
        timeouts=Timeouts(settings.first_token_timeout, settings.token_timeout),
        max_answer=settings.max_answer,
        max_parts=settings.max_parts,
        system_prompt=settings.system_prompt,
        drafts=settings.stream_mode,
        personas=personas,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        chat_rate=settings.chat_rate,
        chat_burst=settings.chat_burst,
        group_rate=settings.group_rate,
        group_burst=settings.group_burst,
        bot_rate=settings.bot_rate,
        bot_ceiling=settings.bot_rate_ceiling or 0.0,
    )
