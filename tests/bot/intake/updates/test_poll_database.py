"""Intake while the database is locked, full or damaged."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage.engine.database import Sessions
from bot.storage.engine.faults import DatabaseDamaged
from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import said
from tests.clock import FakeClock


@pytest.mark.sqlite("does to the file what only SQLite minds")
class TestDatabase:
    """The database is not as it should be."""

    async def test_a_locked_database_is_waited_for(
        self, door: Door, clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        taking = asyncio.ensure_future(door.knock(said("Hello")))
        await clock.asleep()
        assert not taking.done()

        other.execute("ROLLBACK")
        other.close()
        await clock.advance(1)

        assert await taking == []
        assert await door.asked() == ["Hello"]
        assert len([line for line in caplog.messages if "database is locked" in line]) == 1

    async def test_a_full_disk_is_waited_for(
        self, door: Door, db: Sessions, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        await _limit_pages(db, 1)  # SQLite takes the present size where that is larger
        long = "word " * 20_000
        taking = asyncio.ensure_future(door.knock(said(long)))
        await clock.asleep()
        assert not taking.done()

        await _limit_pages(db, 1_000_000)
        await clock.advance(1)

        assert await taking == []
        assert await door.asked() == [long.strip()]
        assert any("database or disk is full" in line for line in caplog.messages)

    async def test_a_damaged_database_ends_the_bot(self, door: Door, db: Sessions, tmp_path: Path) -> None:
        await door.knock(said("Hello"))
        await _overwrite(db, tmp_path / "bot.db")

        with pytest.raises(DatabaseDamaged, match=r"malformed|not a database"):
            await door.knock(said("Hello again"))

    async def test_a_missing_column_is_a_bug_and_not_waited_for(self, door: Door, db: Sessions) -> None:
        await door.knock(said("Hello"))
        async with db.begin() as session:
            await session.execute(text("ALTER TABLE prompts RENAME COLUMN language TO tongue"))

        assert await door.told(said("Hello again")) == [EN.internal]


async def _limit_pages(db: Sessions, pages: int) -> None:
    async with db() as session:
        await session.execute(text(f"PRAGMA max_page_count={pages}"))


async def _overwrite(db: Sessions, file: Path) -> None:
    """Write noise over all pages but the first, behind SQLite's back."""
    async with db() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("ROLLBACK")
        for pragma in ("wal_checkpoint(TRUNCATE)", "shrink_memory"):
            await connection.exec_driver_sql(f"PRAGMA {pragma}")
        await connection.exec_driver_sql("BEGIN")
    with file.open("r+b") as pages:
        size = pages.seek(0, 2)
        pages.seek(4096)
        pages.write(b"\xa5" * (size - 4096))
