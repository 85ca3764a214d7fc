"""Bring the database at a SQLAlchemy URL up to date: `python -m bot.storage URL`, which the bot runs beside itself."""

import asyncio
import sys

from bot.storage.database import open_database


async def main(url: str) -> None:
    """Open the database and close it."""
    async with open_database(url):
        pass


asyncio.run(main(sys.argv[1]))
