"""What operators type: read, and where it is wrong told in one line, with exit code 2."""

import argparse
import math
import os
import re
import shlex
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

WRONG = 2  # the exit code of a mistake of the operator
LAST_PORT = 65_535
_TOKEN = re.compile(r"[0-9]{1,15}:[A-Za-z0-9_-]{35,}")


class Parser(argparse.ArgumentParser):
    """A parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with code 2."""
        self.exit(WRONG, f"{' '.join(message.split())}; {self.prog} --help tells more\n")


def port(text: str) -> int:
    """Return a port, 0 for any free one."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 0 to {LAST_PORT}")
    return int(text)


def number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number between two."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r}: expected a number from {least} to {most}")
        return int(text)

    return read


def seconds(*, least: float = 0.0, most: float = 86_400.0) -> Callable[[str], float]:
    """Return what reads a time."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: expected seconds from {least:g} to {most:g}")
        return found

    return read


def address(text: str) -> str:
    """Return the address of a server."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an address such as http://127.0.0.1:8081")
    return text


def token(text: str) -> str:
    """Return a bot's token."""
    if not _TOKEN.fullmatch(text):
        raise argparse.ArgumentTypeError("expected a token: digits, a colon, 35 or more letters, digits, _ or -")
    return text


def pattern(text: str) -> str:
    """Return a regular expression."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a regular expression: {error}") from None
    return text


def program(text: str) -> list[str]:
    """Return a command as its words."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a command: {error}") from None
    if not words:
        raise argparse.ArgumentTypeError("expected a command that starts the bot")
    return words


def new_file(text: str) -> Path:
    """Return a file that can be written."""
    path = Path(text)
    there = path if path.exists() else path.parent
    if path.is_dir() or not there.exists() or not os.access(there, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a file that can be written")
    return path


def cannot_listen(host: str, port: int, error: OSError | UnicodeError) -> str:
    """Say why a server cannot be there."""
    if isinstance(error, UnicodeError):
        reason = "no name of a machine"
    elif isinstance(error, socket.gaierror):
        reason = error.strerror or "no such machine"
    else:
        reason = os.strerror(error.errno or 0)
    return f"cannot listen on {host}:{port}: {reason}"
