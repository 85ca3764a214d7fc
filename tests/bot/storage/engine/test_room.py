"""What the disk of a database lacks."""

from pathlib import Path

import pytest

from bot.storage.engine.room import advice

FULL = Path("/proc")  # where nothing is ever free

pytestmark = pytest.mark.skipif(not FULL.is_dir(), reason="Linux has such a disk")


def test_a_full_disk_is_named_with_what_to_do() -> None:
    assert advice(FULL) == "the disk of /proc is full: make room there"


def test_nothing_is_said_of_a_disk_with_room_nor_of_a_server(tmp_path: Path) -> None:
    assert advice(tmp_path / "data") == ""
    assert advice(None) == ""
