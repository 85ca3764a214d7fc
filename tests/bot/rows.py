"""Rows: one engine for the databases of many tests, which so compile each statement once and not once a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.storage.engine.database import Sessions, create_engine


class Rows:
    """Opens one file at a time, as the bot does; its schema is up to date."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._engine = create_engine("sqlite+aiosqlite:///a-file-that-each-test-names")
        event.listen(self._engine.sync_engine, "do_connect", self._name)

    @asynccontextmanager
    async def open(self, file: Path) -> AsyncIterator[Sessions]:
        """Open a file until the end of a test."""
        self._file = file
        try:
            yield async_sessionmaker(self._engine, expire_on_commit=False)
        finally:
            await self._engine.dispose()

    def _name(self, _dialect: object, _record: object, arguments: list[object], _options: object) -> None:
        """Put the file in the place of the one that the engine was made for."""
        arguments[0] = str(self._file)
