"""Many: what each command does where BOT_TOKENS names a file of several bots."""

import argparse
import asyncio
import logging
import signal
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.app.many.build import build_many
from bot.app.many.doors import sockets_of
from bot.app.many.file import Wanted, load_bots, secrets_of_bots
from bot.app.many.places import Places
from bot.backups.copying import make_folder
from bot.backups.errors import BackupError
from bot.backups.rounds import Rounds, bot_of
from bot.clock import Clock
from bot.commands.arguments import KEEP, called
from bot.commands.check import check_many
from bot.commands.copies import back_up, backup_to, restore_from, source_of
from bot.commands.exit import DAMAGED, MISCONFIGURED, fail
from bot.commands.running import until_signal
from bot.process.stop import STOPPED, hangups
from bot.process.trail import about
from bot.report.status import lines_of
from bot.report.talk import NobodyThere, ask
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import beside, database_file, told
from bot.storage.engine.faults import DatabaseDamaged

log = logging.getLogger(__name__)

SetUpLogs = Callable[[Settings, Sequence[str]], None]


def run(settings: Settings, arguments: argparse.Namespace, set_up_logs: SetUpLogs) -> int:
    """Run one command. Raises ConfigurationError."""
    if arguments.command == "status":
        return status(settings)
    bots = load_bots(settings)
    if arguments.command == "backup" and not any(database_file(bot.database or settings.database_url) for bot in bots):
        source_of(settings)  # says what to do, and waits for no server
    if arguments.command == "check":
        logging.basicConfig(level=logging.CRITICAL)
        return until_signal(_check(settings, bots))
    if arguments.command == "backup" and arguments.every is not None:
        set_up_logs(settings, secrets_of_bots(bots))
        return until_signal(_back_up(settings, bots, arguments))
    if arguments.command == "backup":
        return until_signal(_backup_to(settings, bots, arguments.file))
    if arguments.command == "restore":
        logging.basicConfig(level=logging.CRITICAL)
        return until_signal(_restore(settings, bots, arguments.file))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the bots are there that reload
    set_up_logs(settings, secrets_of_bots(bots))
    return until_signal(_serve(settings, bots))


async def _serve(settings: Settings, wanted: list[Wanted]) -> int:
    async with build_many(settings, wanted, apart=True) as bots:
        with hangups(bots.reload.ask):
            await bots.run()
    return STOPPED


def status(settings: Settings) -> int:
    """Ask each process that runs bots beside the database of the settings, and print what it says."""
    tables = []
    for socket in sockets_of(beside(settings.database_url)):
        try:
            said = ask(socket)
            tables.append("\n".join(lines_of(said) if isinstance(said, dict) else []))
        except NobodyThere:
            continue
        except PermissionError:
            return fail(f"{socket}: only the user whose bots run there may ask them", MISCONFIGURED)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"{type(error).__name__}; it may be starting or ending, or of another version than this program"
            return fail(f"{socket} does not say how the bots fare: {why}", MISCONFIGURED)
    if not tables:
        where = f"{told(settings.database_url)} (DATABASE_URL, BOT_TOKENS)"
        return fail(f"no bots run beside {where}; start them with: {called()} run", MISCONFIGURED)
    print("\n\n".join(tables))
    return STOPPED


async def _named(settings: Settings, bots: Sequence[Wanted]) -> dict[str, Settings]:
    """Return the settings of the bots by their names, each with its own database."""
    places = Places(settings.database_url, Clock())
    return {bot.name: bot.settings.model_copy(update={"database_url": await places.of(bot)}) for bot in bots}


async def _check(settings: Settings, bots: Sequence[Wanted]) -> int:
    return STOPPED if await check_many(settings, await _named(settings, bots), print) else MISCONFIGURED


async def _backup_to(settings: Settings, bots: Sequence[Wanted], folder: Path) -> int:
    """Copy the database of each bot to a file by its name in a folder; one that has none yet is passed over."""
    try:
        make_folder(folder)
    except OSError as error:
        return fail(f"{folder}: {error.strerror}; name a folder that may be made", MISCONFIGURED)
    worst = STOPPED
    for name, own in (await _named(settings, bots)).items():
        print(f"[{name}]", flush=True)
        try:
            source = source_of(own)
            if not source.is_file():
                print("no database yet")
                continue
            code = await backup_to(source, folder / f"{name}.db")
        except ConfigurationError as error:
            code = fail(str(error), MISCONFIGURED)  # the others are copied all the same
        except (BackupError, DatabaseDamaged, sqlite3.Error) as error:
            code = fail(str(error), DAMAGED)
        worst = worst or code
    return worst


async def _back_up(settings: Settings, bots: Sequence[Wanted], arguments: argparse.Namespace) -> int:
    """Copy the databases of all bots into one folder again and again; the names of the copies tell whose they are."""
    named = await _named(settings, bots)
    keep = arguments.keep or KEEP

    async def of_one(name: str, own: Settings) -> int:
        with about(bot=name):
            try:
                rounds = Rounds(source_of(own), arguments.file, Clock(), every_s=arguments.every, keep=keep)
                return await back_up(rounds, arguments.file)
            except (BackupError, DatabaseDamaged, ConfigurationError) as error:
                log.error("no backups of this bot any more: %s", error)  # noqa: TRY400  # the others go on
                return MISCONFIGURED if isinstance(error, ConfigurationError) else DAMAGED

    return max([*await asyncio.gather(*(of_one(*each) for each in named.items()))])


async def _restore(settings: Settings, bots: Sequence[Wanted], backup: Path) -> int:
    """Put a copy in the place of the database of the bot whose it is."""
    try:
        bot_id = bot_of(backup)
    except (OSError, sqlite3.Error) as error:
        return fail(f"{backup}: it does not say whose it is: {error}; name a file that `backup` made", MISCONFIGURED)
    bot = next((each for each in bots if each.id == bot_id), None)
    if bot is None:
        return fail(f"{backup} is of the bot {bot_id}, which BOT_TOKENS does not name", MISCONFIGURED)
    own = (await _named(settings, [bot]))[bot.name]
    print(f"[{bot.name}]")
    return await restore_from(own, backup)
