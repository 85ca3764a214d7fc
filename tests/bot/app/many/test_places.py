"""Which database each bot has."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.app.many.file import Wanted
from bot.app.many.places import Places
from bot.settings import Settings
from bot.storage.engine.database import open_database
from bot.storage.engine.faults import DatabaseDamaged
from bot.storage.people.access import Accesses
from providers.tables import NO_TABLES
from tests.clock import FakeClock


def bot(number: int, database: str | None = None) -> Wanted:
    token = f"{number}:AAEhBP0av28abcdefghijklmnopqrstuvwx"
    return Wanted(f"bot{number}", Settings.load(bot_token=token), database, NO_TABLES)


@pytest.fixture
def file(tmp_path: Path, empty_database: Path) -> Path:
    return Path(shutil.copy(empty_database, tmp_path / "bot.db"))


async def of(file: Path, wanted: Wanted) -> str:
    return (await Places(f"sqlite+aiosqlite:///{file}", FakeClock()).of(wanted)).rpartition("/")[2]


async def test_whose_it_was_goes_on_with_it_and_all_others_have_one_beside_it(file: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{file}") as db:
        await Accesses(db, FakeClock()).identify(123456, None)

    assert await of(file, bot(123456)) == "bot.db"
    assert await of(file, bot(123457)) == "123457.db"
    assert await of(file, bot(123457, "sqlite+aiosqlite:///data/own.db")) == "own.db"


async def test_without_one_each_has_its_own(tmp_path: Path) -> None:
    assert await of(tmp_path / "none.db", bot(123456)) == "123456.db"


async def test_one_that_does_not_say_whose_it_is_begins_no_new_one(file: Path, tmp_path: Path) -> None:
    await asyncio.to_thread(file.write_bytes, b"no database" * 1000)
    await asyncio.to_thread((tmp_path / "123457.db").touch)

    with pytest.raises(DatabaseDamaged):
        await of(file, bot(123456))
    assert await of(file, bot(123457)) == "123457.db"
