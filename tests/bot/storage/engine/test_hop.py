"""A statement takes one way to SQLite's thread, and what was cut off is rolled back all the same."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage.engine.database import create_engine
from bot.storage.engine.hop import Connection, connect


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    made = connect(str(tmp_path / "a.db"), isolation_level=None)
    await made
    yield made
    await made.close()


class Slow(Connection):
    """A connection whose thread takes its time to end."""

    may_end = threading.Event()

    def stop(self) -> "asyncio.Future[None] | None":
        """End, when it may."""
        self._tx.put_nowait((None, self.may_end.wait))
        return super().stop()


def test_where_nothing_can_be_connected_to_the_thread_ends_before_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    connection = Slow(partial(sqlite3.connect, tmp_path / "away" / "a.db"))

    async def tried() -> None:
        asyncio.get_running_loop().call_later(0.05, connection.may_end.set)
        with pytest.raises(sqlite3.OperationalError):
            await connection

    asyncio.run(tried())
    connection.may_end.set()
    connection._thread.join()

    assert not raised


async def test_the_rows_of_a_statement_come_with_it(connection: Connection) -> None:
    cursor = connection.cursor()
    await cursor.execute("CREATE TABLE a (b)")
    await cursor.executemany("INSERT INTO a VALUES (?)", [(1,), (2,)])
    inserted = cursor.rowcount

    await cursor.execute("SELECT b FROM a WHERE b > ?", (1,))

    assert inserted == 2
    assert [column[0] for column in cursor.description or ()] == ["b"]
    assert await cursor.fetchall() == [(2,)]


async def test_where_nothing_was_begun_nothing_is_rolled_back(connection: Connection) -> None:
    await connection.cursor().execute("SELECT 1")
    rolling = connection.rollback()

    with pytest.raises(StopIteration):  # at once: nothing is waited for
        rolling.send(None)


async def test_what_a_statement_began_whose_caller_is_gone_is_rolled_back(connection: Connection) -> None:
    await connection.cursor().execute("CREATE TABLE a (b)")
    begun = asyncio.ensure_future(connection.cursor().execute("BEGIN IMMEDIATE"))
    written = asyncio.ensure_future(connection.cursor().execute("INSERT INTO a VALUES (1)"))
    await asyncio.sleep(0)
    for each in (begun, written):
        each.cancel()
    await asyncio.wait({begun, written})

    await connection.rollback()

    cursor = connection.cursor()
    await cursor.execute("BEGIN IMMEDIATE")
    await cursor.execute("SELECT count(*) FROM a")
    assert await cursor.fetchall() == [(0,)]


async def test_a_transaction_begins_with_its_first_statement(connection: Connection) -> None:
    connection.begin()
    before = connection.in_transaction

    await connection.cursor().execute("CREATE TABLE a (b)")

    assert (before, connection.in_transaction) == (False, True)


@pytest.mark.parametrize("end", [Connection.commit, Connection.rollback])
async def test_a_transaction_without_a_statement_never_begins(
    connection: Connection, end: Callable[[Connection], Coroutine[None, None, None]]
) -> None:
    connection.begin()
    ending = end(connection)
    with pytest.raises(StopIteration):  # at once: nothing is waited for
        ending.send(None)

    await connection.cursor().execute("SELECT 1")

    assert not connection.in_transaction


async def test_a_transaction_whose_first_statement_fails_is_rolled_back(connection: Connection) -> None:
    connection.begin()
    with pytest.raises(sqlite3.OperationalError):
        await connection.cursor().execute("SELECT * FROM nowhere")

    await connection.rollback()

    assert not connection.in_transaction


async def test_a_mistake_is_sqlites_own(connection: Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await connection.cursor().execute("SELECT * FROM nowhere")


async def test_the_engine_takes_it_and_a_transaction_that_is_cut_off_leaves_no_lock(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    async with engine.begin() as rows:
        await rows.execute(text("CREATE TABLE a (b)"))

    async def cut_off() -> None:
        async with engine.begin() as rows:
            await rows.execute(text("INSERT INTO a VALUES (1)"))
            raise asyncio.CancelledError

    with suppress(asyncio.CancelledError):
        await cut_off()
    async with engine.begin() as rows:
        driver = (await rows.get_raw_connection()).driver_connection
        left = (await rows.execute(text("SELECT count(*) FROM a"))).scalar()
    await engine.dispose()

    assert isinstance(driver, Connection)
    assert left == 0
