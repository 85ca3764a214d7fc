"""What of the configuration works, what does not, and the mend."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import aclosing, closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetMe

from bot.app import default_provider, make_bot, make_http, make_providers
from bot.settings import AccessMode, ConfigurationError, Settings
from bot.storage.database import NewerDatabaseError, database_file, is_damaged, is_known, read_only
from bot.stream import Timeouts, stream
from providers.base import AsyncGeneratorProvider, Message, ProviderModelMixin, Revised
from providers.errors import (
    Blocked,
    EmptyAnswer,
    ModelNotSupported,
    NoConnection,
    ProviderError,
    RateLimited,
    SignInFailed,
    TimedOut,
)

QUESTION = "Answer with one short word: are you there?"
MENDS: dict[type[ProviderError], str] = {
    NoConnection: "is its address right, does the service run, is a proxy needed (PROVIDER_PROXY)?",
    TimedOut: "the service is slow or down; FIRST_TOKEN_TIMEOUT and TOKEN_TIMEOUT say how long to wait",
    SignInFailed: "is the key right and still valid?",
    RateLimited: "wait, or raise your limit at the service",
    Blocked: "the service lets no programs in from here; another address or proxy may help",
    ModelNotSupported: "choose one of its models",
    EmptyAnswer: "try another model",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    name: str
    ok: bool
    detail: str
    mend: str = ""

    def __str__(self) -> str:
        """Return the line as it is printed."""
        mend = f"\n{'':14}→ {self.mend}" if self.mend else ""
        return f"{'ok  ' if self.ok else 'FAIL'}  {self.name:<12}  {self.detail}{mend}"


async def check(settings: Settings, say: Callable[[str], None]) -> bool:
    """Try everything, say a line for each, and tell whether the bot could run.

    Raises ConfigurationError and, for a damaged database, sqlite3.Error.
    """
    settings.require_token()
    telegram, bot_id = await _check_telegram(settings, say)
    providers = await _check_providers(settings, say)
    database = _check_database(settings, bot_id)
    say(str(database))
    return telegram and providers and database.ok


async def _check_telegram(settings: Settings, say: Callable[[str], None]) -> tuple[bool, int | None]:
    bot = make_bot(settings)
    try:
        me = await bot(GetMe(), request_timeout=round(settings.connect_timeout) + 5)
    except (TelegramUnauthorizedError, TelegramNotFound):
        mend = "copy the token anew from @BotFather (/mybots) into BOT_TOKEN"
        say(str(Line("telegram", ok=False, detail="the token is not known", mend=mend)))
        return False, None
    except (TelegramAPIError, ClientDecodeError) as error:
        mend = "is the network up, is TELEGRAM_API_URL right, is a proxy needed (TELEGRAM_PROXY)?"
        say(str(Line("telegram", ok=False, detail=f"cannot be reached ({type(error).__name__})", mend=mend)))
        return False, None
    finally:
        await bot.session.close()
    say(str(Line("telegram", ok=True, detail=f"@{me.username}, id {me.id}")))
    if not me.can_read_all_group_messages:
        mend = "/setprivacy at @BotFather, or make it an admin of the group; then remove it and add it again"
        say(
            str(Line("groups", ok=True, detail="privacy mode is on: no mentions, only replies and commands", mend=mend))
        )
    if link := _pairing_link(settings, me.username or ""):
        say(str(Line("owner", ok=True, detail="nobody yet", mend=f"open {link}")))
    return True, me.id


def _pairing_link(settings: Settings, username: str) -> str | None:
    """Return the deep link that makes its opener the owner, as long as there is one."""
    file = database_file(settings.database_url)
    if settings.access is not AccessMode.PAIRING or settings.admins or file is None or not file.is_file():
        return None
    try:
        with closing(read_only(file)) as database:
            row = database.execute("SELECT pairing_code FROM identity").fetchone()
    except sqlite3.Error:
        return None
    return f"https://t.me/{username}?start={row[0]}" if row and row[0] else None


def _check_database(settings: Settings, bot_id: int | None) -> Line:
    file = database_file(settings.database_url) or Path()
    another = "name another file in DATABASE_URL"
    try:
        _try_writing(file)
    except OSError as error:
        return Line("database", ok=False, detail=f"{file} cannot be made or written: {error.strerror}", mend=another)
    if not file.exists():
        return Line("database", ok=True, detail=f"{file} will be made at the first start")
    try:
        with closing(read_only(file)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return Line("database", ok=True, detail=f"{file} is new; its tables will be made at the first start")
            revision = database.execute("SELECT version_num FROM alembic_version").fetchone()
            if revision and not is_known(revision[0]):
                return Line("database", ok=False, detail=f"{file}: {NewerDatabaseError()}", mend=another)
            row = database.execute("SELECT bot_id FROM identity").fetchone()
            turns = database.execute("SELECT count(*) FROM turns").fetchone()[0]
    except sqlite3.Error as error:
        if is_damaged(error):
            raise
        return Line("database", ok=False, detail=f"{file}: {error}", mend=another)
    if row and bot_id and row[0] != bot_id:
        mend = "name another file in DATABASE_URL, or use that bot's token"
        return Line("database", ok=False, detail=f"{file} belongs to the bot {row[0]}", mend=mend)
    return Line("database", ok=True, detail=f"{file}, {turns} turns")


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
        answering = []
        for provider in providers.values():
            line = await _check_provider(settings, provider)
            say(str(line))
            answering.append(line.ok)
            await provider.close()
    try:
        default_provider(settings, providers)
    except ConfigurationError as error:
        say(str(Line("default", ok=False, detail=str(error))))
        return False
    return any(answering)


async def _check_provider(settings: Settings, provider: AsyncGeneratorProvider) -> Line:
    """Ask for the models, then for one short answer, to its end."""
    messages = [Message(role="user", content=QUESTION)]
    timeouts = Timeouts(settings.first_token_timeout, settings.token_timeout)
    started = monotonic()
    first_s: float | None = None
    try:
        async with asyncio.timeout(settings.first_token_timeout):
            await provider.refresh()
        started = monotonic()
        async with aclosing(stream(provider, None, messages, timeouts)) as deltas:
            async for delta in deltas:
                if isinstance(delta, str | Revised) and first_s is None:
                    first_s = monotonic() - started
        if first_s is None:
            raise EmptyAnswer("no text", provider=provider.id)
    except (ProviderError, TimeoutError) as error:
        failure = error if isinstance(error, ProviderError) else TimedOut("its list of models", provider=provider.id)
        mend = MENDS.get(type(failure), "see the service's own words")
        return Line(provider.id, ok=False, detail=f"{type(failure).__name__}: {failure.reason}", mend=mend)
    models = provider.get_models() if isinstance(provider, ProviderModelMixin) else []
    detail = f"first text after {first_s:.1f} s, whole answer after {monotonic() - started:.1f} s"
    return Line(provider.id, ok=True, detail=f"{detail}, {len(models)} models" if models else detail)
