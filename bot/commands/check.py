"""What of the configuration works, what does not, and what to do about it."""

import asyncio
import logging
import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe, SendMessageDraft
from sqlalchemy.exc import DBAPIError

from bot.app.configured import PROVIDERS_FILE, personas_of, tools_of
from bot.app.services import (
    default_provider,
    exposed_keys,
    make_http,
    make_painter,
    make_providers,
    make_speaker,
    make_transcriber,
)
from bot.app.telegram import make_bot
from bot.catalog.chart import Chart
from bot.clock import Clock
from bot.commands.spelling import misspelt
from bot.delivery.refusal import lacks_method
from bot.settings import AccessMode, ConfigurationError, Settings, StreamMode
from bot.storage.engine.database import HEALTH, beside, database_file, files_of, told
from bot.storage.engine.faults import Unusable, is_damaged, reason
from bot.storage.engine.inspection import Inspection, inspect_at
from bot.storage.engine.migration import NewerDatabaseError
from bot.storage.engine.shelf import FOLDER, Shelf
from bot.tools.trial import tried
from bot.work.stream import stream
from providers.base import AsyncGeneratorProvider, Message, ProviderModelMixin, Revised
from providers.blocks import Audio, Block, Document, Image
from providers.care.health import Health
from providers.care.patience import Timeouts
from providers.errors import (
    Blocked,
    EmptyAnswer,
    ModelGone,
    ModelNotSupported,
    NoConnection,
    OnlyThought,
    OutOfCredit,
    ProviderError,
    RateLimited,
    SignInFailed,
    TimedOut,
)
from providers.media.images import Pictures
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber
from providers.visible import is_visible
from providers.wire.http import mask

log = logging.getLogger(__name__)

READERS = {"PIL": "large pictures that are sent as files", "pypdf": "PDF"}  # by package, of the extra `files`
MAX_MODELS = 30  # of which it is told what they take
_KINDS: dict[type[Block], str] = {Image: "pictures", Document: "PDFs as they are", Audio: "recordings"}
QUESTION = "Answer with one short word: are you there?"
PROVIDER_PROXY = "does the proxy of PROVIDER_PROXY run and let us through; is the service's address right, does it run?"
NO_PROVIDER_PROXY = "is its address right, does the service run? Where only a proxy gets there, set PROVIDER_PROXY"
MENDS: dict[type[ProviderError], str] = {
    TimedOut: "it is slow or down; CONNECT_TIMEOUT, FIRST_TOKEN_TIMEOUT and TOKEN_TIMEOUT say how long to wait",
    SignInFailed: "is the key right and still valid?",
    RateLimited: "wait, or raise your limit at the service",
    OutOfCredit: "pay, or raise the budget, at the service",
    Blocked: "the service blocks programs from here; from another address it may answer (PROVIDER_PROXY)",
    ModelNotSupported: "choose one of its models",
    ModelGone: "name another model in its settings, or none: then the bot chooses one",
    OnlyThought: "try another model, or let it say more at once",
    EmptyAnswer: "try another model",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; what works and could be better is a note."""

    name: str
    ok: bool
    detail: str
    mend: str = ""

    def __str__(self) -> str:
        """Return the line as it is printed."""
        mend = f"\n{'':14}→ {self.mend}" if self.mend else ""
        state = "FAIL" if not self.ok else "note" if self.mend else "ok"
        return f"{state:<4}  {self.name:<12}  {self.detail}{mend}"


async def check(settings: Settings, say: Callable[[str], None]) -> bool:
    """Try everything, say a line for each, and tell whether the bot could run.

    Raises ConfigurationError and, for a damaged database, sqlite3.Error.
    """
    for mistake in misspelt(os.environ, settings.providers_file or PROVIDERS_FILE):
        detail = f"{mistake.name} in {mistake.place} is no setting of this bot"
        say(str(Line("settings", ok=True, detail=detail, mend=mistake.advice)))
    settings.require_token()
    personas_of(settings)
    tools = tools_of(settings)
    telegram, bot_id = await _check_telegram(settings, say)
    providers = await _check_providers(settings, say)
    found = await _check_database(settings, bot_id)
    say(str(found))
    if missing := _missing_packages():
        say(str(missing))
    for each in await tried(tools, Clock()):
        say(str(Line("tools", ok=True, detail=f"{each.name}: {each.detail}", mend=each.mend)))
    for readable in _readable(settings):
        say(str(readable))
    return telegram and providers and found.ok


async def _check_telegram(settings: Settings, say: Callable[[str], None]) -> tuple[bool, int | None]:
    bot = make_bot(settings)
    try:
        me = await bot(GetMe(), request_timeout=round(settings.connect_timeout) + 5)
        has_drafts = settings.stream_mode is not StreamMode.DRAFT or await _has_drafts(bot)
    except (TelegramAPIError, ClientDecodeError) as error:
        say(str(unreached(settings, error)))
        return False, None
    finally:
        await bot.session.close()
    say(str(Line("telegram", ok=True, detail=f"@{me.username}, id {me.id}")))
    if not me.can_read_all_group_messages:
        detail = "privacy mode is on: no mentions, only replies and commands"
        mend = (
            "/setprivacy at @BotFather, then remove the bot from its groups and add it again; or make it an admin there"
        )
        say(str(Line("groups", ok=True, detail=detail, mend=mend)))
    if settings.stream_mode is StreamMode.DRAFT and not has_drafts:
        detail = "STREAM_MODE is draft, and this server has no drafts: answers are edited"
        say(str(Line("drafts", ok=True, detail=detail, mend="STREAM_MODE=auto takes drafts where there are any")))
    if line := await _check_owner(settings, me.username or ""):
        say(str(line))
    return True, me.id


async def _has_drafts(bot: Bot) -> bool:
    """Tell whether the server knows the method, by a call that nobody can be shown; True where that stays unknown."""
    try:
        await bot(SendMessageDraft(chat_id=0, draft_id=1, text=""), request_timeout=5)
    except (TelegramAPIError, ClientDecodeError) as error:
        return not lacks_method(error)
    return True


def unreached(settings: Settings, error: TelegramAPIError | ClientDecodeError) -> Line:
    """Return the line that says why getMe failed."""
    is_telegrams = settings.telegram_api_url == Settings.model_fields["telegram_api_url"].default
    match error:
        case TelegramUnauthorizedError() | TelegramNotFound():
            detail = "the token is not known"
            mend = "copy the token again from @BotFather (/mybots) into BOT_TOKEN"
            mend += "" if is_telegrams else "; is TELEGRAM_API_URL right?"
        case TelegramNetworkError():
            proxy = settings.telegram_proxy
            reason = str(error.__cause__ or error.message).removeprefix("HTTP Client says - ")
            reason = mask(reason, settings.require_token(), proxy.get_secret_value() if proxy else "")
            detail = f"cannot be reached: {reason}"
            mend = "is TELEGRAM_API_URL right, does that server run?"
            if is_telegrams:
                mend = "is the network up? Where only a proxy gets there, set TELEGRAM_PROXY"
            if proxy:
                mend = "does the proxy of TELEGRAM_PROXY run and let us through?" + (
                    "" if is_telegrams else f" And {mend}"
                )
        case _ if isinstance(error, ClientDecodeError) or error.message.startswith("HTTP 4"):
            detail = "what answers is not a Bot API server, or does not work"
            mend = "try again in a moment" if is_telegrams else "is TELEGRAM_API_URL right?"
        case _:
            detail, mend = f"answers with an error: {error.message}", "try again in a moment"
    return Line("telegram", ok=False, detail=detail, mend=mend)


async def _check_owner(settings: Settings, username: str) -> Line | None:
    """Say so where nobody could use the bot, and how to come in."""
    if settings.access is AccessMode.OPEN or settings.admins:
        return None
    code, rules = await _stored_access(settings)
    if settings.access is AccessMode.PAIRING:
        mend = f"open https://t.me/{username}?start={code}" if code else "start the bot: its log shows the link to open"
        return None if "owner" in rules else Line("owner", ok=True, detail="nobody yet", mend=mend)
    if rules or settings.allowed_users or settings.allowed_chats:
        return None
    return Line("access", ok=True, detail="nobody has access", mend="put your Telegram id into ADMINS")


async def _stored_access(settings: Settings) -> tuple[str | None, frozenset[str]]:
    """Return the pairing code as long as it is unused, and by which rules somebody has access."""
    try:
        found = await inspect_at(settings.database_url) or Inspection()
    except (sqlite3.Error, DBAPIError, Unusable):  # told by _check_database
        found = Inspection()
    return found.pairing_code, found.rules


async def _check_database(settings: Settings, bot_id: int | None) -> Line:
    url, file, where = settings.database_url, database_file(settings.database_url), told(settings.database_url)
    another = "name another file in DATABASE_URL" if file else "name another database in DATABASE_URL"
    place = beside(url)
    try:
        _try_writing(place)
    except OSError as error:
        return Line("database", ok=False, detail=f"{place} cannot be made or written: {error.strerror}", mend=another)
    try:
        found = await inspect_at(url)
    except sqlite3.Error as error:
        if is_damaged(error):
            raise
        return Line("database", ok=False, detail=f"{where}: {error}", mend=another)
    except DBAPIError as error:
        mend = "does PostgreSQL run there, are host, port, user, password and database in DATABASE_URL right?"
        return Line("database", ok=False, detail=f"{where}: {reason(error.orig)}", mend=mend)
    except Unusable as error:
        return Line("database", ok=False, detail=f"{where}: {error}", mend=another)
    if found is None:
        return Line("database", ok=True, detail=f"{where} will be made at the first start")
    if not found.may_create:
        mend = "make its user the owner of the database: ALTER DATABASE … OWNER TO …"
        return Line("database", ok=False, detail=f"{where}: no tables may be made there", mend=mend)
    if found.is_new:
        return Line("database", ok=True, detail=f"{where} is new; its tables will be made at the first start")
    if found.is_newer:
        return Line("database", ok=False, detail=f"{where}: {NewerDatabaseError()}", mend=another)
    if found.bot_id and bot_id and found.bot_id != bot_id:
        mend = f"{another}, or use that bot's token"
        return Line("database", ok=False, detail=f"{where} belongs to the bot {found.bot_id}", mend=mend)
    return Line("database", ok=True, detail=f"{where}, {found.answers} answers, {_sizes(found, place)}")


def _sizes(found: Inspection, place: Path) -> str:
    """Say how much of the disk is taken by the database and by what people sent, and how much is left."""
    sent = Shelf(place.with_name(f"{place.name}{FOLDER}")).sizes()
    files = f", {len(sent)} files with {_size(sum(sent))}" if sent else ""
    return f"{_size(found.size)}{files}" + (f"; {_size(found.free)} free" if found.free is not None else "")


def _size(count: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000 or unit == "GB":
            break
        count /= 1_000
    return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"


def _readable(settings: Settings) -> Iterator[Line]:
    """Name the files with secrets, or with what people wrote, that every user of the machine may read."""
    database = database_file(settings.database_url)
    files = [Path(".env"), settings.providers_file or PROVIDERS_FILE, *(files_of(database) if database else [])]
    for file in files:
        try:
            is_readable = file.stat().st_mode & stat.S_IROTH
        except OSError:
            continue
        if is_readable:
            yield Line("files", ok=True, detail=f"every user of this machine can read {file}", mend=f"chmod 600 {file}")


def _missing_packages() -> Line | None:
    """Say what of the files that people send is not read, for want of a package."""
    missing = [what for package, what in READERS.items() if find_spec(package) is None]
    if not missing:
        return None
    return Line("files", ok=True, detail=f"not read: {', '.join(missing)}", mend='pip install "deltagram[files]"')


def _try_writing(file: Path) -> None:
    """Write nothing into a file, and a file beside it, or where its folder is to be made. Raises OSError."""
    if file.exists():
        file.open("r+b").close()
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    with tempfile.NamedTemporaryFile(dir=folder):
        pass


async def _check_providers(settings: Settings, say: Callable[[str], None]) -> bool:
    """Try each provider; tell whether one answers and a new chat's is among them."""
    async with make_http(settings) as http:
        providers = make_providers(settings, http)
        for line in _exposed(settings):
            say(str(line))
        say(str(_listening(make_transcriber(settings, http, Clock()), providers)))
        say(str(_drawing(make_painter(settings, http, Clock()), providers)))
        say(str(_speaking(make_speaker(settings, http, Clock()))))
        answering = []
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_check_provider(settings, provider)) for provider in providers.values()]
            for lines in asked:
                for line in await lines:
                    say(str(line))
                    answering.append(line.ok and not line.mend)
        for line in _fared(settings, providers):
            say(str(line))
        for provider in providers.values():
            await provider.close()
    try:
        default_provider(settings, providers)
    except ConfigurationError as error:
        say(str(Line("default", ok=False, detail=str(error))))
        return False
    return any(answering)


def _fared(settings: Settings, providers: Mapping[str, AsyncGeneratorProvider]) -> Iterator[Line]:
    """Say how the providers fared of late in the bot that runs, or ran, on the database."""
    place, health = beside(settings.database_url), Health(Clock(), Random())
    if place.name:
        Chart(place.with_name(f"{place.name}{HEALTH}"), health, Clock()).recall()
    for provider_id in providers:
        if fares := health.fares(provider_id):
            yield Line(provider_id, ok=True, detail=f"of late: {fares}")


def _listening(transcriber: Transcriber, providers: Mapping[str, AsyncGeneratorProvider]) -> Line:
    """Say who listens to voice messages."""
    hearing = [name for name, provider in providers.items() if Audio in provider.takes(None)]
    asked = [f"{each.id} ({each.model})" for each in transcriber.endpoints]
    told = [f"written down by {' or '.join(asked)}"] * bool(asked) + [f"heard by {', '.join(hearing)}"] * bool(hearing)
    mend = "" if asked else "set TRANSCRIPTION_BASE_URL, and _API_KEY, to a service that writes recordings down"
    return Line("voice", ok=True, detail="; ".join(told) or "nobody listens to voice messages", mend=mend)


def _drawing(painter: Pictures, providers: Mapping[str, AsyncGeneratorProvider]) -> Line:
    """Say who makes pictures."""
    drawing = [name for name, provider in providers.items() if provider.capabilities(None).draws]
    asked = [f"{each.id} ({each.model})" for each in painter.endpoints]
    told = [f"/image: {' or '.join(asked)}"] * bool(asked) + [f"in answers: {', '.join(drawing)}"] * bool(drawing)
    mend = "" if asked else "set IMAGES_BASE_URL, and _API_KEY, to a service that makes pictures"
    return Line("images", ok=True, detail="; ".join(told) or "nobody makes pictures", mend=mend)


def _speaking(speaker: Speaker) -> Line:
    """Say who reads answers aloud."""
    asked = [f"{each.id} ({each.model}, {speaker.voice})" for each in speaker.endpoints]
    mend = "" if asked else "set SPEECH_BASE_URL, and _API_KEY, to a service that reads aloud"
    detail = f"read aloud by {' or '.join(asked)}" if asked else "no answer is read aloud"
    return Line("speech", ok=True, detail=detail, mend=mend)


def _exposed(settings: Settings) -> list[Line]:
    """Say to which addresses a key goes so that others on the way can read it."""
    mend = "name its address with https://"
    return [
        Line(provider_id, ok=True, detail=f"its key goes unencrypted to {url}", mend=mend)
        for provider_id, url in exposed_keys(settings).items()
    ]


async def _check_provider(settings: Settings, provider: AsyncGeneratorProvider) -> list[Line]:
    """Ask for the models, then for one short answer, to its end; say whether it will go on doing so."""
    lines = [await try_provider(settings, provider)]
    if lines[0].ok and (models := _models(provider)):
        lines.append(Line(provider.id, ok=True, detail=f"beside text its models take: {models}"))
    model = provider.default() if isinstance(provider, ProviderModelMixin) else ""
    if model and isinstance(provider, ProviderModelMixin) and (day := provider.ends(model)):
        mend = "name another model in its settings, or none: then the bot chooses one that lasts"
        lines.append(Line(provider.id, ok=True, detail=f"the model {model} ends: {day}", mend=mend))
    return lines


def _models(provider: AsyncGeneratorProvider) -> str:
    """Say of each model what it takes and gives beside text, as far as that is known; "" where there is one alone."""
    models = provider.get_models() if isinstance(provider, ProviderModelMixin) else []
    if len(models) < 2:
        return ""
    told = [f"{model} ({', '.join(_abilities(provider, model)) or 'nothing'})" for model in models[:MAX_MODELS]]
    more = [f"and {len(models) - MAX_MODELS} more"] * (len(models) > MAX_MODELS)
    return "; ".join([*told, *more])


def _abilities(provider: AsyncGeneratorProvider, model: str) -> list[str]:
    taken, able = provider.takes(model), provider.capabilities(model)
    found = [what for kind, what in _KINDS.items() if kind in taken]
    return found + ["tools"] * bool(able.tools) + ["makes pictures"] * bool(able.draws)


async def try_provider(settings: Settings, provider: AsyncGeneratorProvider) -> Line:
    """Ask for the models, then for one short answer, to its end."""
    messages = [Message(role="user", content=QUESTION)]
    timeouts = Timeouts(settings.first_token_timeout, settings.token_timeout)
    clock = Clock()
    started = clock.now()
    first_s: float | None = None
    try:
        async with asyncio.timeout(settings.first_token_timeout):
            await provider.refresh()
        started = clock.now()
        async with aclosing(stream(provider, None, messages, timeouts)) as deltas:
            async for delta in deltas:
                text = delta.text if isinstance(delta, Revised) else delta
                if isinstance(text, str) and is_visible(text) and first_s is None:
                    first_s = max(0.0, clock.now() - started)  # it does not count where the process stood still
        if first_s is None:
            raise EmptyAnswer("no text", provider=provider.id)
    except (ProviderError, TimeoutError) as error:
        failure = error if isinstance(error, ProviderError) else TimedOut("its list of models", provider=provider.id)
        mend = MENDS.get(type(failure), "see the service's own words")
        if isinstance(failure, NoConnection):
            mend = PROVIDER_PROXY if settings.provider_proxy else NO_PROVIDER_PROXY
        return Line(provider.id, ok=False, detail=f"{type(failure).__name__}: {failure.reason}", mend=mend)
    except Exception as error:
        log.exception("provider bug provider=%s", provider.id)
        mend = "please report it, with the lines of the log"
        return Line(provider.id, ok=False, detail=f"a bug of the bot's: {type(error).__name__}", mend=mend)
    models = provider.get_models() if isinstance(provider, ProviderModelMixin) else []
    detail = f"first text after {first_s:.1f} s, whole answer after {max(first_s, clock.now() - started):.1f} s"
    detail = f"{detail}, {len(models)} models" if models else detail
    return Line(provider.id, ok=True, detail=f"{detail}; {_told(provider, models)}")


def _told(provider: AsyncGeneratorProvider, models: Sequence[str]) -> str:
    """Say which model answers where nobody chose one, what it takes, gives and costs, and how many others see."""
    able = provider.capabilities(None)
    model = provider.default() if isinstance(provider, ProviderModelMixin) else ""
    taken = provider.takes(None)
    told = [f"{provider.room(None)} tokens at once"]
    told.append("takes pictures and documents" if Image in taken else "takes documents, no pictures")
    seeing = sum(Image in provider.takes(each) for each in models)
    told[-1] += f" ({seeing} of its models take pictures)" if models else ""
    told += (
        ["hears recordings"] * (Audio in taken) + ["tools"] * bool(able.tools) + ["makes pictures"] * bool(able.draws)
    )
    if able.input_price is not None and able.output_price is not None:
        told.append(f"${able.input_price.normalize():f} in and ${able.output_price.normalize():f} out per million")
    return f"{model}: {', '.join(told)}" if model else ", ".join(told)
