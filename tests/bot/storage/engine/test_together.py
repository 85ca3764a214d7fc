"""Transactions that wait for the same turn have one commit, and each comes to what it would have come to alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.util import greenlet_spawn

from bot.storage.engine import turns
from bot.storage.engine.database import Sessions, create_engine, unsynced
from bot.storage.engine.hop import Connection, perform
from bot.storage.engine.together import MOST, Work, _tell, run
from bot.storage.engine.turns import Turns, first
from bot.storage.engine.whole import _make, whole

ADD, COUNT, ALL = text("INSERT INTO a VALUES (:b)"), text("SELECT count(*) FROM a"), "SELECT b FROM a ORDER BY b"
TABLES = """
    CREATE TABLE a (b INTEGER PRIMARY KEY);
    CREATE TABLE c (b INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER full AFTER INSERT ON a WHEN NEW.b = 13 BEGIN SELECT RAISE(ROLLBACK, 'as a full disk does'); END;
"""


class Short(sqlite3.Connection):
    """Rows whose first commit finds no memory; a rollback that follows, as often as is said."""

    is_short = True
    rollbacks = 0

    def commit(self) -> None:
        """Commit."""
        if self.is_short:
            self.is_short = False
            raise MemoryError
        super().commit()

    def rollback(self) -> None:
        """Roll back."""
        if self.rollbacks:
            self.rollbacks -= 1
            raise MemoryError
        super().rollback()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    with closing(sqlite3.connect(tmp_path / "a.db")) as rows:
        rows.executescript(TABLES)
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "raw.db", isolation_level=None)) as rows:
        rows.executescript(TABLES)
        rows.execute("PRAGMA foreign_keys=ON")
        yield rows


def adding(*numbers: int) -> Callable[[AsyncSession], Coroutine[Any, Any, int]]:
    async def add(session: AsyncSession) -> int:
        for number in numbers:
            await session.execute(ADD, {"b": number})
        return await session.scalar(COUNT) or 0

    return add


async def together(engine: AsyncEngine, *transactions: Coroutine[Any, Any, Any]) -> list[Any]:
    """Have them wait for the same turn; return what came of each."""
    async with engine.connect():
        waiting = [asyncio.ensure_future(each) for each in transactions]
        await asyncio.sleep(0)
    return await asyncio.gather(*waiting, return_exceptions=True)


async def ways(engine: AsyncEngine) -> int:
    """Return how many ways there were to SQLite's thread."""
    async with engine.connect() as rows:
        driver = (await rows.get_raw_connection()).driver_connection
    assert isinstance(driver, Connection)
    return driver._asked


def stored(tmp_path: Path) -> list[int]:
    with closing(sqlite3.connect(tmp_path / "a.db")) as rows:
        return [number for (number,) in rows.execute(ALL)]


async def test_those_that_wait_are_made_by_one_way_in_their_order(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    before = await ways(engine)

    assert await together(engine, *(whole(sessions, adding(number)) for number in (3, 1, 2))) == [1, 2, 3]

    assert await ways(engine) - before == 1
    assert stored(tmp_path) == [1, 2, 3]


async def test_those_that_wait_have_one_commit(engine: AsyncEngine, sessions: Sessions) -> None:
    said: list[str] = []
    async with engine.connect() as rows:
        await perform(rows, lambda raw: raw.set_trace_callback(said.append))

    await together(engine, *(whole(sessions, adding(number)) for number in (1, 2, 3)))

    assert (said.count("BEGIN IMMEDIATE"), said.count("COMMIT")) == (1, 1)


async def test_where_no_connection_can_be_made_each_is_told(tmp_path: Path) -> None:
    away = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'away' / 'a.db'}")
    sessions = async_sessionmaker(away)

    came = await asyncio.gather(*(whole(sessions, adding(number)) for number in (1, 2, 3)), return_exceptions=True)

    assert [str(each.orig) for each in came if isinstance(each, DBAPIError)] == ["unable to open database file"] * 3
    await away.dispose()


async def test_no_more_than_some_are_made_at_once(engine: AsyncEngine, sessions: Sessions) -> None:
    before = await ways(engine)

    await together(engine, *(whole(sessions, adding(number)) for number in range(20, 20 + 2 * MOST + 1)))

    assert await ways(engine) - before == 3


async def test_one_that_fails_takes_nothing_of_the_others(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    came = await together(engine, *(whole(sessions, adding(*numbers)) for numbers in ([1], [2, 1], [3, 4])))

    assert [came[0], came[2]] == [1, 3]
    assert isinstance(came[1], IntegrityError)
    assert stored(tmp_path) == [1, 3, 4]


async def test_where_everything_is_rolled_back_each_is_made_again_alone(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    came = await together(engine, *(whole(sessions, adding(number)) for number in (1, 13, 3)))

    assert [came[0], came[2]] == [1, 2]
    assert isinstance(came[1], IntegrityError)
    assert stored(tmp_path) == [1, 3]


async def test_a_commit_that_fails_is_told_to_the_one_whose_doing_it_is(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    async def orphan(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO c VALUES (9)"))

    came = await together(engine, whole(sessions, adding(1)), whole(sessions, orphan), whole(sessions, adding(2)))

    assert [came[0], came[2]] == [1, 2]
    assert isinstance(came[1], IntegrityError)
    assert stored(tmp_path) == [1, 2]


async def test_who_gives_up_while_it_waits_is_not_made(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> None:
    async with engine.connect():
        waiting = [asyncio.ensure_future(whole(sessions, adding(number))) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
    came = await asyncio.gather(*waiting, return_exceptions=True)

    assert [came[0], came[2]] == [1, 2]
    assert stored(tmp_path) == [1, 3]


async def test_updates_and_the_rest_take_turns(engine: AsyncEngine, sessions: Sessions) -> None:
    async def update(number: int) -> int:
        with first():
            return await whole(sessions, adding(number))

    rest = [whole(sessions, adding(number)) for number in range(20, 24)]

    assert await together(engine, *rest, update(1), update(2)) == [2, 4, 5, 6, 1, 3]


async def test_what_takes_the_connection_itself_waits_for_its_turn_among_them(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async def count() -> int:
        async with sessions() as session:
            return await session.scalar(COUNT) or 0

    adds = [whole(sessions, adding(number)) for number in (1, 2, 3)]

    assert await together(engine, *adds[:2], count(), adds[2]) == [1, 2, 2, 3]


@pytest.mark.parametrize(("kinds", "synced"), [((False, True), "FULL"), ((False, False), "NORMAL")])
def test_the_disk_is_waited_for_where_one_of_them_is_to(
    raw: sqlite3.Connection, kinds: tuple[bool, ...], synced: str
) -> None:
    said: list[str] = []
    raw.set_trace_callback(said.append)

    results = run([Work(lambda rows: rows.in_transaction, is_synced=kind) for kind in kinds], raw)

    assert [each.value for each in results] == [True, True]
    assert [line for line in said if line.startswith(("PRAGMA", "BEGIN", "COMMIT"))] == [
        f"PRAGMA synchronous={synced}",
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


async def test_what_may_be_lost_is_made_together_with_what_may_not(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    before = await ways(engine)

    assert await together(engine, whole(unsynced(sessions), adding(1)), whole(sessions, adding(2))) == [1, 2]

    assert await ways(engine) - before == 1
    assert stored(tmp_path) == [1, 2]


def test_where_memory_ends_nothing_is_left_open_and_each_is_made_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "raw.db", isolation_level=None, factory=Short)) as rows:
        rows.executescript(TABLES)

        results = run([Work(lambda raw: raw.execute("SELECT 1").fetchone(), is_synced=True)] * 2, rows)

        assert [each.value for each in results] == [(1,), (1,)]
        assert not rows.in_transaction


def test_a_cause_by_which_each_is_made_alone_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _tell.cache_clear()
    with closing(sqlite3.connect(tmp_path / "raw.db", isolation_level=None, factory=Short)) as rows:
        for _ in range(2):
            rows.is_short = True
            run([Work(lambda raw: raw.execute("SELECT 1").fetchone(), is_synced=True)] * 2, rows)

    assert caplog.messages == ["transactions that wait are made one by one error=out of memory"]


def test_what_could_not_be_rolled_back_takes_nothing_along(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'raw.db'}").sync_engine
    works = [Work(partial(_make, engine, adding(number), True), is_synced=True) for number in (1, 2)]
    with closing(sqlite3.connect(tmp_path / "raw.db", isolation_level=None, factory=Short)) as rows:
        rows.executescript(TABLES)
        rows.rollbacks = 1

        results = [run([work], rows)[0] for work in works]

        assert isinstance(results[0].error, MemoryError)
        assert results[1].value == 1
        assert not rows.in_transaction


@pytest.mark.parametrize("count", [1, 2])
def test_what_sqlite_itself_raises_is_told_as_callers_look_for_it(raw: sqlite3.Connection, count: int) -> None:
    results = run([Work(lambda rows: rows.execute("nonsense"), is_synced=True)] * count, raw)

    assert [type(each.error) for each in results] == [DBAPIError] * count


def test_a_file_that_is_locked_is_waited_for_once(raw: sqlite3.Connection, tmp_path: Path) -> None:
    said: list[str] = []
    raw.execute("PRAGMA busy_timeout=0")
    raw.set_trace_callback(said.append)
    with closing(sqlite3.connect(tmp_path / "raw.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        results = run([Work(lambda rows: rows.in_transaction, is_synced=True)] * 3, raw)

    errors = [each.error for each in results]
    assert [isinstance(each, DBAPIError) and str(each.orig) for each in errors] == ["database is locked"] * 3
    assert said.count("BEGIN IMMEDIATE") == 1


async def test_what_fails_for_all_of_them_is_told_to_each_and_the_next_has_its_turn(
    engine: AsyncEngine, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.ProgrammingError("closed")

    with monkeypatch.context() as patch:
        patch.setattr(turns, "run", fail)
        came = await together(engine, whole(sessions, adding(1)), whole(sessions, adding(2)))

    assert [str(each.orig) for each in came if isinstance(each, DBAPIError)] == ["closed", "closed"]
    assert await whole(sessions, adding(3)) == 1


async def test_who_asks_while_the_connection_is_closed_waits_for_another_one(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    await whole(sessions, adding(1))
    asking: list[asyncio.Future[int]] = []
    open_then: list[bool] = []
    async with engine.connect() as rows:
        driver = (await rows.get_raw_connection()).driver_connection
    assert isinstance(driver, Connection)
    closed = engine.sync_engine.pool
    assert isinstance(closed, Turns)
    event.listen(
        closed, "close", lambda *_: asking.append(asyncio.ensure_future(whole(sessions, adding(2)))), once=True
    )

    event.listen(engine.sync_engine, "do_connect", lambda *_: open_then.append(driver._connection is not None))

    await engine.dispose()

    assert await asking[0] == 2
    assert open_then == [False]
    await greenlet_spawn(closed.dispose)
