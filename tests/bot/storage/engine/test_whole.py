"""A transaction goes to SQLite's thread once, fails as a whole, and comes to its end though its caller is gone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.storage.engine.database import Sessions, create_engine
from bot.storage.engine.hop import Connection
from bot.storage.engine.turns import Turns
from bot.storage.engine.whole import whole

ADD, COUNT = text("INSERT INTO a VALUES (:b)"), text("SELECT count(*) FROM a")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    async with engine.begin() as rows:
        await rows.execute(text("CREATE TABLE a (b INTEGER PRIMARY KEY)"))
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)


def adding(*numbers: int) -> Callable[[AsyncSession], Coroutine[Any, Any, int]]:
    async def add(session: AsyncSession) -> int:
        for number in numbers:
            await session.execute(ADD, {"b": number})
        return await session.scalar(COUNT) or 0

    return add


async def count(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(COUNT) or 0


async def test_all_of_it_is_done_by_one_way(engine: AsyncEngine, sessions: Sessions) -> None:
    async with engine.connect() as rows:
        driver = (await rows.get_raw_connection()).driver_connection
    assert isinstance(driver, Connection)
    before = driver._asked

    assert await whole(sessions, adding(1, 2, 3)) == 3

    assert driver._asked - before == 1
    assert await count(sessions) == 3


async def test_listeners_hear_of_it_as_of_any_other(engine: AsyncEngine, sessions: Sessions) -> None:
    said: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *of: said.append(of[2]))
    event.listen(engine.sync_engine, "commit", lambda _: said.append("commit"))

    await whole(sessions, adding(1))

    assert said == ["INSERT INTO a VALUES (?)", "SELECT count(*) FROM a", "commit"]


async def test_what_only_reads_commits_nothing(engine: AsyncEngine, sessions: Sessions) -> None:
    commits: list[object] = []
    event.listen(engine.sync_engine, "commit", commits.append)

    await whole(sessions, adding(), writes=False)

    assert not commits
    async with engine.connect() as rows:
        assert not (await rows.get_raw_connection()).driver_connection.in_transaction  # type: ignore[union-attr]


async def test_what_fails_changes_nothing(sessions: Sessions) -> None:
    with pytest.raises(IntegrityError):
        await whole(sessions, adding(1, 2, 2))

    assert await count(sessions) == 0


async def test_a_commit_that_fails_leaves_no_transaction_behind(sessions: Sessions) -> None:
    async def add_orphan(session: AsyncSession) -> None:
        await session.execute(text("CREATE TABLE c (b INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED)"))
        await session.execute(text("INSERT INTO c VALUES (9)"))

    with pytest.raises(IntegrityError):
        await whole(sessions, add_orphan)

    assert await whole(sessions, adding(1)) == 1


async def test_who_waits_for_something_else_is_told_so_and_changes_nothing(sessions: Sessions) -> None:
    async def wait(session: AsyncSession) -> None:
        await session.execute(ADD, {"b": 1})
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waits for something else"):
        await whole(sessions, wait)

    assert await count(sessions) == 0


async def test_rows_are_those_of_the_moment_when_they_were_asked_for(sessions: Sessions) -> None:
    await whole(sessions, adding(1, 2, 3))

    async def change(session: AsyncSession) -> list[int]:
        rows = await session.scalars(text("SELECT b FROM a ORDER BY b"))
        seen = []
        for number in rows:
            seen.append(number)
            await session.execute(text("UPDATE a SET b = b + 10 WHERE b < 10"))
        return seen

    assert await whole(sessions, change) == [1, 2, 3]


async def test_a_file_that_is_locked_is_told_as_elsewhere(sessions: Sessions, tmp_path: Path) -> None:
    async with sessions() as session:
        await session.execute(text("PRAGMA busy_timeout=0"))
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError) as error:
            await whole(sessions, adding(1))
        other.execute("ROLLBACK")

    assert isinstance(error.value.orig, sqlite3.OperationalError)
    assert await whole(sessions, adding(1)) == 1


async def test_what_asks_nothing_leaves_no_transaction_behind(engine: AsyncEngine, sessions: Sessions) -> None:
    async def nothing(_: AsyncSession) -> None: ...

    await whole(sessions, nothing)

    async with engine.connect() as rows:
        assert not (await rows.get_raw_connection()).driver_connection.in_transaction  # type: ignore[union-attr]


async def test_it_ends_though_its_caller_is_gone_and_the_next_one_waits_for_that(sessions: Sessions) -> None:
    loop, begun, goes_on = asyncio.get_running_loop(), asyncio.Event(), Event()

    async def add(session: AsyncSession) -> None:
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait()
        await session.execute(ADD, {"b": 1})

    cut_off = asyncio.ensure_future(whole(sessions, add))
    await begun.wait()
    cut_off.cancel()
    with suppress(asyncio.CancelledError):
        await cut_off
    following = asyncio.ensure_future(whole(sessions, adding(2)))
    other = asyncio.ensure_future(count(sessions))
    await asyncio.sleep(0)
    goes_on.set()

    assert await following == 2
    assert await other == 2


async def test_what_nobody_waits_for_has_ended_where_the_database_is_closed(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    loop, begun, goes_on = asyncio.get_running_loop(), asyncio.Event(), Event()
    async with engine.connect() as rows:
        driver = (await rows.get_raw_connection()).driver_connection
    assert isinstance(driver, Connection)

    async def add(session: AsyncSession) -> None:
        await session.execute(ADD, {"b": 1})
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait()

    cut_off = asyncio.ensure_future(whole(sessions, add))
    await begun.wait()
    cut_off.cancel()
    with suppress(asyncio.CancelledError):
        await cut_off
    loop.call_soon(goes_on.set)
    await engine.dispose()

    assert driver._connection is None
    with closing(sqlite3.connect(tmp_path / "a.db")) as other:
        assert other.execute("SELECT b FROM a").fetchall() == [(1,)]


async def test_it_takes_its_turn(engine: AsyncEngine, sessions: Sessions) -> None:
    async with engine.begin():
        waiting = asyncio.ensure_future(whole(sessions, adding(1)))
        await asyncio.sleep(0)
        before = waiting.done()

    assert not before
    assert await waiting == 1


async def test_who_gives_up_while_it_waits_leaves_the_turn_to_the_next(engine: AsyncEngine, sessions: Sessions) -> None:
    async with engine.begin():
        waiting = [asyncio.ensure_future(whole(sessions, adding(number))) for number in (1, 2)]
        await asyncio.sleep(0)
        waiting[0].cancel()

    assert await waiting[1] == 1


async def test_the_first_one_of_all_makes_the_connection(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'b.db'}")

    async def ident(session: AsyncSession) -> int:
        await session.execute(text("SELECT 1"))
        return get_ident()

    assert await whole(async_sessionmaker(engine), ident) != get_ident()
    assert isinstance(engine.pool, Turns)
    await engine.dispose()


async def test_a_connection_that_cannot_be_made_is_tried_by_the_next(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'b.db'}")
    fails = [True]

    @event.listens_for(engine.sync_engine, "do_connect")
    def refuse(*_arguments: object) -> None:
        if fails.pop() if fails else False:
            raise sqlite3.OperationalError("away")

    async def ask(session: AsyncSession) -> int:
        return await session.scalar(text("SELECT 1")) or 0

    both = [asyncio.ensure_future(whole(async_sessionmaker(engine), ask)) for _ in range(2)]

    with pytest.raises(DBAPIError) as error:
        await both[0]
    assert isinstance(error.value.orig, sqlite3.OperationalError)
    assert await both[1] == 1
    await engine.dispose()
