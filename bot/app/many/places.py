"""Places: which database each bot has, where its table names none.

The one of DATABASE_URL stays with the bot whose it is; each other bot has one of its own beside it: a file, or on a
server a schema. So who had one bot goes on with it, and the order in bots.toml means nothing.
"""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

from bot.app.many.file import Wanted
from bot.clock import Clock
from bot.storage.engine.database import database_file, in_schema
from bot.storage.engine.faults import DatabaseDamaged, is_damaged
from bot.storage.engine.inspection import inspect_at
from bot.storage.engine.patience import patiently


class Places:
    """Finds them; `url`: DATABASE_URL."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._file = database_file(url)
        self._clock = clock
        self._owner: int | None = None
        self._is_known = False
        self._looking = asyncio.Lock()  # bots that begin together look once

    async def of(self, bot: Wanted) -> str:
        """Return the address of a bot's database.

        Raises DatabaseDamaged, Unusable, OSError, sqlite3.Error, sqlalchemy.exc.DBAPIError.
        """
        if bot.database:
            return bot.database
        if self._file is None:
            return self._url if await self._owner_of() == bot.id else in_schema(self._url, f"bot{bot.id}")
        own = self._file.with_name(f"{bot.id}.db")
        try:
            owner = await self._owner_of()
        except sqlite3.Error as error:
            if not is_damaged(error):
                raise
            if own.is_file():
                return _address(own)
            raise DatabaseDamaged(f"{self._file}: {error}") from error  # it may be this bot's
        return self._url if owner == bot.id else _address(own)

    async def _owner_of(self) -> int | None:
        """Return whose database that of DATABASE_URL is, None where it is new or not there."""
        async with self._looking:
            if not self._is_known:
                folder = self._file.parent if self._file else None
                found = await patiently(partial(inspect_at, self._url), self._clock, "owner", folder=folder)
                self._owner, self._is_known = found.bot_id if found else None, True
        return self._owner


def _address(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"
