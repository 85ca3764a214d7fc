"""A database is opened whatever has become of its files, or it is said what is the matter."""

import asyncio
import errno
import logging
import os
import shutil
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import SELDOM_S
from bot.storage.engine.database import open_database
from bot.storage.engine.faults import DatabaseDamaged, Unusable
from bot.storage.engine.inspection import inspect
from bot.storage.engine.migration import REVISIONS
from bot.storage.engine.patience import PAUSE_S
from bot.storage.engine.watch import LOOK_S, Watch
from tests.clock import FakeClock

OF_ALEMBIC = ("CREATE TABLE alembic_version (version_num)", "INSERT INTO alembic_version VALUES ('ae1027a6acf0')")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def made(file: Path, empty_database: Path) -> Path:
    """A database with all tables."""
    return Path(shutil.copy(empty_database, file))


@pytest.fixture
def in_a_folder(tmp_path: Path, empty_database: Path) -> Path:
    """A database with all tables in a folder of its own."""
    (tmp_path / "data").mkdir()
    return Path(shutil.copy(empty_database, tmp_path / "data" / "bot.db"))


async def open_once(file: Path, clock: FakeClock | None = None) -> None:
    async with open_database(f"sqlite+aiosqlite:///{file}", clock=clock):
        pass


def changed(file: Path, *statements: str) -> None:
    """Do to a database what somebody does."""
    with closing(sqlite3.connect(file)) as other:
        for statement in statements:
            other.execute(statement)
        other.commit()


def content(file: Path) -> tuple[bytes, int]:
    """Return what another program would find changed: the bytes, and the rights."""
    return file.read_bytes(), stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM alembic_version"],
        ["INSERT INTO alembic_version VALUES ('0001')"],
        ["UPDATE alembic_version SET version_num = 'of my own'"],
        ["UPDATE alembic_version SET version_num = x'00ff'"],
        ["DROP TABLE alembic_version"],
        ["DROP TABLE alembic_version", "CREATE TABLE alembic_version (x INTEGER)"],
        ["DROP TABLE alembic_version", "CREATE VIEW alembic_version AS SELECT 7 AS version_num"],
    ],
    ids=["empty", "two rows", "unknown", "no text", "missing", "other columns", "a view"],
)
async def test_a_version_that_says_nothing_is_known_by_the_tables(made: Path, statements: list[str]) -> None:
    changed(made, *statements)

    await open_once(made)

    with closing(sqlite3.connect(made)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISIONS[-1],)]


@pytest.mark.parametrize("version", [(), ("CREATE TABLE alembic_version (version_num)",), OF_ALEMBIC])
async def test_the_file_of_another_program_is_refused_and_left_as_it_is(file: Path, version: Sequence[str]) -> None:
    changed(file, "CREATE TABLE said (text)", *version)
    os.chmod(file, 0o644)
    before = content(file)

    with pytest.raises(Unusable, match="its table said is another program's"):
        inspect(file)
    with pytest.raises(Unusable, match="its table said is another program's"):
        await open_once(file)

    assert content(file) == before
    assert [each.name for each in file.parent.iterdir()] == ["bot.db"]


async def test_the_file_of_another_program_that_is_at_work_is_refused_once_it_lets_read(
    file: Path, clock: FakeClock
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE said (text)")
        os.chmod(file, 0o644)
        other.execute("BEGIN EXCLUSIVE")
        other.execute("INSERT INTO said VALUES ('x')")  # makes its journal
        opening = asyncio.ensure_future(open_once(file, clock))
        await clock.asleep()
        other.execute("COMMIT")
        before = content(file)
        await clock.advance(PAUSE_S)

        with pytest.raises(Unusable, match="its table said is another program's"):
            await opening

    assert content(file) == before


async def test_a_folder_for_which_there_is_no_room_is_waited_for(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "data" / "bot.db"
    with monkeypatch.context() as full:
        full.setattr(os, "mkdir", refused)
        opening = asyncio.ensure_future(open_once(file, clock))
        await clock.asleep()
    await clock.advance(PAUSE_S)
    await opening

    assert file.is_file()


async def test_tables_of_no_version_are_damage(made: Path) -> None:
    changed(made, "DELETE FROM alembic_version", "DROP TABLE parts")

    with pytest.raises(DatabaseDamaged, match="alembic_version"):
        await open_once(made)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TABLE parts", "no table parts"),
        ("ALTER TABLE chats DROP COLUMN streaming", "table chats has no column streaming"),
        (
            "INSERT INTO chats (telegram_id, thread_id, provider, streaming, thinking, open_to_members)"
            " VALUES ('seven', 0, 'demo', 1, 'live', 0)",
            "telegram_id of its table chats",
        ),
        ("INSERT INTO admins VALUES ('x', 1, 1.0)", "no number"),
        ("INSERT INTO admins VALUES (1, 1, 'soon')", "seen_at"),
    ],
)
async def test_what_somebody_took_out_or_put_in_by_hand_is_damage(made: Path, statement: str, told: str) -> None:
    changed(made, statement)

    with pytest.raises(DatabaseDamaged, match=told):
        await open_once(made)


async def test_a_locked_database_is_waited_for_with_a_line_a_minute(
    file: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        opening = asyncio.ensure_future(open_once(file, clock))
        for _ in range(3):
            await clock.asleep()
            await clock.advance(SELDOM_S / 4)
        await clock.asleep()
        other.execute("COMMIT")
        await clock.advance(PAUSE_S)
    await opening

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "the database does not answer" in caplog.text


async def test_files_that_others_may_read_are_made_private(file: Path) -> None:
    await open_once(file)
    os.chmod(file, 0o644)  # as an older version left it
    file.with_name("bot.db.lock").touch(0o644)

    async with open_database(f"sqlite+aiosqlite:///{file}"):
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}

    assert set(modes.values()) == {0o600}
    assert {"bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock"} == set(modes)


@pytest.mark.parametrize("way", ["removed", "moved", "replaced", "folder moved", "log of writes removed"])
async def test_a_database_that_goes_away_under_the_bot_is_noticed(
    tmp_path: Path, in_a_folder: Path, clock: FakeClock, way: str
) -> None:
    file = in_a_folder
    async with open_database(f"sqlite+aiosqlite:///{file}"):
        watching = asyncio.ensure_future(Watch(file, clock).run())
        await clock.asleep()
        match way:
            case "removed":
                file.unlink()
            case "moved":
                file.rename(tmp_path / "old.db")
            case "replaced":
                (tmp_path / "new.db").write_bytes(file.read_bytes())
                (tmp_path / "new.db").rename(file)
            case "folder moved":
                file.parent.rename(tmp_path / "old")
            case "log of writes removed":
                file.with_name("bot.db-wal").unlink()
        await clock.advance(LOOK_S)

        with pytest.raises(DatabaseDamaged, match="under the running bot"):
            await watching


async def test_a_database_that_stays_is_no_matter(made: Path, clock: FakeClock) -> None:
    async with open_database(f"sqlite+aiosqlite:///{made}"):
        watching = asyncio.ensure_future(Watch(made, clock).run())
        await clock.asleep()
        await clock.advance(10 * LOOK_S)

        assert not watching.done()
        watching.cancel()
