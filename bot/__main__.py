"""The program: `python -m bot [run | play | check | init | status | backup FILE | restore FILE | copy FROM TO]`."""

import gc
import os
import signal

if __name__ == "__main__":  # loading all that follows takes seconds, in which there is nothing to be ended in order
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(0))
    gc.disable()  # nearly nothing of it goes, and to look for that takes a tenth of those seconds

import argparse
import logging
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import bot.process.deferral  # noqa: F401  # for its effect, before all that imports aiogram

# isort: split
from sqlalchemy.exc import DBAPIError

from bot.app.configured import PROVIDERS_FILE, secrets_of
from bot.app.membership import run
from bot.backups.errors import BackupError, BrokenBackup
from bot.backups.rounds import Rounds
from bot.clock import Clock
from bot.commands.arguments import KEEP, parser
from bot.commands.check import check
from bot.commands.checks.database import NEWER
from bot.commands.copies import back_up, backup_to, move_rows, restore_from, source_of
from bot.commands.exit import DAMAGED, MISCONFIGURED, fail
from bot.commands.init.init import init
from bot.commands.init.terminal import Ended
from bot.commands.play import play, play_settings
from bot.commands.running import interruptible, until_signal
from bot.commands.spelling import misspelt
from bot.commands.status import status
from bot.process import log as logs
from bot.process.lock import Locked
from bot.process.stop import STOPPED, end
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.faults import DatabaseDamaged, DatabaseTaken, DatabaseWithdrawn, Unusable, is_damaged, reason
from bot.storage.engine.migration import NewerDatabaseError
from bot.storage.people.access import ForeignDatabaseError
from providers.errors import ConfigurationError as ProviderConfigurationError

log = logging.getLogger("bot")

RESTORE = "restore a backup, or move the file away"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 orderly end, 1 damaged database, 2 wrong configuration."""
    arguments = parser().parse_args(argv)
    try:
        return _run(arguments)
    except BrokenPipeError:
        if arguments.command in (None, "run", "play"):
            raise
        return STOPPED  # who reads what a command prints has seen enough
    except (ConfigurationError, ProviderConfigurationError) as error:
        return fail(str(error), MISCONFIGURED)
    except Locked as error:
        if arguments.command == "play":
            return fail(f"play is running already, process {error.pid or 'unknown'}; end that one first", MISCONFIGURED)
        return fail(f"{error}; stop it, or name another file in DATABASE_URL", MISCONFIGURED)
    except DatabaseTaken as error:
        return fail(f"{error}; stop it, or name another database in DATABASE_URL", MISCONFIGURED)
    except Unusable as error:
        return fail(f"DATABASE_URL: the database cannot be used: {error}", MISCONFIGURED)
    except NewerDatabaseError as error:
        return fail(f"DATABASE_URL: {error}; {NEWER}", MISCONFIGURED)
    except ForeignDatabaseError as error:
        return fail(f"DATABASE_URL: {error}; name another file, or use that bot's BOT_TOKEN", MISCONFIGURED)
    except BackupError as error:
        return fail(str(error), DAMAGED if isinstance(error, BrokenBackup) else MISCONFIGURED)
    except DatabaseDamaged as error:
        return fail(f"{error}; {RESTORE}", DAMAGED)
    except DatabaseWithdrawn as error:
        return fail(f"DATABASE_URL: {error}; see to the server, and start the bot again", DAMAGED)
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if is_damaged(cause):
            return fail(f"{DatabaseDamaged(reason(cause))}; {RESTORE}", DAMAGED)
        return fail(f"DATABASE_URL: the database cannot be used: {reason(cause)}", MISCONFIGURED)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "play":
        settings = play_settings()
        _set_up_logs(settings)
        return until_signal(play(settings, arguments.host, arguments.port, browser=not arguments.no_browser))
    if arguments.command == "init":
        _say_what_is_waited_for()
        return interruptible(_init, otherwise="\nNothing was written.")
    settings = Settings.load()
    if arguments.command == "backup" and arguments.every is None and arguments.keep is not None:
        return fail("--keep goes with --every, as in: backup --every 24h --keep 7 DIR", MISCONFIGURED)
    if settings.bot_tokens and arguments.command in (None, "run", "check", "status", "backup", "restore"):
        return _run_many(settings, arguments)
    if arguments.command == "backup" and arguments.every is None:
        return until_signal(backup_to(source_of(settings), arguments.file))
    if arguments.command == "backup":
        _set_up_logs(settings)
        keep = arguments.keep or KEEP
        rounds = Rounds(source_of(settings), arguments.file, Clock(), every_s=arguments.every, keep=keep)
        return until_signal(back_up(rounds, arguments.file))
    if arguments.command == "restore":
        _say_what_is_waited_for()
        return until_signal(restore_from(settings, arguments.file))
    if arguments.command == "copy":
        _say_what_is_waited_for()
        return until_signal(move_rows(arguments.source, arguments.target))
    if arguments.command == "status":
        return status(settings)
    if arguments.command == "check":
        logging.basicConfig(level=logging.CRITICAL)
        return until_signal(_check(settings))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the bot is there that reloads its providers
    _set_up_logs(settings)
    return until_signal(_serve(settings))


def _run_many(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.commands.many import run  # who has one bot does not pay for it

    return run(settings, arguments, _set_up_logs)


def _set_up_logs(settings: Settings, more: Sequence[str] = ()) -> None:
    logs.set_up(settings.log_level, settings.log_format, [*secrets_of(settings), *more])
    for mistake in misspelt(os.environ, settings.providers_file or PROVIDERS_FILE):
        log.warning("%s", mistake)


def _say_what_is_waited_for() -> None:
    """Have no line of the log but those on a database that does not answer."""
    logging.basicConfig(level=logging.CRITICAL, format="%(message)s")
    logging.getLogger("bot.storage.engine").setLevel(logging.ERROR)


def _init() -> int:
    """Ask for what the bot needs, and write it."""
    try:
        init(sys.stdin, print, Path())
    except Ended:
        print("\nThe input ended before all was known; nothing was written.", file=sys.stderr)
        return STOPPED if sys.stdin.isatty() else MISCONFIGURED
    return STOPPED


async def _check(settings: Settings) -> int:
    return STOPPED if await check(settings, print) else MISCONFIGURED


async def _serve(settings: Settings) -> int:
    await run(settings)
    return STOPPED


if __name__ == "__main__":
    gc.freeze()
    gc.enable()
    end(main())
