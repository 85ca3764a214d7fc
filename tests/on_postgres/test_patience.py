"""What every transaction does while the server is away: twin of tests/bot/storage/engine/test_patience.py."""

import asyncio
import socket
import struct
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from bot.storage.chats import Chats
from bot.storage.engine.database import Sessions, open_database
from bot.storage.engine.faults import DatabaseWithdrawn
from bot.storage.people.access import Accesses
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Outgoing, Rule
from bot.storage.telegram.notices import Packed
from bot.storage.telegram.peers import Peers
from bot.storage.telegram.updates import Updates
from tests.bot.store import Store
from tests.clock import FakeClock
from tests.on_postgres.wire import Wire
from tests.postgres import USER, Postgres

T = TypeVar("T")
Call = Callable[[Sessions, FakeClock], Awaitable[object]]
Trouble = Callable[[Postgres, str], AbstractContextManager[None]]

CALLS: dict[str, Call] = {
    "an update is taken": lambda db, clock: Updates(db, clock).take(1),
    "updates are pruned": lambda db, clock: Updates(db, clock).prune(),
    "owners are read": lambda db, clock: Accesses(db, clock).owners(),
    "a person is let in": lambda db, clock: Accesses(db, clock).set(1, 11, Rule.ALLOW, by=12),
    "a chat is opened": lambda db, clock: Chats(db, clock, Signals()).get(11, provider="alpha"),
    "a penalty is learned": lambda db, clock: Peers(db, clock).learn(11, paused_until=1.0, rate=1.0),
}


@contextmanager
def stopped(server: Postgres, _name: str) -> Iterator[None]:
    """Stop the server, as an administrator does."""
    server.stop()
    yield
    server.start()


@contextmanager
def failed(server: Postgres, _name: str) -> Iterator[None]:
    """Stop it as if its power failed; it recovers at its start."""
    server.stop(at_once=True)
    yield
    server.start()


@contextmanager
def locked(server: Postgres, name: str) -> Iterator[None]:
    """Hold the tables as another program."""
    with psql(server, name) as other:
        assert other.stdin
        assert other.stdout
        other.stdin.write("BEGIN; LOCK TABLE updates, access, chats, peers; SELECT 'held';\n")
        other.stdin.flush()
        assert other.stdout.readline() == "held\n"
        yield
        other.stdin.close()


@contextmanager
def read_only(server: Postgres, name: str) -> Iterator[None]:
    """Have all sessions read only, as a standby has them."""
    server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on", database="postgres")
    cut(server, name)
    yield
    server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = off", database="postgres")
    cut(server, name)


@contextmanager
def full(server: Postgres, name: str) -> Iterator[None]:
    """Take all connections that there are, also those that are being ended."""
    cut(server, name)
    others: list[socket.socket] = []
    for _ in range(int(server.sql("SHOW max_connections", database="postgres"))):
        while (other := connected(server)) is None:
            pass
        others.append(other)
    yield
    for other in others:
        other.close()


def connected(server: Postgres) -> socket.socket | None:
    """Return a session that does nothing; None where there is no place for one."""
    asks = struct.pack("!i", 196_608) + f"user\0{USER}\0database\0postgres\0\0".encode()  # protocol 3.0
    other = socket.create_connection(("127.0.0.1", server.port))
    other.sendall(struct.pack("!i", len(asks) + 4) + asks)
    if other.recv(1) == b"R":  # authenticated
        return other
    other.close()
    return None


def cut(server: Postgres, name: str) -> None:
    """Cut all sessions of a database."""
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    server.sql(ended, database="postgres")


def psql(server: Postgres, database: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen(server.program(database), stdin=pipe, stdout=pipe, stderr=pipe, text=True)


async def waits(calling: "asyncio.Future[T]", clock: FakeClock) -> bool:
    """Tell whether a call has come to the pause before it repeats itself."""
    sleeping = asyncio.ensure_future(clock.asleep())
    both: set[asyncio.Future[Any]] = {calling, sleeping}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    sleeping.cancel()
    return not calling.done()


async def comes(calling: "asyncio.Future[T]", clock: FakeClock) -> T:
    """Move the clock until a call has come to its end."""
    while not calling.done():
        await clock.advance(1)
        await asyncio.wait({calling}, timeout=0.02)
    return await calling


@pytest.mark.parametrize("trouble", [stopped, failed, full], ids=lambda each: each.__name__)
async def test_a_server_that_is_away_is_waited_for(
    db: Sessions, clock: FakeClock, postgres: Postgres, name: str, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    with trouble(postgres, name):
        calling = asyncio.ensure_future(Updates(db, clock).take(1))
        assert await waits(calling, clock)
        assert "the database does not answer, waiting for=take error=" in caplog.text
        assert "<class" not in caplog.text
        await clock.advance(1)
        assert await waits(calling, clock)  # what was cut is not all: there is none to be had

    await comes(calling, clock)
    assert await Updates(db, clock).known(1)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_a_lock_of_another_program_is_waited_for(
    db: Sessions, clock: FakeClock, postgres: Postgres, name: str, call: Call
) -> None:
    with locked(postgres, name):
        calling = asyncio.ensure_future(call(db, clock))
        assert await waits(calling, clock)

    await comes(calling, clock)


async def test_what_is_read_only_is_waited_for_where_it_is_written(
    db: Sessions, clock: FakeClock, postgres: Postgres, name: str
) -> None:
    with read_only(postgres, name):
        calling = asyncio.ensure_future(Updates(db, clock).take(1))
        assert await waits(calling, clock)
        await clock.advance(1)
        assert await waits(calling, clock)

    await comes(calling, clock)
    assert await Updates(db, clock).known(1)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_a_session_that_was_cut_is_made_anew(
    db: Sessions, clock: FakeClock, postgres: Postgres, name: str, call: Call
) -> None:
    cut(postgres, name)

    await comes(asyncio.ensure_future(call(db, clock)), clock)


WITHDRAWN = {
    "the database is gone": ("ALTER DATABASE {name} RENAME TO {name}_gone", "does not exist"),
    "its user is refused": ("ALTER ROLE guest_of_{name} NOLOGIN", "not permitted to log in"),
    "a right is taken away": ("REASSIGN OWNED BY guest_of_{name} TO deltagram", "permission denied"),
}


@pytest.mark.parametrize(("how", "said"), WITHDRAWN.values(), ids=WITHDRAWN.keys())
async def test_what_is_taken_away_from_under_the_bot_is_no_bug_and_not_waited_for(
    postgres: Postgres, url: str, clock: FakeClock, name: str, how: str, said: str
) -> None:
    postgres.sql(f"CREATE ROLE guest_of_{name} LOGIN", database="postgres")
    postgres.sql(f"ALTER DATABASE {name} OWNER TO guest_of_{name}", database="postgres")
    async with open_database(url.replace("deltagram@", f"guest_of_{name}@"), alone=True, clock=clock) as db:
        await Updates(db, clock).take(1)
        cut(postgres, name)
        postgres.sql(how.format(name=name), database=name if "OWNED" in how else "postgres")

        with pytest.raises(DatabaseWithdrawn, match=f"taken away from under the bot: .*{said}"):
            await comes(asyncio.ensure_future(Updates(db, clock).take(2)), clock)


async def test_a_bug_is_not_waited_for(db: Sessions, clock: FakeClock) -> None:
    async with db.begin() as session:
        await session.execute(text("DROP TABLE updates"))

    with pytest.raises(ProgrammingError, match="does not exist"):
        await Updates(db, clock).take(1)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_commit_without_an_answer_is_done_once_and_known_as_done(
    postgres: Postgres, url: str, clock: FakeClock, when: str
) -> None:
    async with (
        Wire.to(postgres.port) as wire,
        open_database(url.replace(f":{postgres.port}", f":{wire.port}"), alone=True, clock=clock) as db,
    ):
        store = Store(db, clock)
        chat = await store.chats.get(7, provider="alpha")

        wire.cut = when
        said = asyncio.ensure_future(Updates(db, clock).take(1, [Packed("sendMessage", "{}")]))
        (key,) = await comes(said, clock)
        assert key

        wire.cut = when
        store.signals.work.clear()
        asked = asyncio.ensure_future(store.accept(chat, "Hello?"))
        await comes(asked, clock)
        assert store.signals.work.is_set()

        wire.cut = when
        claimed = asyncio.ensure_future(store.begun())
        assert (await comes(claimed, clock)).attempt == 1

        async with db() as session:
            assert await session.scalar(select(func.count()).select_from(Outgoing)) == 1
            assert await session.scalar(select(func.count()).select_from(Answer)) == 1
