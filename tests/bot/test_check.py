"""What `check` says of a configuration, and that it agrees with `run`."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.check import check
from bot.clock import Clock
from bot.settings import Settings
from bot.storage.access import Accesses
from bot.storage.database import open_database
from playground.client import PlaygroundClient
from playground.server import Playground

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
async def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    async with Playground() as playground, PlaygroundClient(playground.url) as people:
        await people.bot(TOKEN, first_name="Delta", username="delta_bot")
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
        monkeypatch.setenv("TELEGRAM_API_URL", playground.url)
        yield


async def failures() -> list[str]:
    """Return what fails; check itself must agree."""
    said: list[str] = []
    works = await check(Settings.load(), said.append)
    found = [line for line in said if line.startswith("FAIL")]
    assert works is not bool(found)
    return found


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


async def test_what_works_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    assert await failures() == []
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEFAULT_PROVIDER", "nope", "DEFAULT_PROVIDER is 'nope'"),
        ("DEMO_PROVIDER", "off", "DEMO_PROVIDER is 'off'"),
        ("DATABASE_URL", "sqlite+aiosqlite:////proc/nowhere/bot.db", "/proc/nowhere/bot.db cannot be made"),
        ("DATABASE_URL", "sqlite+aiosqlite:///.", ". cannot be made or written"),
    ],
)
async def test_what_keeps_the_bot_from_starting_fails(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    (line,) = await failures()

    assert told in line


async def test_a_database_of_a_newer_version_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    async with open_database(f"sqlite+aiosqlite:///{file}"):
        pass
    assert await failures() == []
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    (line,) = await failures()

    assert "made by a newer version" in line


async def test_an_empty_database_will_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bot.db").touch()
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///bot.db")

    assert await failures() == []


async def test_a_code_that_was_handed_out_is_worth_nothing_once_there_are_admins(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/other.db") as sessions:
        accesses = Accesses(sessions, Clock())
        await accesses.identify(1, "handed-out")

        await accesses.identify(1, None)

        assert not await accesses.pair(1, "handed-out", 7)
