"""Template: the tables of a new file, made once in a process; each further new file is filled from it in one step."""

import asyncio
import sqlite3
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.dialect import is_server
from bot.storage.engine.hop import perform

EMPTY = "SELECT NOT EXISTS (SELECT * FROM sqlite_master)"

T = TypeVar("T")


class Template:
    """Shared by those that may bring a database up at the same time: within `async with` they do so in turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._made: sqlite3.Connection | None = None  # in memory

    async def __aenter__(self) -> Self:
        """Wait for one's turn."""
        await self._turn.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one have it."""
        self._turn.release()

    def close(self) -> None:
        """Forget what was made."""
        if self._made:
            self._made.close()
            self._made = None

    async def fill(self, engine: AsyncEngine) -> bool:
        """Put the tables into a file that has none, if they are made already; tell whether it was done.

        SQLite writes them as one transaction: a kill leaves the file empty. Raises sqlalchemy.exc.DBAPIError.
        """
        made = self._made
        if made is None or is_server(engine.sync_engine):
            return False

        def fill(file: sqlite3.Connection) -> bool:
            if is_empty := _is_empty(file):
                made.backup(file)
            return is_empty

        return await _perform(engine, fill)

    @property
    def is_kept(self) -> bool:
        """Whether the tables are made."""
        return self._made is not None

    async def is_wanted(self, engine: AsyncEngine) -> bool:
        """Tell whether what a file comes to is worth keeping: it has no tables as yet, and nothing is kept.

        Raises sqlalchemy.exc.DBAPIError.
        """
        return self._made is None and not is_server(engine.sync_engine) and await _perform(engine, _is_empty)

    async def keep(self, engine: AsyncEngine) -> None:
        """Keep the tables of a file that has nothing else as yet. Raises sqlalchemy.exc.DBAPIError."""
        made = sqlite3.connect(":memory:", check_same_thread=False)  # each file has a thread of its own
        await _perform(engine, lambda file: file.backup(made))
        self._made = made


def _is_empty(file: sqlite3.Connection) -> bool:
    return bool(file.execute(EMPTY).fetchone()[0])


async def _perform(engine: AsyncEngine, work: Callable[[sqlite3.Connection], T]) -> T:
    async with engine.connect() as connection:
        return await perform(connection, work)
