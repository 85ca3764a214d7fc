"""The tables of a new file are made once in a process."""

import asyncio
import resource
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.storage.engine.database import create_engine, open_database
from bot.storage.engine.faults import Fault, Unusable, fault
from bot.storage.engine.migration import migrate
from bot.storage.engine.template import Template
from tests.stopwatch import PATIENCE_S

TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
SETTINGS = ("journal_mode", "auto_vacuum", "integrity_check")


def said(file: Path) -> list[object]:
    with closing(sqlite3.connect(file)) as rows:
        version = rows.execute("SELECT version_num FROM alembic_version").fetchall()
        return [version, *(rows.execute(f"PRAGMA {name}").fetchone() for name in SETTINGS)]


def tables(file: Path) -> list[object]:
    with closing(sqlite3.connect(file)) as rows:
        return rows.execute(TABLES).fetchall()


def children() -> list[int]:
    return [*map(int, Path("/proc/thread-self/children").read_text(encoding="ascii").split())]


async def test_a_further_file_is_as_the_first_one(tmp_path: Path, empty_database: Path) -> None:
    template, files = Template(), [tmp_path / "first.db", tmp_path / "second.db"]
    for file in files:
        async with open_database(f"sqlite+aiosqlite:///{file}", template=template) as db, db.begin() as session:
            await session.connection()
    assert tables(files[1]) == tables(files[0]) == tables(empty_database)
    assert said(files[1]) == said(files[0])
    assert said(files[0])[1:] == [("wal",), (2,), ("ok",)]
    template.close()


@pytest.mark.proof  # a process of its own is started twice
async def test_a_file_on_a_full_disk_holds_up_no_other_one(
    tmp_path: Path, empty_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    template, held, free = Template(), Path(shutil.copy(empty_database, tmp_path / "held.db")), tmp_path / "free.db"
    former = sqlalchemy.create_engine(f"sqlite:///{held}")
    with former.begin() as connection:
        migrate(connection, "0001")
    former.dispose()

    async def opened(file: Path) -> None:
        async with open_database(f"sqlite+aiosqlite:///{file}", apart=True, template=template):
            pass

    first = asyncio.ensure_future(opened(held))
    async with asyncio.timeout(PATIENCE_S):
        while not (started := children()):  # noqa: ASYNC110  # another task's work
            await asyncio.sleep(0.01)
        resource.prlimit(started[-1], resource.RLIMIT_FSIZE, (4_096, 4_096))
        while "waiting for=schema" not in caplog.text:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.02)
        await opened(free)
    assert not first.done()

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert said(free)
    template.close()


async def test_a_file_with_tables_of_its_own_is_not_written_over(tmp_path: Path) -> None:
    template, old = Template(), tmp_path / "old.db"
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'first.db'}", template=template):
        pass
    with closing(sqlite3.connect(old)) as rows:
        rows.execute("CREATE TABLE notes (words TEXT)")
        rows.execute("INSERT INTO notes VALUES ('mine')")
        rows.commit()

    with pytest.raises(Unusable):
        async with open_database(f"sqlite+aiosqlite:///{old}", template=template):
            pass

    with closing(sqlite3.connect(old)) as rows:
        assert rows.execute("SELECT words FROM notes").fetchall() == [("mine",)]
    template.close()


async def test_a_disk_that_is_full_is_told_as_of_any_statement_so_that_it_is_waited_for(tmp_path: Path) -> None:
    template, file = Template(), f"sqlite+aiosqlite:///{tmp_path / 'second.db'}"
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'first.db'}", template=template):
        pass
    engine = create_engine(file)
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count = 3"))

    with pytest.raises(DBAPIError) as failed:
        await template.fill(engine)

    assert fault(failed.value) is Fault.PASSING
    await engine.dispose()
    async with open_database(file, template=template):
        pass
    assert said(tmp_path / "second.db") == said(tmp_path / "first.db")
    template.close()
