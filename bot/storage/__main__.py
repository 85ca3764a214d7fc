"""Bring the database of DATABASE_URL up to date: `python -m bot.storage`, which the bot runs beside itself.

What is logged goes to standard output, each line with its level before it, for the bot to log in its own way. Called as
`python -m bot.storage attended` it ends with standard input, that is with the bot, whatever ends that: it holds no lock
of its own, and must not write where the next bot, or a restored copy, is.
"""

import asyncio
import logging
import os
import sys
from threading import Thread

from bot.storage.engine.database import open_database


async def main(url: str) -> None:
    """Open the database and close it."""
    async with open_database(url):
        pass


def end_with_input() -> None:
    """Wait for the end of standard input, and end the process with it; what is not committed is taken back."""
    os.read(sys.stdin.fileno(), 1)  # nothing is ever said; a read of Python's own is in the way of an orderly end
    os._exit(1)


if sys.argv[1:] == ["attended"]:
    Thread(target=end_with_input, daemon=True).start()
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(levelno)s %(message)s"))
logging.getLogger("bot").addHandler(handler)
logging.getLogger("bot").setLevel(logging.INFO)
asyncio.run(main(os.environ["DATABASE_URL"]))
