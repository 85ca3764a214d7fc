"""What only a PostgreSQL does; `POSTGRES=1` (make postgres) collects these tests."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.engine.database import Sessions, open_database
from tests.clock import FakeClock
from tests.database import Database
from tests.postgres import WANTED, Postgres
from tests.walks.conftest import ann, bot, chat, child, empty_folder, environment, model, people, start, telegram

__all__ = ("ann", "bot", "chat", "child", "empty_folder", "environment", "model", "people", "start", "telegram")

collect_ignore_glob = [] if WANTED else ["test_*.py"]

_names = itertools.count(1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def name() -> str:
    return f"bot{next(_names)}"


@pytest.fixture
def url(postgres: Postgres, name: str) -> str:
    """The address of an empty database of this test's own."""
    return postgres.create(name)


@pytest.fixture
def database(url: str, tmp_path: Path) -> Database:
    """The same one, for what walks use."""
    return Database(url, tmp_path)


@pytest.fixture
async def db(url: str, clock: FakeClock) -> AsyncIterator[Sessions]:
    """A database that this test's bot holds."""
    async with open_database(url, alone=True, clock=clock) as sessions:
        yield sessions
