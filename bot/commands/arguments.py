"""Arguments: what the program can be asked for."""

import argparse
import re
import sys
from pathlib import Path
from typing import NoReturn

from bot import __version__
from bot.commands.exit import MISCONFIGURED
from bot.settings import database

PLAY_PORT = 8081
LAST_PORT = 65_535
KEEP = 7
NAME = "deltagram"  # of the command that an installed wheel brings
UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
LONGEST_S = 366 * 86_400.0


class Parser(argparse.ArgumentParser):
    """A parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with code 2."""
        self.exit(MISCONFIGURED, f"{message}; {self.prog} --help tells more\n")


def called() -> str:
    """Return what calls this program from the present folder."""
    if NAME in (Path(each).stem for each in sys.orig_argv[1:3]):  # the wheel's command puts another name into sys.argv
        return NAME
    python = Path(sys.executable)
    return f"{python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else 'python'} -m bot"


def parser() -> argparse.ArgumentParser:
    parser = Parser(prog=called(), description="A Telegram bot that streams AI answers.")
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
