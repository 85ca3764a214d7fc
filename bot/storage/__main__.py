"""Bring the database of DATABASE_URL up to date: `python -m bot.storage`, which the bot runs beside itself.

What is logged goes to standard output, each line with its level before it, for the bot to log in its own way.
"""

import asyncio
import logging
import os
import sys

from bot.storage.engine.database import open_database


async def main(url: str) -> None:
    """Open the database and close it."""
    async with open_database(url):
        pass


handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(levelno)s %(message)s"))
logging.getLogger("bot").addHandler(handler)
logging.getLogger("bot").setLevel(logging.INFO)
asyncio.run(main(os.environ["DATABASE_URL"]))
