"""Init: asks for the token, a provider and its key, tries each, and writes `.env`; reads standard input alone.

token → getMe → provider, by number → key or address → one short answer → the database is the bot's → .env → the link
"""

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TextIO

from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.methods import GetMe
from aiogram.types import User
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from bot.app.services import make_http
from bot.app.telegram import make_bot
from bot.clock import Clock
from bot.commands.checks.line import Line
from bot.commands.checks.provider import try_provider
from bot.commands.checks.telegram import unreached
from bot.process.lock import Locked, lock
from bot.settings import ENV_FILE, TOKEN, AccessMode, ConfigurationError, Settings
from bot.storage.engine.database import database_file, open_database
from bot.storage.engine.faults import DatabaseTaken
from bot.storage.engine.inspection import inspect_at
from bot.storage.people.access import Accesses
from providers.presets import LOCAL, REMOTE
from providers.registry import Kind, kinds
from providers.settings import ProviderSettings, is_local

try:
    import termios
except ImportError:  # not on Windows: there what is typed is seen
    termios = None  # type: ignore[assignment]  # looked at before each use

OFFERED = ("openai", "anthropic", "gemini", "ollama", *(preset.id for preset in (*REMOTE, *LOCAL)), "g4f", "azure")
GUIDE = 0  # the number of the built-in guide
YES = ("y", "yes")
MODE = 0o600


class Ended(Exception):
    """The input is over, and not all was asked."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where is asked and answered."""

    source: TextIO
    say: Callable[[str], None]

    @property
    def is_seen(self) -> bool:
        """Tell whether a person types."""
        return self.source.isatty()

    def ask(self, question: str, *, is_secret: bool = False) -> str:
        """Return a line, without blanks around it; a secret is not shown while it is typed. Raises Ended."""
        with _unseen(self.source) if is_secret else _seen():  # before the question: somebody may paste at once
            sys.stdout.write(question)
            sys.stdout.flush()
            line = self.source.buffer.readline().decode(errors="replace")
        if is_secret or not self.is_seen:
            self.say("")  # the end of the line was not shown either
        if not line:
            raise Ended
        return line.strip()


@dataclass(frozen=True, slots=True)
class Answered:
    """A provider that answers, and the variables that make it."""

    label: str
    variables: Mapping[str, str]


def init(source: TextIO, say: Callable[[str], None], folder: Path) -> bool:
    """Ask for all that the bot needs and write it; tell whether it was written.

    Raises ConfigurationError, Ended, KeyboardInterrupt, sqlalchemy.exc.DBAPIError; then nothing was written.
    """
    terminal, file = Terminal(source, say), (folder / ENV_FILE).resolve()
    if not os.access(file.parent, os.W_OK):
        raise ConfigurationError(str(file), None, "a file in a folder that you may write in")
    is_new = not file.exists()
    if not is_new and terminal.ask(f"{ENV_FILE} is there already. Make a new one? [y/N] ").lower() not in YES:
        say("Nothing was changed.")
        return False
    settings, me = _token(terminal)
    provider = _provider(terminal, settings)
    variables = {"BOT_TOKEN": settings.require_token(), **provider.variables}
    if settings.telegram_api_url != Settings.model_fields["telegram_api_url"].default:
        variables["TELEGRAM_API_URL"] = settings.telegram_api_url
    code = asyncio.run(_claim(settings, me))
    _write(file, variables, is_new=is_new)
    say(f"\nWritten to {ENV_FILE}, which only you can read." + ("" if is_new else f" The old one is {ENV_FILE}.old."))
    for name, value in variables.items():
        if os.environ.get(name, value) != value:
            say(f"{name} is set in the environment too, which wins over {ENV_FILE}: unset it there.")
    say("To be asked in any chat too, send /setinline and /setinlinefeedback to @BotFather.")
    say("Start the bot with: python -m bot run")
    if code:
        say(f"Then open this link, and it is yours: https://t.me/{me.username}?start={code}")
    else:
        say(f"It is here: https://t.me/{me.username}")
    return True


def _token(terminal: Terminal) -> tuple[Settings, User]:
    """Ask for the token until Telegram knows it."""
    terminal.say("Write /newbot to @BotFather in Telegram; it gives you a token.")
    while True:
        token = terminal.ask("Token: ", is_secret=True)
        if not TOKEN.fullmatch(token):
            terminal.say("That is no token. It looks like 123456789:AAE…, and @BotFather shows it (/mybots).")
            continue
        settings = Settings.load(_env_file=None, bot_token=SecretStr(token))
        found = asyncio.run(_introduced(settings))
        if isinstance(found, User):
            terminal.say(f"This is @{found.username}.")
            return settings, found
        _tell(terminal, found)


async def _introduced(settings: Settings) -> User | Line:
    bot = make_bot(settings)
    try:
        return await bot(GetMe(), request_timeout=round(settings.connect_timeout) + 5)
    except (TelegramAPIError, ClientDecodeError) as error:
        return unreached(settings, error)
    finally:
        await bot.session.close()


def _provider(terminal: Terminal, settings: Settings) -> Answered:
    """Ask for a provider until one answers."""
    known = kinds()
    offered = [known[id_] for id_ in OFFERED if id_ in known]
    terminal.say("\nWho shall answer?")
    width = max(len(kind.label) for kind in offered) + 2
    cells = [f"{number:>3} {kind.label:<{width}}" for number, kind in enumerate(offered, start=1)]
    for at in range(0, len(cells), 3):
        terminal.say("".join(cells[at : at + 3]).rstrip())
    terminal.say(f"{GUIDE:>3} nobody yet: the built-in guide, which is no AI")
    while True:
        number = _number(terminal.ask("Number: "), offered)
        if number == GUIDE:
            return Answered("the built-in guide", {})
        if number is None:
            terminal.say(f"A number from {GUIDE} to {len(offered)}, please.")
        elif found := _answering(terminal, settings, offered[number - 1]):
            return found


def _number(wanted: str, offered: Sequence[Kind]) -> int | None:
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 4 and int(wanted) <= len(offered):
        return int(wanted)
    names = {name.casefold(): at for at, kind in enumerate(offered, start=1) for name in (kind.id, kind.label)}
    return names.get(wanted.casefold())


def _answering(terminal: Terminal, settings: Settings, kind: Kind) -> Answered | None:
    """Ask for what a provider needs until it answers; None where the person wants another one."""
    prefix = str(kind.settings.model_config["env_prefix"])
    if not kind.settings.model_fields["base_url"].default:
        return _resource(terminal, settings, kind, prefix)
    given = os.environ.get(f"{prefix}BASE_URL", "")
    usual = given or str(kind.settings.model_fields["base_url"].default)
    variables = {f"{prefix}BASE_URL": given} if given else {}
    is_own = is_local(str(kind.settings.model_fields["base_url"].default))
    wants_key = not is_own
    while True:
        if is_own and not wants_key:
            address = terminal.ask(f"Address of {kind.label} [{usual}]: ")
            variables = {f"{prefix}BASE_URL": address or usual}
        else:
            key = terminal.ask(f"Key of {kind.label} (empty: choose another provider): ", is_secret=True)
            if not key:
                return None
            variables[f"{prefix}API_KEY"] = key
        try:
            made = _settings(kind, prefix, variables)
        except ValidationError as invalid:
            terminal.say(f"{invalid.errors()[0]['msg'].removeprefix('Value error, ').capitalize()}.")
            continue
        terminal.say(f"Asking {kind.label} …")
        line = asyncio.run(_tried(settings, kind, made))
        if line.ok:
            terminal.say(f"It answers: {line.detail}.")
            return Answered(kind.label, variables)
        _tell(terminal, line)
        if is_own:
            if "SignInFailed" in line.detail:
                wants_key = True
            elif terminal.ask("Empty: try again; a: another provider: ") == "a":
                return None


def _resource(terminal: Terminal, settings: Settings, kind: Kind, prefix: str) -> Answered | None:
    """Ask for a service that lies at an address of the operator's, with a key, until it answers; None: another one."""
    address, model = os.environ.get(f"{prefix}BASE_URL", ""), ""
    while True:
        again = f" [{address}]" if address else " (empty: choose another provider)"
        address = terminal.ask(f"Address of {kind.label}, as its page shows it{again}: ") or address
        if not address:
            return None
        model = (
            terminal.ask(f"Deployment [{model or 'the one in the address, or the first that is listed'}]: ") or model
        )
        key = terminal.ask(f"Key of {kind.label} (empty: choose another provider): ", is_secret=True)
        if not key:
            return None
        variables = {f"{prefix}BASE_URL": address, f"{prefix}API_KEY": key}
        variables |= {f"{prefix}MODEL": model} if model else {}
        try:
            made = _settings(kind, prefix, variables)
        except ValidationError as invalid:
            terminal.say(f"{invalid.errors()[0]['msg'].removeprefix('Value error, ').capitalize()}.")
            address = ""
            continue
        terminal.say(f"Asking {kind.label} …")
        line = asyncio.run(_tried(settings, kind, made))
        if line.ok:
            terminal.say(f"It answers: {line.detail}.")
            return Answered(kind.label, variables)
        _tell(terminal, line)


def _settings(kind: Kind, prefix: str, variables: Mapping[str, str]) -> ProviderSettings:
    fields = {name.removeprefix(prefix).lower(): value for name, value in variables.items()}
    return kind.settings(_env_file=None, _env_prefix=prefix, **fields)  # type: ignore[arg-type]  # pydantic checks them


async def _tried(settings: Settings, kind: Kind, made: ProviderSettings) -> Line:
    async with make_http(settings) as http:
        provider = kind.make(made, http=http, clock=Clock(), random=Random())
        provider.id = kind.id
        try:
            return await try_provider(settings, provider)
        finally:
            await provider.close()


def _tell(terminal: Terminal, line: Line) -> None:
    terminal.say(f"{line.detail}\n→ {line.mend}")


async def _claim(settings: Settings, me: User) -> str | None:
    """Make the database the bot's; return the code of the link that makes its opener the owner, None if there is none.

    Raises ForeignDatabaseError, NewerDatabaseError, sqlalchemy.exc.DBAPIError, ConfigurationError.
    """
    file = database_file(settings.database_url)
    wanted = settings.access is AccessMode.PAIRING and not settings.admins
    try:
        with lock(file) if file else _seen():
            async with open_database(settings.database_url, alone=True, clock=Clock()) as sessions:
                code = await Accesses(sessions, Clock()).identify(me.id, secrets.token_urlsafe(12) if wanted else None)
    except (Locked, DatabaseTaken):  # the bot runs
        found = await inspect_at(settings.database_url) if wanted else None
        return found.pairing_code if found else None
    except OSError as error:
        expected = f"a file that can be made and written ({error.strerror})"
        raise ConfigurationError("DATABASE_URL", str(error.filename or file), expected) from None
    return code


def _write(file: Path, variables: Mapping[str, str], *, is_new: bool) -> None:
    """Write the variables, whole or not at all; a file that came in the meantime is not touched."""
    head = "# Made by `python -m bot init`; .env.example lists all settings.\n"
    text = head + "".join(f"{name}={_quoted(value)}\n" for name, value in variables.items())
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f"{ENV_FILE}.")  # readable for nobody else
    made = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        if dotenv_values(made) != dict(variables):
            raise ConfigurationError(ENV_FILE, None, "a key that can be written there; write the file by hand")
        made.chmod(MODE)
        if is_new:
            os.link(made, file)  # fails where there is one by now
            made.unlink()
        else:
            _keep(file)
            made.replace(file)
    except OSError as error:
        raise ConfigurationError(ENV_FILE, None, f"a file that can be written ({error.strerror})") from None
    finally:
        with suppress(FileNotFoundError):
            made.unlink()


def _keep(file: Path) -> None:
    """Keep the file that was there under another name."""
    old = file.with_name(f"{file.name}.old")
    number = os.open(old, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    with os.fdopen(number, "wb") as target:
        os.fchmod(target.fileno(), MODE)
        target.write(file.read_bytes())


def _quoted(value: str) -> str:
    """Return a value as the file has it; quotes only where it needs them."""
    if value.replace("-", "").replace("_", "").replace(".", "").replace(":", "").replace("/", "").isalnum():
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@contextmanager
def _unseen(source: TextIO) -> Iterator[None]:
    """Show nothing of what is typed until the end of the block."""
    if termios is None or not source.isatty():
        yield
        return
    before = termios.tcgetattr(source)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    try:
        termios.tcsetattr(source, termios.TCSADRAIN, hidden)
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)


@contextmanager
def _seen() -> Iterator[None]:
    yield
