"""The program: `python -m bot [run | play | check | backup FILE]`."""

import argparse
import asyncio
import logging
import signal
import socket
import sqlite3
import sys
import webbrowser
from collections.abc import Coroutine, Sequence
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from bot import log as logs
from bot.app import build
from bot.check import check
from bot.lock import Locked
from bot.settings import AccessMode, ConfigurationError, Settings
from bot.storage.access import ForeignDatabaseError
from bot.storage.database import backup
from bot.storage.faults import DatabaseDamaged, Fault, fault
from providers.errors import ConfigurationError as ProviderConfigurationError

PLAY_PORT = 8081
PLAY_TOKEN = "424242:play-needs-no-token-from-BotFather-at-all"  # noqa: S105  # opens nothing
PLAY_DATABASE = "sqlite+aiosqlite:///data/play.db"
STOPPED, DAMAGED, MISCONFIGURED = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 orderly end, 1 damaged database, 2 wrong configuration."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except (ConfigurationError, ProviderConfigurationError) as error:
        return _fail(str(error), MISCONFIGURED)
    except Locked as error:
        return _fail(f"{error}; stop it, or name another file in DATABASE_URL", MISCONFIGURED)
    except ForeignDatabaseError as error:
        return _fail(f"DATABASE_URL: {error}; name another file, or use that bot's BOT_TOKEN", MISCONFIGURED)
    except DatabaseDamaged as error:
        return _fail(f"{error}; restore a backup, or move the file away", DAMAGED)
    except DBAPIError as error:
        if fault(error) is Fault.DAMAGED:
            return _fail(f"{DatabaseDamaged(error)}; restore a backup, or move the file away", DAMAGED)
        return _fail(f"DATABASE_URL: the database cannot be used: {error.orig}", MISCONFIGURED)
    except sqlite3.Error as error:
        return _fail(f"DATABASE_URL: the database cannot be used: {error}", MISCONFIGURED)
    except OSError as error:
        return _fail(f"DATABASE_URL: {error}", MISCONFIGURED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="A Telegram bot that streams AI answers.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="run the bot (the default)")
    play = commands.add_parser("play", help="chat with the bot in the browser: no token, no key, no network")
    play.add_argument("--host", default="127.0.0.1")
    play.add_argument("--port", type=int, help=f"{PLAY_PORT}, or the next free one; 0: any free one")
    play.add_argument("--no-browser", action="store_true", help="only print the address")
    commands.add_parser("check", help="try the configuration and say what works")
    save = commands.add_parser("backup", help="copy the database while the bot runs")
    save.add_argument("file", type=Path)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "play":
        settings = _play_settings()
        _set_up_logs(settings)
        return _until_signal(_play(settings, arguments.host, arguments.port, browser=not arguments.no_browser))
    settings = Settings.load()
    if arguments.command == "backup":
        try:
            backup(settings.database_url, arguments.file)
        except OSError as error:
            return _fail(str(error), MISCONFIGURED)
        print(f"copied to {arguments.file}")
        return STOPPED
    if arguments.command == "check":
        logging.basicConfig(level=logging.CRITICAL)
        return STOPPED if asyncio.run(check(settings, print)) else MISCONFIGURED
    _set_up_logs(settings)
    return _until_signal(_serve(settings))


def _play_settings() -> Settings:
    """Return the settings of `play`: what is about Telegram and the database is its own."""
    return Settings.load(
        bot_token=SecretStr(PLAY_TOKEN),
        telegram_api_url="http://127.0.0.1",
        telegram_proxy=None,
        access=AccessMode.OPEN,
        database_url=PLAY_DATABASE,
    )


def _set_up_logs(settings: Settings) -> None:
    secrets = [settings.bot_token, settings.telegram_proxy, settings.provider_proxy]
    logs.set_up(settings.log_level, settings.log_format, [secret.get_secret_value() for secret in secrets if secret])


def _until_signal(program: Coroutine[None, None, int]) -> int:
    """Run a program; SIGINT and SIGTERM cancel it, and it ends in order."""

    async def run() -> int:
        task = asyncio.ensure_future(program)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return STOPPED

    return asyncio.run(run())


async def _serve(settings: Settings) -> int:
    async with build(settings) as app:
        await app.run()
    return STOPPED


async def _play(settings: Settings, host: str, port: int | None, *, browser: bool) -> int:
    from playground.client import PlaygroundClient  # only `play` needs it
    from playground.server import Playground

    async with Playground(host=host, port=_free_port(host) if port is None else port) as playground:
        async with PlaygroundClient(playground.url) as people:
            await people.bot(
                PLAY_TOKEN, first_name="Deltagram", username="deltagram_bot", can_read_all_group_messages=True
            )
        address = settings.model_copy(update={"telegram_api_url": playground.url})
        async with build(address, play=True) as app:
            print(f"Chat with the bot at {playground.url}/ (Ctrl+C ends it)", flush=True)
            if browser:
                await asyncio.to_thread(webbrowser.open, f"{playground.url}/")
            await app.run()
    return STOPPED


def _free_port(host: str) -> int:
    """Return the usual port, or the next one that is free."""
    for port in range(PLAY_PORT, PLAY_PORT + 100):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    return 0


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
