"""How the providers fared, in a file."""

import asyncio
import json
import os
import threading
from pathlib import Path
from random import Random

import pytest

from bot.catalog.chart import WRITE_S, Chart
from providers.care.health import Cause, Health
from tests.clock import FakeClock


def chart(file: Path | None, clock: FakeClock) -> tuple[Chart, Health]:
    health = Health(clock, Random(1))
    return Chart(file, health, clock), health


async def test_what_one_process_learned_the_next_one_knows(tmp_path: Path, clock: FakeClock) -> None:
    first, health = chart(tmp_path / "bot.db.health", clock)
    running = asyncio.ensure_future(first.run())
    health.note("one", "m", cause=Cause.LIMIT)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    health.note("one", "m", cause=Cause.LIMIT)
    first.write()
    second, known = chart(tmp_path / "bot.db.health", clock)
    second.recall()

    assert known.cause("one") is Cause.LIMIT


def test_it_is_for_its_user_alone(tmp_path: Path, clock: FakeClock) -> None:
    first, health = chart(tmp_path / "bot.db.health", clock)
    health.note("one")
    first.write()

    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("bot.db.health", 0o600)]


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", '{"results": {"one": 5}}'])
def test_a_torn_file_is_none(tmp_path: Path, clock: FakeClock, text: str) -> None:
    (tmp_path / "bot.db.health").write_text(text, encoding="utf-8")
    torn, health = chart(tmp_path / "bot.db.health", clock)

    torn.recall()

    assert health.fares("one") is None


def test_where_there_is_no_file_nothing_is_written(clock: FakeClock) -> None:
    none, health = chart(None, clock)
    none.recall()
    health.note("one")
    none.write()

    assert health.fares("one") is not None


def test_a_disk_that_takes_nothing_is_told_and_tried_again(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / f"bot.db.health.{os.getpid()}.new"  # of each process its own
    blocked.mkdir()
    full, health = chart(tmp_path / "bot.db.health", clock)
    health.note("one")
    full.write()
    blocked.rmdir()
    full.write()

    assert "health not written" in caplog.text
    assert json.loads((tmp_path / "bot.db.health").read_text(encoding="utf-8"))["results"]["one"]


class Watched(FakeClock):
    """Notes who asks for the time."""

    def __init__(self) -> None:
        super().__init__()
        self.askers: set[int] = set()

    def wall(self) -> float:
        self.askers.add(threading.get_ident())
        return super().wall()


async def test_what_changes_meanwhile_is_read_by_nobody_else(tmp_path: Path) -> None:
    clock = Watched()
    first, health = chart(tmp_path / "bot.db.health", clock)
    health.breaker("one").open(60.0, 1)
    health.note("one", "m", cause=Cause.LIMIT)
    running = asyncio.ensure_future(first.run())
    await clock.asleep()
    clock.askers.clear()

    await clock.advance(WRITE_S)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert clock.askers == {threading.get_ident()}


def test_a_disk_that_stays_full_is_told_seldom_and_anew_when_it_was_well(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    full, health = chart(folder / "bot.db.health", clock)
    health.note("one")
    lines = []
    for _ in range(100):
        full.write()
        lines.append(len(caplog.messages))

    assert [
        number for number, (before, now) in enumerate(zip([0, *lines], lines, strict=False), 1) if now > before
    ] == [*(1, 10, 100)]

    folder.mkdir()
    full.write()
    folder.joinpath("bot.db.health").unlink()
    folder.rmdir()
    health.note("one")
    full.write()

    assert len(caplog.messages) == 4
