"""A copy takes the place of the database, or nothing is changed."""

import gzip
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.backups.copying import copy, files_of
from bot.backups.errors import BackupError, BrokenBackup, NotOurs
from bot.backups.restoring import Restored, restore
from bot.process.lock import Locked, lock
from bot.storage.engine.shelf import Shelf
from tests.bot.backups.conftest import BOT, keep
from tests.clock import FakeClock


@pytest.fixture
def backup(database: Path, tmp_path: Path) -> Path:
    copy(database, tmp_path / "copy.db", threading.Event())
    return tmp_path / "copy.db"


async def back(backup: Path, database: Path) -> Restored:
    return await restore(backup, f"sqlite+aiosqlite:///{database}", FakeClock(), bot_id=BOT)


def linked(link: Path, to: Path) -> Path:
    link.symlink_to(to)
    return link


def overwrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def read(path: Path) -> bytes:
    return path.read_bytes()


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def names(database: Path) -> list[str]:
    return Shelf(files_of(database)).names()


def execute(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
    return rows


def looks(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder; what SQLite and the lock leave empty does not count."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in files.items() if not name.endswith((".lock", "-wal", "-shm"))}


async def test_the_copy_is_in_place_and_what_was_there_can_be_restored(database: Path, backup: Path) -> None:
    execute(database, "INSERT INTO chats SELECT * FROM chats")
    execute(database, "UPDATE identity SET pairing_code = 'later'")
    later = keep(database, b"sent later")

    found = await back(backup, database)

    assert found.kept is not None
    assert execute(database, "SELECT pairing_code FROM identity") == [(None,)]
    assert (found.files, found.missing) == (1, 0)
    assert rights(database) == 0o600
    shutil.rmtree(files_of(database))
    await back(found.kept, database)
    assert execute(database, "SELECT pairing_code FROM identity") == [("later",)]
    assert Shelf(files_of(database)).get(later) == b"sent later"


async def test_on_a_new_machine_the_folder_is_made_and_the_files_come_along(backup: Path, tmp_path: Path) -> None:
    database = tmp_path / "new" / "bot.db"

    found = await back(backup, database)

    assert (found.kept, found.files) == (None, 1)
    assert [Shelf(files_of(database)).get(name) for name in names(database)] == [b"a picture"]


async def test_without_its_files_a_copy_is_restored_and_they_are_counted(backup: Path, tmp_path: Path) -> None:
    shutil.rmtree(files_of(backup))

    assert (await back(backup, tmp_path / "new" / "bot.db")).missing == 1


async def test_what_lies_in_the_log_of_the_old_database_is_kept(database: Path, backup: Path) -> None:
    writer = sqlite3.connect(database)
    writer.execute("UPDATE identity SET pairing_code = 'in the log'")
    writer.commit()

    found = await back(backup, database)
    writer.close()

    assert found.kept is not None
    assert execute(found.kept, "SELECT pairing_code FROM identity") == [("in the log",)]
    assert execute(database, "SELECT pairing_code FROM identity") == [(None,)]


async def test_a_damaged_database_is_kept_as_it_is(database: Path, backup: Path) -> None:
    damaged = b"no database at all" * 1_000
    overwrite(database, damaged)

    found = await back(backup, database)

    assert found.kept is not None
    assert read(found.kept) == damaged
    assert execute(database, "SELECT bot_id FROM identity") == [(BOT,)]


async def test_a_link_stays_a_link(database: Path, backup: Path, tmp_path: Path) -> None:
    link = linked(tmp_path / "link.db", database)
    execute(database, "UPDATE identity SET pairing_code = 'later'")

    await back(backup, link)

    assert os.readlink(link) == str(database)
    assert execute(database, "SELECT pairing_code FROM identity") == [(None,)]


async def test_while_the_bot_runs_nothing_is_restored(database: Path, backup: Path) -> None:
    with lock(database), pytest.raises(Locked, match=str(os.getpid())):
        await back(backup, database)


def cut(backup: Path) -> None:
    os.truncate(backup, backup.stat().st_size // 2)


def cut_in_a_page(backup: Path) -> None:
    os.truncate(backup, backup.stat().st_size - 1_000)


def noise(backup: Path) -> None:
    with backup.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)


def empty(backup: Path) -> None:
    os.truncate(backup, 0)


def text(backup: Path) -> None:
    backup.write_text("SELECT 1;" * 1_000, encoding="utf-8")


def encrypted(backup: Path) -> None:
    overwrite(backup, b"age-encryption.org/v1\n-> X25519 " + read(backup))


def packed(backup: Path) -> None:
    overwrite(backup, gzip.compress(read(backup)))


def a_dump(backup: Path) -> None:
    overwrite(backup, b"PGDMP\x01\x0e\x00")


def a_folder(backup: Path) -> None:
    backup.unlink()
    backup.mkdir()


def newer(backup: Path) -> None:
    execute(backup, "UPDATE alembic_version SET version_num = '9999'")


def of_another_bot(backup: Path) -> None:
    execute(backup, "UPDATE identity SET bot_id = 7")


def of_another_program(backup: Path) -> None:
    backup.unlink()
    execute(backup, "CREATE TABLE said (text)")


def with_a_trigger(backup: Path) -> None:
    execute(backup, "CREATE TRIGGER t AFTER INSERT ON chats BEGIN DELETE FROM access; END")


def without_a_table(backup: Path) -> None:
    execute(backup, "DROP TABLE outbox")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (cut, BrokenBackup),
        (cut_in_a_page, BrokenBackup),
        (noise, BrokenBackup),
        (text, BrokenBackup),
        (without_a_table, BrokenBackup),
        (empty, NotOurs),
        (of_another_program, NotOurs),
        (with_a_trigger, NotOurs),
        (encrypted, NotOurs),
        (packed, NotOurs),
        (a_dump, NotOurs),
        (a_folder, BackupError),
        (newer, NotOurs),
        (of_another_bot, NotOurs),
    ],
)
async def test_a_copy_that_cannot_be_taken_changes_nothing(
    spoil: Callable[[Path], None], error: type[Exception], database: Path, backup: Path
) -> None:
    spoil(backup)
    before = looks(database.parent)

    with pytest.raises(error):
        await back(backup, database)

    assert looks(database.parent) == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (newer, "{} was made by a newer version of the bot; "),
        (of_another_bot, "{} holds the conversations of the bot 7; "),
        (a_dump, "{} is the dump of a PostgreSQL; pg_restore puts it into one"),
        (a_folder, "{} is a folder; name one of the files in it"),
    ],
)
async def test_what_is_told_of_a_copy_is_about_the_copy(
    spoil: Callable[[Path], None], said: str, database: Path, backup: Path
) -> None:
    spoil(backup)

    with pytest.raises(BackupError) as told:
        await back(backup, database)

    assert str(told.value).startswith(said.format(backup))
    assert "DATABASE_URL" not in str(told.value)


async def test_the_database_itself_is_no_copy_of_it(database: Path, tmp_path: Path) -> None:
    link = linked(tmp_path / "link.db", database)

    with pytest.raises(BackupError, match="is the database itself"):
        await back(link, database)
