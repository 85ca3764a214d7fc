"""A database of a bot under test: an SQLite file, or one of a PostgreSQL; tests ask both in the same words."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.engine.database import Sessions, beside
from tests.postgres import Postgres
from tests.stopwatch import PATIENCE_S

Row = tuple[Any, ...]

SQLITE, POSTGRES = KINDS = ("sqlite", "postgres")


def committing(db: Sessions) -> Engine:
    """Return the engine that commits; on a server what only reads goes by another one, which hears of no commit."""
    sessions: Sessions = getattr(db, "_writing", db)
    engine: AsyncEngine = sessions.kw["bind"]
    return engine.sync_engine


@dataclass(frozen=True, slots=True)
class Database:
    """Where the rows of a bot are that runs in a folder."""

    url: str
    folder: Path
    server: Postgres | None = None

    @property
    def beside(self) -> Path:
        """What the names begin with of the files beside it."""
        return self.folder / beside(self.url)

    def file(self, end: str) -> Path:
        """Return a file that lies beside it."""
        return self.beside.with_name(self.beside.name + end)

    async def ask(self, statement: str) -> list[Row]:
        """Run a statement as another program; return its rows."""
        engine = create_async_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            result = await connection.exec_driver_sql(statement)
            return [tuple(row) for row in result.all()] if result.returns_rows else []

    async def says(self, statement: str, rows: Sequence[Row], *, within_s: float = PATIENCE_S) -> None:
        """Wait until a question is answered so. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while await self.ask(statement) != rows:  # noqa: ASYNC110  # another process writes it
                await asyncio.sleep(0.05)


Make = Callable[[Path], Database]  # an empty one, for a bot that runs in a folder


@contextmanager
def databases(kind: str) -> Iterator[Make]:
    """Make databases of a kind until the end of the block; a server is one of the block's own."""
    if kind == SQLITE:
        yield lambda folder: Database(f"sqlite+aiosqlite:///{folder.absolute() / 'bot.db'}", folder)
        return
    numbers = itertools.count(1)
    with Postgres.running() as server:
        yield lambda folder: Database(server.create(f"crash{next(numbers)}"), folder, server)
