"""Rows: one engine for the databases of many tests, which so compile each statement once and not once a test.

Its statements are executed in the thread of the test: the way to a thread of SQLite's own and back takes longer than
they do. Walks, and the tests of `storage/engine`, go it.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.storage.engine.database import Sessions, create_engine
from bot.storage.engine.hop import Connection


class Rows:
    """Opens one file at a time, as the bot does; its schema is up to date."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._engine = create_engine("sqlite+aiosqlite:///a-file-that-each-test-names")
        event.listen(self._engine.sync_engine, "do_connect", self._open)

    @asynccontextmanager
    async def open(self, file: Path) -> AsyncIterator[Sessions]:
        """Open a file until the end of a test."""
        self._file = file
        try:
            yield async_sessionmaker(self._engine, expire_on_commit=False)
        finally:
            await self._engine.dispose()

    def _open(self, _dialect: object, _record: object, arguments: list[object], options: dict[str, object]) -> None:
        """Put the file in the place of the one that the engine was made for."""
        arguments[0] = str(self._file)
        options["async_creator_fn"] = _connect


class _Here(SimpleQueue[Any]):
    """Does at once what is put into it; who waits for its end goes on after what else is due, as with a thread."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], object]]) -> None:
        """Do what is asked, and tell what came of it."""
        future, work = item
        done, error = None, None
        try:
            done = work()
        except Exception as raised:  # noqa: BLE001  # told to who waits
            error = raised
        if future is not None:
            future.get_loop().call_soon(_tell, future, done, error)


def _tell(future: asyncio.Future[Any], done: object, error: Exception | None) -> None:
    if future.done():  # nobody waits any more
        return
    if error is None:
        future.set_result(done)
    else:
        future.set_exception(error)


def _connect(database: str, **options: Any) -> Connection:
    connection = Connection(lambda: sqlite3.connect(database, **options))
    connection._tx = _Here()
    connection._thread = threading.Thread()  # which has nothing to do
    return connection
