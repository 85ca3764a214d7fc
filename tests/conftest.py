"""For all tests: no network but loopback, and no test that fails because the machine is slow."""

import asyncio
import errno
import gc
import ipaddress
import logging
import os
import shutil
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

import bot.process.deferral  # noqa: F401  # as in a run of the bot, before all that imports aiogram
import tests.certificates  # for its effect
import tests.compiled  # for its effect
import tests.unhurried  # noqa: F401  # for its effect
from bot.storage.engine.database import open_database
from tests.postgres import Postgres, programs
from tests.processor import pytest_configure as pytest_configure
from tests.processor import pytest_runtest_setup as pytest_runtest_setup
from tests.processor import pytest_runtest_teardown as pytest_runtest_teardown
from tests.thorough import is_due, times

settings.register_profile("patient", deadline=None, max_examples=times(20, 200))
settings.load_profile("patient")

MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 2**30
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
    # A commit waits for the disk, which proves nothing here: no test cuts the power.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

pytest_plugins = ["tests.ahead", "tests.crew"]

# Packages that are loaded where they are first used; to do so takes 4 s.
VENDORS = ("anthropic", "google.genai", "ollama", "openai")
LOCAL = {None, "", "localhost", b"localhost"}


def _is_local(host: object) -> bool:
    if host in LOCAL:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _stay_here(call: Callable[..., object], at: slice) -> Callable[..., object]:
    """Return a socket's method that refuses what would leave the machine, in the words of one without a network.

    `at`: among its arguments the address.
    """

    @wraps(call)
    def refusing(connection: socket.socket, *arguments: object) -> object:
        address = next(iter(arguments[at]), None)
        if isinstance(address, tuple) and not _is_local(address[0]):
            raise OSError(errno.ENETUNREACH, f"no network in tests: {address[0]!r}")
        return call(connection, *arguments)

    return refusing


def _resolve_here(call: Callable[..., object]) -> Callable[..., object]:
    @wraps(call)
    def refusing(host: object, *arguments: object, **options: object) -> object:
        if not _is_local(host):
            raise socket.gaierror(socket.EAI_NONAME, f"no network in tests: {host!r}")
        return call(host, *arguments, **options)

    return refusing


# An audit hook would see more, but be called some ten million times: also for `id(…)`, each import and each open file.
for each, at in {
    "connect": slice(1),
    "connect_ex": slice(1),
    "sendto": slice(-1, None),
    "sendmsg": slice(3, 4),
}.items():
    setattr(socket.socket, each, _stay_here(getattr(socket.socket, each), at))
socket.getaddrinfo = _resolve_here(socket.getaddrinfo)  # type: ignore[assignment]  # the same for each caller


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not due."""
    due = {id(item): is_due(item) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if not due[id(item)]])
    items[:] = [item for item in items if due[id(item)]]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load what several workers of a crew will need, once for all of them.

    Leave what is loaded by now out of the search for garbage, which else takes a fifth of the tests' time. And search
    seldom: each search finds little, for most objects of a test go when nobody refers to them.
    """
    if session.config.option.crew > 1 and not session.config.option.collectonly:
        if walks := sys.modules.get("tests.walks.nursery"):
            walks.share()  # does meanwhile what follows, for its own
            import_module("tests.walks.rehearsal")
        if "tests.providers.official" in sys.modules:
            with warnings.catch_warnings(), suppress(ImportError):
                warnings.simplefilter("ignore")  # as tests.providers.official, which finds them loaded
                for name in VENDORS:
                    import_module(name)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own; skipped where its programs are not installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (initdb, postgres)")
    with Postgres.running() as server:
        yield server


@pytest.fixture(autouse=True)
def levels_of_logs() -> Iterator[None]:
    """Take back the level that a command sets for the rest of its process, which in a test is not its own."""
    quiet = logging.getLogger("bot.storage.engine")
    level = quiet.level
    yield
    quiet.setLevel(level)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, to be copied: migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("database") / "empty.db"

    async def make() -> None:
        async with open_database(f"sqlite+aiosqlite:///{file}"):
            pass

    asyncio.run(make())
    return file
