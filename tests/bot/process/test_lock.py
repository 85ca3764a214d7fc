"""One running bot per database."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.process.lock import LOCKS_THE_FILE, Locked, lock

HOLDER = """
import sys
from pathlib import Path
from bot.process.lock import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_the_pid_of_the_first(tmp_path: Path) -> None:
    database = tmp_path / "new" / "bot.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        with pytest.raises(Locked, match=str(holder.pid)), lock(database):
            pass
        holder.kill()


def test_the_lock_of_a_dead_process_does_not_count(tmp_path: Path) -> None:
    database = tmp_path / "bot.db"
    (tmp_path / "bot.db.lock").write_text("1", encoding="utf-8")

    with lock(database):
        assert (tmp_path / "bot.db.lock").read_text(encoding="utf-8") == str(os.getpid())


def reached(way: str, database: Path) -> Path:
    """Return another path to a database."""
    other = database.parent / "elsewhere" / "other.db"
    other.parent.mkdir()
    match way:
        case "symbolic link":
            other.symlink_to(database)
        case "hard link":
            other.hardlink_to(database)
        case "link to the folder":
            (database.parent / "folder").symlink_to(database.parent)
            return database.parent / "folder" / database.name
        case "no lock file":
            database.with_name(f"{database.name}.lock").unlink()
            return database
    return other


@pytest.mark.skipif(not LOCKS_THE_FILE, reason="only Linux lets flock and SQLite's locks stand side by side")
@pytest.mark.parametrize("way", ["symbolic link", "hard link", "link to the folder", "no lock file"])
def test_a_second_process_is_told_by_whatever_way_it_comes(way: str, tmp_path: Path) -> None:
    database = tmp_path / "bot.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        with pytest.raises(Locked, match=str(holder.pid)), lock(reached(way, database)):
            pass
        holder.kill()


def test_sqlite_locks_the_file_as_ever(tmp_path: Path) -> None:
    database = tmp_path / "bot.db"

    with lock(database):
        one, other = (sqlite3.connect(database, isolation_level=None, timeout=0) for _ in range(2))
        one.execute("CREATE TABLE said (text)")
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        one.close()
        other.close()


def test_what_is_made_is_for_our_user_only(tmp_path: Path) -> None:
    with lock(tmp_path / "bot.db"):
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
