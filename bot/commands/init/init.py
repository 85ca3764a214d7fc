"""Init: asks for the token, a provider and its key, tries each, and writes `.env`; reads standard input alone.

token → getMe → provider, by number → key or address → one short answer → the database is the bot's → .env → the link
"""

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.methods import GetMe
from aiogram.types import User
from pydantic import SecretStr

from bot.app.telegram import make_bot
from bot.clock import Clock
from bot.commands.arguments import called
from bot.commands.checks.line import Line
from bot.commands.checks.telegram import unreached
from bot.commands.init.env_file import write
from bot.commands.init.provider import ask_for_provider
from bot.commands.init.terminal import Terminal
from bot.process.lock import Locked, lock
from bot.settings import ENV_FILE, TOKEN, AccessMode, ConfigurationError, Settings
from bot.storage.engine.database import database_file, open_database
from bot.storage.engine.faults import DatabaseTaken
from bot.storage.engine.inspection import inspect_at
from bot.storage.people.access import Accesses

YES = ("y", "yes")


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
    variables = {"BOT_TOKEN": settings.require_token(), **ask_for_provider(terminal, settings)}
    if settings.telegram_api_url != Settings.model_fields["telegram_api_url"].default:
        variables["TELEGRAM_API_URL"] = settings.telegram_api_url
    code = asyncio.run(_claim(settings, me))
    write(file, variables, is_new=is_new)
    say(f"\nWritten to {ENV_FILE}, which only you can read." + ("" if is_new else f" The old one is {ENV_FILE}.old."))
    for name, value in variables.items():
        if os.environ.get(name, value) != value:
            say(f"{name} is set in the environment too, which wins over {ENV_FILE}: unset it there.")
    say("To be asked in any chat too, send /setinline and /setinlinefeedback to @BotFather.")
    say(f"Start the bot with: {called()} run")
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
        terminal.tell(found)


async def _introduced(settings: Settings) -> User | Line:
    bot = make_bot(settings)
    try:
        return await bot(GetMe(), request_timeout=round(settings.connect_timeout) + 5)
    except (TelegramAPIError, ClientDecodeError) as error:
        return unreached(settings, error)
    finally:
        await bot.session.close()


async def _claim(settings: Settings, me: User) -> str | None:
    """Make the database the bot's; return the code of the link that makes its opener the owner, None if there is none.

    Raises ForeignDatabaseError, NewerDatabaseError, sqlalchemy.exc.DBAPIError, ConfigurationError.
    """
    file = database_file(settings.database_url)
    wanted = settings.access is AccessMode.PAIRING and not settings.admins
    try:
        with lock(file) if file else nullcontext():
            async with open_database(settings.database_url, alone=True, clock=Clock()) as sessions:
                code = await Accesses(sessions, Clock()).identify(me.id, secrets.token_urlsafe(12) if wanted else None)
    except (Locked, DatabaseTaken):  # the bot runs
        found = await inspect_at(settings.database_url) if wanted else None
        return found.pairing_code if found else None
    except OSError as error:
        expected = f"a file that can be made and written ({error.strerror})"
        raise ConfigurationError("DATABASE_URL", str(error.filename or file), expected) from None
    return code
