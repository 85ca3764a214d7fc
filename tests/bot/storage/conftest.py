"""The storage tests run on an SQLite file and, where PG_URL names a PostgreSQL that may be emptied, there too."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.storage.database import Sessions, create_engine
from bot.storage.tables import Base
from tests.bot.rows import Rows

PG_URL = os.environ.get("PG_URL")


@pytest.fixture(params=["sqlite", "postgresql"] if PG_URL else ["sqlite"])
async def db(
    request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path, rows: Rows
) -> AsyncIterator[Sessions]:
    if request.param == "sqlite":
        async with rows.open(Path(shutil.copy(empty_database, tmp_path / "bot.db"))) as sessions:
            yield sessions
        return
    assert PG_URL
    engine = create_engine(PG_URL)
    names = ", ".join(Base.metadata.tables)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()
