"""The program: `python -m bot [run | play | check | init | backup FILE]`."""

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

import bot.deferral  # noqa: F401  # for its effect, before all that imports aiogram

# isort: split
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from bot import log as logs
from bot.build import PROVIDERS_FILE, build, secrets_of
from bot.check import check
from bot.clock import Loop
from bot.init import Ended, init
from bot.lock import Locked
from bot.settings import AccessMode, ConfigurationError, Settings
from bot.spelling import misspelt
from bot.stop import STOPPED, STOPS, Stop, end, hangups
from bot.storage.access import ForeignDatabaseError
from bot.storage.database import backup, unfinished
from bot.storage.faults import DatabaseDamaged, is_damaged
from bot.storage.migration import NewerDatabaseError
from providers.errors import ConfigurationError as ProviderConfigurationError

log = logging.getLogger("bot")

PLAY_PORT = 8081
LAST_PORT = 65_535
PLAY_TOKEN = "424242:play-needs-no-token-from-BotFather-at-all"  # noqa: S105  # opens nothing
PLAY_FILE = Path("data/play.db")
DAMAGED, MISCONFIGURED = 1, 2
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
    except NewerDatabaseError as error:
        return _fail(f"DATABASE_URL: {error}; update the bot, or name another file", MISCONFIGURED)
    except ForeignDatabaseError as error:
        return _fail(f"DATABASE_URL: {error}; name another file, or use that bot's BOT_TOKEN", MISCONFIGURED)
    except DatabaseDamaged as error:
        return _fail(f"{error}; {RESTORE}", DAMAGED)
    except (DBAPIError, sqlite3.Error) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        if is_damaged(reason):
            return _fail(f"{DatabaseDamaged(reason)}; {RESTORE}", DAMAGED)
        return _fail(f"DATABASE_URL: the database cannot be used: {reason}", MISCONFIGURED)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m bot", description="A Telegram bot that streams AI answers.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="run the bot (the default)")
    play = commands.add_parser("play", help="chat with the bot in the browser: no token, no key, no network")
    play.add_argument("--host", default="127.0.0.1")
    play.add_argument("--port", type=_port, help=f"{PLAY_PORT}, or the next free one; 0: any free one")
    play.add_argument("--no-browser", action="store_true", help="only print the address")
    commands.add_parser("check", help="try the configuration and say what works")
    commands.add_parser("init", help="ask for token, provider and key, try each, and write .env")
    save = commands.add_parser("backup", help="copy the database while the bot runs")
    save.add_argument("file", type=Path)
    return parser


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
    if arguments.command == "backup":
        return _interruptible(partial(_backup, settings, arguments.file))
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


def _backup(settings: Settings, target: Path) -> int:
    """Copy the database; nothing half done is left."""
    try:
        backup(settings.database_url, target)
    except OSError as error:
        if error.filename == str(unfinished(target)):
            return _fail(f"{target}: {error.strerror}; name a file in a folder that you may write in", MISCONFIGURED)
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), MISCONFIGURED)
    print(f"copied to {target}")
    return STOPPED


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
