"""Copies again and again: when they are made, and which stay."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from bot.backups.copying import files_of
from bot.backups.rounds import Rounds, kept_in
from bot.storage.engine.faults import DatabaseDamaged
from tests.bot.backups.conftest import BOT, keep
from tests.clock import FakeClock

DAY_S = 86_400.0


@asynccontextmanager
async def rounds(database: Path, folder: Path, clock: FakeClock, **changes: int) -> AsyncIterator[Rounds]:
    made = Rounds(database, folder, clock, every_s=DAY_S, keep=changes.get("keep", 3))
    task = asyncio.ensure_future(made.run())
    await clock.asleep(1)
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def numbers(folder: Path) -> list[int]:
    return [kept.number for kept in kept_in(folder, BOT)]


async def days(clock: FakeClock, count: int) -> None:
    for _ in range(count):
        woken = len(clock.sleepers)
        await clock.advance(DAY_S)
        await clock.asleep(woken)


async def test_the_newest_copies_stay(database: Path, tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "copies"

    async with rounds(database, folder, clock):
        await days(clock, 4)

    assert numbers(folder) == [3, 4, 5]
    assert len(list(folder.iterdir())) == 6  # each with its files


async def test_a_restart_makes_no_copy_while_the_newest_is_young(database: Path, tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "copies"
    async with rounds(database, folder, clock):
        pass

    async with rounds(database, folder, clock):
        assert numbers(folder) == [1]


@pytest.mark.parametrize("leap_s", [10 * 365 * DAY_S, -10 * 365 * DAY_S], ids=["ahead", "back"])
async def test_a_clock_that_jumps_and_comes_back_costs_no_good_copy(
    leap_s: float, database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    wrong = FakeClock(wall=1_800_000_000.0 + leap_s)
    async with rounds(database, folder, wrong):
        await days(wrong, 2)

    right = FakeClock()
    async with rounds(database, folder, right):
        await days(right, 1)

    assert numbers(folder) == [3, 4, 5]


async def test_copies_share_the_bytes_of_a_file_that_did_not_change(database: Path, tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "copies"
    async with rounds(database, folder, clock):
        keep(database, b"a second one")
        await days(clock, 1)

    [first, second] = kept_in(folder, BOT)
    [old] = files_of(first.file).iterdir()
    assert (files_of(second.file) / old.name).samefile(old)
    assert len(list(files_of(second.file).iterdir())) == 2


def half_done(folder: Path, number: int) -> None:
    (folder / f"bot{BOT}-{number:06}-20200101T000000Z.db.part").write_bytes(b"")
    (folder / f"bot{BOT}-{number:06}-20200101T000000Z.db.files").mkdir()


def others(folder: Path) -> set[str]:
    """Put into a folder what is none of our copies."""
    folder.mkdir()
    for name in ("bot7-000001-20200101T000000Z.db", "notes.txt", "bot7-000001-20200101T000000Z.db.part"):
        (folder / name).write_bytes(b"")
    (folder / f"bot{BOT}-000007-20200101T000000Z.db").symlink_to(folder / "nowhere")
    return {entry.name for entry in folder.iterdir()}


async def test_what_is_not_ours_stays_and_what_was_half_done_goes(database: Path, tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "copies"
    foreign = others(folder)
    half_done(folder, 9)

    async with rounds(database, folder, clock, keep=1):
        await days(clock, 1)

    left = set(os.listdir(folder))
    assert foreign <= left
    assert not [name for name in left if "-000009-" in name]
    assert numbers(folder) == [2]


async def test_a_database_that_is_not_there_yet_is_waited_for(
    database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, folder, away = FakeClock(), tmp_path / "copies", database.with_name("away")
    os.rename(database, away)
    async with rounds(database, folder, clock):
        os.rename(away, database)
        await clock.advance(60.0)
        await clock.asleep(1)

        assert numbers(folder) == [1]
    assert "no backup was made" in caplog.text


async def test_a_damaged_database_ends_it_and_takes_no_good_copy_away(database: Path, tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "copies"
    async with rounds(database, folder, clock, keep=1):
        pass
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)

    clock = FakeClock(wall=1_800_000_000.0 + DAY_S)
    with pytest.raises(DatabaseDamaged):
        await Rounds(database, folder, clock, every_s=DAY_S, keep=1).run()

    assert numbers(folder) == [1]


async def test_a_folder_in_no_folder_or_that_is_a_file_is_told_at_once(database: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    for folder in (tmp_path / "no" / "where", tmp_path / "file"):
        with pytest.raises(OSError, match=folder.name):
            await Rounds(database, folder, FakeClock(), every_s=DAY_S, keep=1).run()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_may_not_be_written_is_told_at_once(database: Path, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(0o500)

    with pytest.raises(PermissionError, match="shut"):
        await Rounds(database, tmp_path / "shut", FakeClock(), every_s=DAY_S, keep=1).run()
