"""What the bot's tests ask for: a clock, a database, settings, and the whole of intake behind one door."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiogram import Bot

from bot.catalog.catalog import Catalog
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.ledger import Ledger
from bot.delivery.budget.memory import Memory
from bot.delivery.delivery import Delivery
from bot.delivery.pace.streams import Streams
from bot.delivery.seen import Seen
from bot.settings import Settings
from bot.storage.answers.parts import Parts
from bot.storage.chats import Chats
from bot.storage.engine.database import Sessions
from bot.storage.people.access import Accesses
from bot.storage.signals import Signals
from bot.storage.telegram.notices import Notices
from bot.storage.telegram.peers import Peers
from bot.storage.telegram.updates import Updates
from tests.bot.door import Door
from tests.bot.fixed import Fixed
from tests.bot.rows import Rows
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock
from tests.postgres import DATABASES, Postgres, ServerRows


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def rows() -> Rows:
    return Rows()


@pytest.fixture(scope="session")
def server_rows(postgres: Postgres) -> ServerRows:
    return ServerRows(postgres)


@pytest.fixture(params=DATABASES)
async def db(
    request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path, rows: Rows
) -> AsyncIterator[Sessions]:
    """An empty database: an SQLite file and, where that is wished (tests/postgres.py), one of a PostgreSQL."""
    if request.param == "sqlite":
        async with rows.open(Path(shutil.copy(empty_database, tmp_path / "bot.db"))) as sessions:
            yield sessions
        return
    if mark := request.node.get_closest_marker("sqlite"):
        pytest.skip(mark.args[0])
    on_server: ServerRows = request.getfixturevalue("server_rows")
    async with on_server.open() as sessions:
        yield sessions


@pytest.fixture
def chats(db: Sessions, clock: FakeClock) -> Chats:
    return Chats(db, clock, Signals())


@pytest.fixture
def store(db: Sessions, clock: FakeClock) -> Store:
    return Store(db, clock)


@pytest.fixture
def accesses(db: Sessions, clock: FakeClock) -> Accesses:
    return Accesses(db, clock)


@pytest.fixture
def updates(db: Sessions, clock: FakeClock) -> Updates:
    return Updates(db, clock)


@pytest.fixture(scope="session")
def usual() -> Settings:
    """What is set where a test says nothing else; to read the environment takes longer than most tests."""
    return Settings.load(_env_file=None, access="open")


@pytest.fixture
def settings(usual: Settings) -> Settings:
    return usual.model_copy()


@pytest.fixture
def catalog(clock: FakeClock) -> Catalog:
    providers = {
        "alpha": Fixed("alpha", models=("a-1", "a-2"), aliases={"first": "a-1"}),
        "beta": Fixed("beta", models=("b-1",)),
        "plain": Fixed("plain"),
    }
    return Catalog(providers, "alpha", clock)


@pytest.fixture
async def door(db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog) -> Door:
    return Door(db, clock, settings, catalog)


@pytest.fixture
def session() -> Telegram:
    return Telegram()


@pytest.fixture
def parts(store: Store) -> Parts:
    return store.parts


@pytest.fixture
async def calls(session: Telegram, db: Sessions, parts: Parts, clock: FakeClock) -> AsyncIterator[Delivery]:
    """Delivery on the clock that a test moves, to a Telegram that answers as the test says."""
    budget, streams = Budget(Limits(), clock.now()), Streams()
    delivery = Delivery(
        Bot("1:a", session=session),
        budget,
        streams,
        memory=Memory(budget, streams.recall, Peers(db, clock), Ledger(None, clock), clock),
        seen=Seen(parts, clock),
        parts=parts,
        notices=Notices(db, clock),
        clock=clock,
    )
    running = asyncio.ensure_future(delivery.run())
    yield delivery
    running.cancel()
    await asyncio.gather(running, delivery.close(), return_exceptions=True)
