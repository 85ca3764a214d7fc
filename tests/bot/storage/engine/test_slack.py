"""The file of a database gets smaller where much of it is free, and keeps what is worth keeping."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.storage.engine.database import Sessions, open_database
from bot.storage.engine.hop import perform
from bot.storage.engine.slack import FEW, Slack
from tests.clock import FakeClock

MANY = 3 * FEW


async def leave_free(db: Sessions, pages: int) -> None:
    """Have so many pages hold nothing any more."""
    async with db.begin() as session:
        await session.execute(text("CREATE TABLE filler (words TEXT)"))
        await session.execute(text("INSERT INTO filler VALUES (:words)"), [{"words": "x" * 4_000}] * pages)
    async with db.begin() as session:
        await session.execute(text("DROP TABLE filler"))


async def pages(db: Sessions) -> tuple[int, int]:
    """Return how many pages hold nothing, and how many there are."""
    async with db() as session:
        free = await session.scalar(text("SELECT freelist_count FROM pragma_freelist_count"))
        return free or 0, await session.scalar(text("SELECT page_count FROM pragma_page_count")) or 0


async def give_back(db: Sessions, clock: FakeClock) -> int:
    """Return how many steps it took."""
    slack, steps = Slack(db, clock), 0
    while await slack.step():
        steps += 1
    return steps


@pytest.mark.sqlite("looks at the pages of the file")
async def test_much_that_is_free_goes_back_to_the_disk_in_small_steps(db: Sessions, clock: FakeClock) -> None:
    await leave_free(db, MANY)
    _, before = await pages(db)

    steps = await give_back(db, clock)

    free, after = await pages(db)
    assert before - after > MANY - FEW
    assert free <= FEW / 2
    assert steps > 3


@pytest.mark.sqlite("looks at the pages of the file")
async def test_a_little_is_kept_for_what_comes(db: Sessions, clock: FakeClock) -> None:
    await leave_free(db, FEW // 2)

    assert await give_back(db, clock) == 0


async def test_a_file_that_was_made_by_an_earlier_version_stays_as_it_is(tmp_path: Path, clock: FakeClock) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")  # as all began
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}") as db:
        await leave_free(db, MANY)

        assert await give_back(db, clock) == 0
        assert (await pages(db))[0] >= MANY


@pytest.mark.sqlite("looks at the pages of the file")
async def test_a_file_that_cannot_give_pages_back_now_is_told_as_of_any_statement(
    db: Sessions, clock: FakeClock
) -> None:
    def refuse(_action: int, what: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if what == "incremental_vacuum" else sqlite3.SQLITE_OK

    await leave_free(db, MANY)
    async with db() as session:
        await perform(await session.connection(), lambda file: file.set_authorizer(refuse))

    with pytest.raises(DBAPIError, match="not authorized"):
        await Slack(db, clock).step()
