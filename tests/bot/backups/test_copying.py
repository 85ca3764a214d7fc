"""A copy is whole, private, and there or not there."""

import errno
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.backups.copying import Copied, alone, copy, files_of
from bot.backups.errors import Abandoned
from bot.storage.engine.faults import DatabaseDamaged
from bot.storage.engine.shelf import Shelf
from tests.bot.backups.conftest import keep

FREE = threading.Event()


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_files_of_people_come_along_and_nobody_else_may_read_them(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"

    copied = copy(database, target, FREE)

    [name] = names(files_of(target))
    assert copied == Copied(files=1, missing=0)
    assert Shelf(files_of(target)).get(name) == b"a picture"
    rights = [path.stat().st_mode & 0o777 for path in (target, files_of(target), files_of(target) / name)]
    assert rights == [0o600, 0o700, 0o600]


def test_a_file_that_is_gone_or_spoilt_is_counted_and_not_copied(database: Path, tmp_path: Path) -> None:
    spoilt = keep(database, b"spoilt")
    gone = keep(database, b"gone")
    (files_of(database) / spoilt).write_bytes(b"else")
    (files_of(database) / gone).unlink()

    assert copy(database, tmp_path / "copy.db", FREE) == Copied(files=1, missing=2)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "/etc/passwd"])
def test_a_name_that_is_no_sha256_leads_nowhere(name: str, database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE files SET sha256 = ?", (name,))
        connection.commit()

    assert copy(database, tmp_path / "copy.db", FREE) == Copied(files=0, missing=0)


@pytest.mark.parametrize("room", [1_000, 50_000])
def test_a_full_disk_blames_the_copy_and_leaves_nothing(room: int, database: Path, tmp_path: Path) -> None:
    target = tmp_path / "to" / "copy.db"
    target.parent.mkdir()

    with full_disk(room), pytest.raises(OSError, match=r"copy\.db") as raised:
        copy(database, target, FREE)

    assert raised.value.errno in (errno.ENOSPC, errno.EIO, errno.EFBIG)
    assert names(target.parent) == []


def test_a_disk_that_fills_up_at_the_files_leaves_nothing(database: Path, tmp_path: Path) -> None:
    keep(database, bytes(5_000_000))
    target = tmp_path / "to" / "copy.db"
    target.parent.mkdir()

    with full_disk(4_000_000), pytest.raises(OSError, match=r"copy\.db"):
        copy(database, target, FREE)

    assert names(target.parent) == []


def test_a_damaged_database_is_not_copied(database: Path, tmp_path: Path) -> None:
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)

    with pytest.raises((DatabaseDamaged, sqlite3.DatabaseError)):
        copy(database, tmp_path / "copy.db", FREE)

    assert names(tmp_path) == ["data"]


def test_the_journal_of_a_copy_that_was_killed_does_not_spoil_the_next(database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db.part").write_bytes(b"half")
    (tmp_path / "copy.db.part-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0" * 5_000)

    copy(database, tmp_path / "copy.db", FREE)

    assert names(tmp_path) == ["copy.db", "copy.db.files", "data"]


@pytest.mark.parametrize("name", ["copy.db", "copy.db.files"])
def test_nothing_is_overwritten_not_even_a_link_to_nowhere(name: str, database: Path, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to(tmp_path / "nowhere")

    with pytest.raises(FileExistsError):
        copy(database, tmp_path / "copy.db", FREE)

    assert names(tmp_path) == sorted([name, "data"])


def test_a_link_in_the_place_of_the_half_done_copy_is_not_followed(database: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (tmp_path / "copy.db.part").symlink_to(precious)

    copy(database, tmp_path / "copy.db", FREE)

    assert precious.read_bytes() == b"precious"


def test_two_copies_into_one_folder_go_one_after_the_other(database: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    done: list[object] = []

    def second() -> None:
        try:
            done.append(copy(database, tmp_path / "copy.db", stop))
        except (Abandoned, OSError) as error:
            done.append(error)

    thread = threading.Thread(target=second)
    with alone(tmp_path, FREE):
        thread.start()
        thread.join(0.2)
        waits = thread.is_alive()
    thread.join()

    assert (waits, done) == (True, [Copied(files=1, missing=0)])


def test_who_waits_for_another_copy_can_be_stopped(database: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()

    with alone(tmp_path, FREE), pytest.raises(Abandoned):
        copy(database, tmp_path / "copy.db", stop)
