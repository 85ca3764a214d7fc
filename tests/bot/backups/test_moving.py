"""An installation moves from one database to another, whole or not at all."""

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.__main__ import main
from bot.backups.errors import BackupError
from bot.backups.moving import move
from bot.process.lock import Locked, lock
from bot.storage.engine.database import Sessions, open_database
from bot.storage.exchanges.finds import Finds
from bot.storage.exchanges.words import terms
from bot.storage.tables import Base
from tests.bot.backups.conftest import keep
from tests.bot.store import Store
from tests.clock import FakeClock

DAMAGED = "no JSON"


async def fill(url: str, clock: FakeClock) -> None:
    """Have questions and answers in a database, of which one cannot be read any more."""
    async with open_database(url, clock=clock) as db:
        store = Store(db, clock)
        chat = await store.chats.get(-1_000_000_000_055, 3, provider="alpha")
        for number in range(3):
            await store.accept(chat, f"a blue whale {number}")
            await store.end(text=f"Ёлка {number}")
        async with db.begin() as session:
            await session.execute(text("UPDATE prompts SET content = :damaged WHERE id = 2"), {"damaged": DAMAGED})


async def rows(db: Sessions) -> dict[str, list[tuple[object, ...]]]:
    """Return all that is stored."""
    found = {}
    async with db() as session:
        for name, table in Base.metadata.tables.items():
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            stored = await session.execute(text(f'SELECT {columns} FROM "{name}"'))
            found[name] = sorted((tuple(row) for row in stored), key=repr)
    return found


async def moved_whole(source: str, target: str, clock: FakeClock) -> None:
    """Move, and find all that was there; the next question has an id of its own."""
    await fill(source, clock)
    async with open_database(source) as db:
        before = await rows(db)

    await move(source, target, clock, print)

    async with open_database(target, clock=clock) as db:
        assert await rows(db) == before
        store = Store(db, clock)
        chat = await store.chats.get(-1_000_000_000_055, 3, provider="alpha")
        found = await Finds(db, clock).find(chat.id, terms("blue елка"), most=9)
        assert [find.said for find in found] == ["Ёлка 2", "Ёлка 1", "Ёлка 0"]
        job = await store.ask(chat, "and one more")
        assert job.id == 4
    async with open_database(source) as db:
        assert await rows(db) == before


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def test_all_rows_are_moved(tmp_path: Path, clock: FakeClock) -> None:
    await moved_whole(url(tmp_path / "old.db"), url(tmp_path / "new" / "new.db"), clock)


async def test_what_people_sent_goes_along(database: Path, tmp_path: Path, clock: FakeClock) -> None:
    name = keep(database, b"another picture")
    (database.parent / "bot.db.calls").write_bytes(b"calls")

    moved = await move(url(database), url(tmp_path / "new.db"), clock, print)

    assert (moved.files, moved.missing) == (2, 0)
    assert (tmp_path / "new.db.files" / name).read_bytes() == b"another picture"
    assert (tmp_path / "new.db.calls").read_bytes() == b"calls"
    assert (tmp_path / "new.db.calls").stat().st_mode & 0o077 == 0


async def test_one_that_is_not_empty_is_not_touched(database: Path, tmp_path: Path, clock: FakeClock) -> None:
    other = Path(shutil.copy(database, tmp_path / "other.db"))

    with pytest.raises(BackupError, match=r"other\.db is not empty, its table [a-z]+ has rows"):
        await move(url(database), url(other), clock, print)


async def test_a_bot_that_runs_is_not_moved(database: Path, tmp_path: Path, clock: FakeClock) -> None:
    with lock(database), pytest.raises(Locked):
        await move(url(database), url(tmp_path / "new.db"), clock, print)


async def test_what_cannot_be_moved_leaves_no_rows(database: Path, tmp_path: Path, clock: FakeClock) -> None:
    new = tmp_path / "new.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO models (chat_id, provider, model) VALUES (404, 'a', 'b')")  # no such chat

    with pytest.raises(Exception, match="FOREIGN KEY"):
        await move(url(database), url(new), clock, print)

    with closing(sqlite3.connect(new)) as connection:
        assert connection.execute("SELECT count(*) FROM identity").fetchone() == (0,)


async def test_what_arrives_as_something_else_is_noticed(
    database: Path, empty_database: Path, tmp_path: Path, clock: FakeClock
) -> None:
    new = tmp_path / "new.db"
    shutil.copy(empty_database, new)
    with closing(sqlite3.connect(new)) as connection, connection:  # as a disk might
        connection.execute("CREATE TRIGGER t AFTER INSERT ON files BEGIN UPDATE files SET name = 'x'; END")

    with pytest.raises(BackupError, match="files is not there what it is here: nothing was copied"):
        await move(url(database), url(new), clock, print)

    assert count(new, "identity") == 0


def test_where_the_disk_gets_full_it_can_be_done_again(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 12000) INSERT INTO notices"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"{many} SELECT 7, x, 1.0 FROM c")
    new = tmp_path / "new.db"

    with full_beyond(500_000):
        assert main(["copy", url(database), url(new)]) == 2
    said = capsys.readouterr().err
    left = count(new, "notices"), count(new, "files"), count(database, "notices")

    assert said.startswith("the copy broke off: ")
    assert f"{new} has no rows yet and {database} is as it was: make room" in said
    assert left == (0, 0, 12_000)
    assert main(["copy", url(database), url(new)]) == 0
    assert "compared each row" in capsys.readouterr().out
    assert count(new, "notices") == 12_000


@pytest.mark.proof
def test_a_killed_copy_can_be_done_again(database: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    program = (
        "import asyncio, os; from bot.backups.moving import move; from tests.clock import FakeClock\n"
        "class Fast(FakeClock):\n    def now(self): self._now += 60; return self._now\n"
        f"asyncio.run(move({url(database)!r}, {url(new)!r}, Fast(), lambda _: os.kill(os.getpid(), 9)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL

    assert (count(new, "files"), count(database, "files")) == (0, 1)
    assert main(["copy", url(database), url(new)]) == 0
    assert (count(new, "files"), count(database, "files")) == (1, 1)


@contextmanager
def full_beyond(size: int) -> Iterator[None]:
    """Have this process's files be no longer than some bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def count(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nowhere.db", "new.db", "there is no database at nowhere.db"),
        ("bot.db", "./bot.db", "both are the same database"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    source: str,
    target: str,
    said: str,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(database.parent)

    assert main(["copy", f"sqlite+aiosqlite:///{source}", f"sqlite+aiosqlite:///{target}"]) == 2
    assert said in capsys.readouterr().err


def test_a_newer_version_is_told_of_the_database_that_it_made(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(database)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()

    assert main(["copy", url(database), url(tmp_path / "new.db")]) == 2
    said = capsys.readouterr().err
    assert f"{database} was made by a newer version of the bot" in said
    assert "DATABASE_URL" not in said


def test_it_is_a_command(database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["copy", url(database), url(tmp_path / "new.db")]) == 0

    assert "1 files to" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["copy", "mysql://root:hunter2@db/x", url(tmp_path / "new.db")])
    assert "hunter2" not in capsys.readouterr().err
