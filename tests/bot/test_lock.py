"""One running bot per database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.lock import Locked, lock

HOLDER = """
import sys
from pathlib import Path
from bot.lock import lock
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
