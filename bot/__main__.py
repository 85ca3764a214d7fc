"""The program: `python -m bot [run | play | check | init | status | backup FILE | restore FILE | copy FROM TO]`."""

import os
import signal

if __name__ == "__main__":  # loading all that follows takes seconds, in which there is nothing to be ended in order
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(0))

import argparse
import asyncio
import errno
import gc
import logging
import re
import socket
import sqlite3
import sys
import threading
import webbrowser
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import bot.process.deferral  # noqa: F401  # for its effect, before all that imports aiogram

# isort: split
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from bot import __version__
from bot.app.build import build
from bot.app.configured import PROVIDERS_FILE, secrets_of
from bot.app.doors import socket_of
from bot.backups.apart import apart
from bot.backups.copying import copy
from bot.backups.errors import BackupError, BrokenBackup
from bot.backups.moving import move
from bot.backups.restoring import restore
from bot.backups.rounds import Rounds
from bot.clock import Clock, Loop
from bot.commands.check import check
from bot.commands.init import Ended, init
from bot.commands.spelling import misspelt
from bot.process import log as logs
from bot.process.lock import Locked, holder
from bot.process.stop import STOPPED, STOPS, Stop, end, hangups
from bot.report.status import lines
from bot.report.talk import NobodyThere, ask
from bot.settings import AccessMode, ConfigurationError, Settings, database
from bot.storage.engine.database import beside, database_file, told
from bot.storage.engine.faults import DatabaseDamaged, DatabaseTaken, Unusable, is_damaged, reason
from bot.storage.engine.migration import NewerDatabaseError
from bot.storage.people.access import ForeignDatabaseError
from providers.errors import ConfigurationError as ProviderConfigurationError

log = logging.getLogger("bot")

PLAY_PORT = 8081
LAST_PORT = 65_535
PLAY_TOKEN = "424242:play-needs-no-token-from-BotFather-at-all"  # noqa: S105  # opens nothing
PLAY_FILE = Path("data/play.db")
DAMAGED, MISCONFIGURED = 1, 2
KEEP = 7
UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
LONGEST_S = 366 * 86_400.0
PG_DUMP = "a PostgreSQL is copied by pg_dump and put back by pg_restore (docs/operating.md), files by cp"
RESTORE = "restore a backup, or move the file away"


class Parser(argparse.ArgumentParser):
    """A parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with code 2."""
        self.exit(MISCONFIGURED, f"{message}; {self.prog} --help tells more\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 orderly end, 1 damaged database, 2 wrong configuration."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except (ConfigurationError, ProviderConfigurationError) as error:
        return _fail(str(error), MISCONFIGURED)
    except Locked as error:
        if arguments.command == "play":
            return _fail(
                f"play is running already, process {error.pid or 'unknown'}; end that one first", MISCONFIGURED
            )
        return _fail(f"{error}; stop it, or name another file in DATABASE_URL", MISCONFIGURED)
    except DatabaseTaken as error:
        return _fail(f"{error}; stop it, or name another database in DATABASE_URL", MISCONFIGURED)
    except Unusable as error:
        return _fail(f"DATABASE_URL: the database cannot be used: {error}", MISCONFIGURED)
    except NewerDatabaseError as error:
        return _fail(f"DATABASE_URL: {error}; update the bot, or name another file", MISCONFIGURED)
    except ForeignDatabaseError as error:
        return _fail(f"DATABASE_URL: {error}; name another file, or use that bot's BOT_TOKEN", MISCONFIGURED)
    except BackupError as error:
        return _fail(str(error), DAMAGED if isinstance(error, BrokenBackup) else MISCONFIGURED)
    except DatabaseDamaged as error:
        return _fail(f"{error}; {RESTORE}", DAMAGED)
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if is_damaged(cause):
            return _fail(f"{DatabaseDamaged(reason(cause))}; {RESTORE}", DAMAGED)
        return _fail(f"DATABASE_URL: the database cannot be used: {reason(cause)}", MISCONFIGURED)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m bot", description="A Telegram bot that streams AI answers.")
    parser.add_argument("--version", action="version", version=f"deltagram {__version__}")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="run the bot (the default)")
    play = commands.add_parser("play", help="chat with the bot in the browser: no token, no key, no network")
    play.add_argument("--host", default="127.0.0.1")
    play.add_argument("--port", type=_port, help=f"{PLAY_PORT}, or the next free one; 0: any free one")
    play.add_argument("--no-browser", action="store_true", help="only print the address")
    commands.add_parser("check", help="try the configuration and say what works")
    commands.add_parser("init", help="ask for token, provider and key, try each, and write .env")
    commands.add_parser("status", help="ask the running bot how it fares")
    save = commands.add_parser("backup", help="copy the database and its files while the bot runs")
    save.add_argument("file", type=Path, help="the file to make; with --every the folder for the copies")
    save.add_argument("--every", type=_interval, metavar="TIME", help="again and again: 24h, 30m, 7d")
    save.add_argument("--keep", type=_count, metavar="N", help=f"how many copies stay, with --every ({KEEP})")
    back = commands.add_parser("restore", help="put a copy in the place of the database, the bot at rest")
    back.add_argument("file", type=Path)
    carry = commands.add_parser("copy", help="move to another database (SQLite, PostgreSQL), the bot at rest")
    carry.add_argument("source", metavar="FROM", type=_database, help="its address, as in DATABASE_URL")
    carry.add_argument("target", metavar="TO", type=_database, help="the address of an empty one")
    return parser


def _database(value: str) -> str:
    try:
        return database(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected {error}") from None


def _interval(value: str) -> float:
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value)
    seconds = int(match[1]) * UNITS_S[match[2]] if match else 0
    if not 0 < seconds <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{value!r}: expected a time such as 24h, 30m or 7d, at most 366d")
    return seconds


def _count(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value):
        raise argparse.ArgumentTypeError(f"{value!r}: expected a number from 1 to 9999")
    return int(value)


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{value!r}: expected a number from 0 to {LAST_PORT}")
    return int(value)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "play":
        settings = _play_settings()
        _set_up_logs(settings)
        return _until_signal(_play(settings, arguments.host, arguments.port, browser=not arguments.no_browser))
    if arguments.command == "init":
        logging.basicConfig(level=logging.CRITICAL)
        return _interruptible(_init, otherwise="\nNothing was written.")
    settings = Settings.load()
    if arguments.command == "backup" and arguments.every is None:
        if arguments.keep is not None:
            return _fail("--keep goes with --every, as in: backup --every 24h --keep 7 DIR", MISCONFIGURED)
        return _until_signal(_backup(_source(settings), arguments.file))
    if arguments.command == "backup":
        _set_up_logs(settings)
        keep = arguments.keep or KEEP
        rounds = Rounds(_source(settings), arguments.file, Clock(), every_s=arguments.every, keep=keep)
        return _until_signal(_backups(rounds, arguments.file))
    if arguments.command == "restore":
        logging.basicConfig(level=logging.CRITICAL)
        return _until_signal(_restore(settings, arguments.file))
    if arguments.command == "copy":
        logging.basicConfig(level=logging.CRITICAL)
        return _until_signal(_move(arguments.source, arguments.target))
    if arguments.command == "status":
        return _status(settings)
    if arguments.command == "check":
        logging.basicConfig(level=logging.CRITICAL)
        return _until_signal(_check(settings))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the bot is there that reloads its providers
    _set_up_logs(settings)
    return _until_signal(_serve(settings))


def _play_settings() -> Settings:
    """Return the settings of `play`: what is about Telegram and the database is its own."""
    return Settings.load(
        bot_token=SecretStr(PLAY_TOKEN),
        telegram_api_url="http://127.0.0.1",
        telegram_proxy=None,
        access=AccessMode.OPEN,
        database_url=f"sqlite+aiosqlite:///{PLAY_FILE}",
        webhook_url=None,
        metrics_port=None,
    )


def _set_up_logs(settings: Settings) -> None:
    logs.set_up(settings.log_level, settings.log_format, secrets_of(settings))
    for mistake in misspelt(os.environ, settings.providers_file or PROVIDERS_FILE):
        log.warning("%s", mistake)


def _init() -> int:
    """Ask for what the bot needs, and write it."""
    try:
        init(sys.stdin, print, Path())
    except Ended:
        print("\nThe input ended before all was known; nothing was written.", file=sys.stderr)
        return STOPPED if sys.stdin.isatty() else MISCONFIGURED
    return STOPPED


def _interruptible(program: Callable[[], int], *, otherwise: str = "") -> int:
    """Run a program that waits for no loop; SIGINT and SIGTERM end it in order, and `otherwise` is said."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)  # the end takes a moment, and a second signal would cut it short
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in STOPS}
    try:
        return program()
    except KeyboardInterrupt:
        if otherwise:
            print(otherwise)
        return STOPPED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _source(settings: Settings) -> Path:
    file = database_file(settings.database_url)
    if file is None:
        raise ConfigurationError("DATABASE_URL", None, f"an SQLite file; {PG_DUMP}")
    return file


def _status(settings: Settings) -> int:
    """Ask the bot that runs on the database of the settings, and print what it says."""
    place, where = beside(settings.database_url), told(settings.database_url)
    try:
        said = ask(socket_of(place))
        table = [*lines(said)] if isinstance(said, dict) else []
    except NobodyThere:
        return _fail(_nobody(settings.database_url), MISCONFIGURED)
    except PermissionError:
        return _fail(f"{where}: only the user whose bot runs there may ask it", MISCONFIGURED)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}; it may be starting or ending, or of another version than this program"
        return _fail(f"the bot on {where} does not say how it fares: {why}", MISCONFIGURED)
    print("\n".join(table))
    return STOPPED


def _nobody(url: str) -> str:
    """Say that nobody listens, and whether a bot runs all the same."""
    file, where = database_file(url), told(url)
    if file and (pid := holder(file)):
        return f"process {pid} runs on {where} and does not say how it fares; it may be starting or ending, ask again"
    here = "" if file else " here: ask on the machine and in the folder where it runs"
    return f"no bot runs on {where}{here} (DATABASE_URL); start one with: python -m bot run"


async def _backup(source: Path, target: Path) -> int:
    """Copy the database; nothing half done is left."""
    try:
        copied = await apart(partial(copy, source, target))
    except OSError as error:
        return _fail(_about(error, "name a file in a folder that you may write in"), MISCONFIGURED)
    print(f"copied to {target}")
    if copied.files:
        print(f"with {copied.files} files in {target}.files")
    if copied.missing:
        print(f"{copied.missing} files were not there to be copied; Telegram has them")
    return STOPPED


async def _backups(rounds: Rounds, folder: Path) -> int:
    try:
        await rounds.run()
    except OSError as error:
        return _fail(_about(error, f"name a folder that you may write in, not {folder}"), MISCONFIGURED)
    return STOPPED


async def _restore(settings: Settings, backup: Path) -> int:
    """Put a copy in the place of the database; where it fails nothing was changed."""
    bot_id, _, _ = settings.bot_token.get_secret_value().partition(":")
    try:
        found = await restore(
            backup, settings.database_url, Clock(), bot_id=int(bot_id) if bot_id.isdecimal() else None
        )
    except OSError as error:
        return _fail(_about(error, "is there room, and may you write there? Nothing was changed"), MISCONFIGURED)
    print(f"restored {backup}: {found.answers} answers, {found.files} files")
    if found.missing:
        print(f"{found.missing} files are not there; Telegram is asked for them when they are needed")
    if found.kept:
        print(f"what was there is kept as {found.kept}")
    return STOPPED


async def _move(source: str, target: str) -> int:
    """Put the rows of one database into another; where it fails that one has none."""
    try:
        moved = await move(source, target, Clock(), partial(print, flush=True))
    except OSError as error:
        return _fail(_about(error, "is there room, and may you write there?"), MISCONFIGURED)
    print(f"copied {moved.rows} rows and {moved.files} files to {told(target)}")
    print("name it in DATABASE_URL, and start the bot")
    if moved.missing:
        print(f"{moved.missing} files were not there to be copied; Telegram is asked for them when they are needed")
    return STOPPED


def _about(error: OSError, mend: str) -> str:
    """Say what the system said of which file, and what to do about it."""
    if error.errno == errno.ENOSPC:
        mend = "make room, or name another disk"
    return f"{error.filename}: {error.strerror}; {mend}" if error.filename else str(error)


def _until_signal(program: Coroutine[None, None, int]) -> int:
    """Run a program; SIGINT and SIGTERM cancel it, and it ends in order."""
    stop = Stop()

    async def run() -> int:
        task = asyncio.ensure_future(program)
        stop.cancels(task)
        try:
            return await task
        except asyncio.CancelledError:
            log.info("stopped reason=%s", ", ".join(number.name for number in stop.received))
            return STOPPED

    gc.collect()
    gc.freeze()  # a look at all that is loaded stops the loop for 0.1 s, again and again
    with stop.installed(), asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(run())


async def _check(settings: Settings) -> int:
    return STOPPED if await check(settings, print) else MISCONFIGURED


async def _serve(settings: Settings) -> int:
    async with build(settings, apart=True) as app:
        with hangups(app.reload.ask):
            await app.run()
    return STOPPED


async def _play(settings: Settings, host: str, port: int | None, *, browser: bool) -> int:
    from telegram_playground.client import PlaygroundClient  # only `play` needs it
    from telegram_playground.server import Playground

    async with AsyncExitStack() as stack:
        try:
            playground = Playground(host=host, port=_free_port(host) if port is None else port)
            await stack.enter_async_context(playground)
        except OSError as error:
            where = f"{host}:{port}" if port else host
            expected = f"an address of this machine and a port that is free ({error.strerror})"
            raise ConfigurationError("--host, --port", where, expected) from error
        async with PlaygroundClient(playground.url) as people:
            await people.bot(
                PLAY_TOKEN, first_name="Deltagram", username="deltagram_bot", can_read_all_group_messages=True
            )
        address = settings.model_copy(update={"telegram_api_url": playground.url})
        async with build(address, play=True, fresh=True, apart=True) as app:
            print(f"Chat with the bot at {playground.url}/ (Ctrl+C ends it)", flush=True)
            if browser:  # some browsers come back only when they are closed: nobody waits for that
                threading.Thread(target=_show, args=(f"{playground.url}/",), daemon=True).start()
            await app.run()
    return STOPPED


def _show(url: str) -> None:
    """Open the browser, if there is one; blocks."""
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(url)


def _free_port(host: str) -> int:
    """Return the usual port, or the next one that is free. Raises OSError for a host that is none of ours."""
    for port in range(PLAY_PORT, PLAY_PORT + 100):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            return port
    return 0


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    end(main())
