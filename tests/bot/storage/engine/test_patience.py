"""What every transaction does while another program holds the database."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.storage.chats import Chats
from bot.storage.engine.database import Sessions, open_database
from bot.storage.people.access import Accesses
from bot.storage.signals import Signals
from bot.storage.tables import Rule
from bot.storage.telegram.peers import Peers
from bot.storage.telegram.updates import Updates
from tests.clock import FakeClock

pytestmark = pytest.mark.sqlite("holds the file as another program")

CALLS: dict[str, Callable[[Sessions, FakeClock], Awaitable[object]]] = {
    "an update is taken": lambda db, clock: Updates(db, clock).take(1),
    "updates are pruned": lambda db, clock: Updates(db, clock).prune(),
    "owners are read": lambda db, clock: Accesses(db, clock).owners(),
    "a person is let in": lambda db, clock: Accesses(db, clock).set(1, 11, Rule.ALLOW, by=12),
    "a chat is opened": lambda db, clock: Chats(db, clock, Signals()).get(11, provider="alpha"),
    "a chat is gone": lambda db, clock: Chats(db, clock, Signals()).set_gone(11, gone=True),
    "a penalty is learned": lambda db, clock: Peers(db, clock).learn(11, paused_until=1.0, rate=1.0),
}


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the database as another program."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_a_locked_database_is_waited_for(
    db: Sessions, clock: FakeClock, tmp_path: Path, call: Callable[[Sessions, FakeClock], Awaitable[object]]
) -> None:
    async with db() as session:
        await session.execute(text("PRAGMA busy_timeout=1"))

    with locked(tmp_path / "bot.db"):
        calling = asyncio.ensure_future(call(db, clock))
        sleeping = asyncio.ensure_future(clock.asleep())
        await asyncio.wait({calling, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        assert not calling.done()
    await clock.advance(1)

    await calling


async def test_a_bug_is_not_waited_for(db: Sessions, updates: Updates) -> None:
    async with db.begin() as session:
        await session.execute(text("DROP TABLE updates"))

    with pytest.raises(OperationalError, match="no such table"):
        await updates.take(1)


async def test_a_transaction_whose_caller_is_cancelled_twice_leaves_no_lock(
    db: Sessions, clock: FakeClock, tmp_path: Path
) -> None:
    chats = Chats(db, clock, Signals())
    await chats.get(11, provider="alpha")

    for steps in range(60):
        calling = asyncio.ensure_future(chats.set_gone(11, gone=bool(steps % 2)))
        for _ in range(steps):
            await asyncio.sleep(0)
        calling.cancel()
        await asyncio.sleep(0)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)

        await asyncio.to_thread(lock_and_let_go, tmp_path / "bot.db")


def lock_and_let_go(file: Path) -> None:
    """Take the lock of a database as another program. Raises sqlite3.OperationalError if it stays taken for 3 s."""
    with closing(sqlite3.connect(file, timeout=3, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")


async def test_the_line_names_the_disk_that_is_full(
    clock: FakeClock,
    empty_database: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = Path(shutil.copy(empty_database, tmp_path / "bot.db"))
    async with open_database(f"sqlite+aiosqlite:///{file}") as db:
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
        async with db() as session:
            await session.execute(text("PRAGMA busy_timeout=1"))

        with locked(file):
            calling = asyncio.ensure_future(Updates(db, clock).take(1))
            await clock.asleep()
        await clock.advance(1)
        await calling

    assert f"; the disk of {tmp_path} is full: make room there" in caplog.text
