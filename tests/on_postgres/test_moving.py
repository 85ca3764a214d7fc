"""An installation moves to a server, and back."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.backups.errors import BackupError
from bot.backups.moving import move
from bot.storage.engine.database import Sessions, open_database
from bot.storage.engine.faults import DatabaseTaken
from bot.storage.exchanges.finds import Finds
from bot.storage.exchanges.words import terms
from bot.storage.telegram.updates import Updates
from tests.bot.backups.test_moving import fill, moved_whole, rows
from tests.bot.store import Store
from tests.clock import FakeClock
from tests.postgres import Postgres


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"


async def test_to_a_server(file: str, url: str, clock: FakeClock) -> None:
    await moved_whole(file, url, clock)


async def test_what_lies_beside_goes_along_into_a_folder_where_no_bot_has_run(
    file: str, url: str, name: str, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(file, clock)
    (tmp_path / "bot.db.calls").write_bytes(b"calls")
    new = tmp_path / "new"
    new.mkdir()
    monkeypatch.chdir(new)

    await move(file, url, clock, print)

    assert (new / "data" / f"{name}.calls").read_bytes() == b"calls"


async def test_there_and_back_all_is_what_it_was(file: str, url: str, tmp_path: Path, clock: FakeClock) -> None:
    back = f"sqlite+aiosqlite:///{tmp_path / 'back.db'}"
    await fill(file, clock)
    async with open_database(file) as db:
        before = await rows(db)

    for source, target in ((file, url), (url, back)):
        await move(source, target, clock, print)

    async with open_database(back) as db:
        assert await rows(db) == before


async def test_where_the_server_breaks_off_it_can_be_done_again(
    file: str, url: str, name: str, clock: FakeClock
) -> None:
    await fill(file, clock)
    async with open_database(url) as db, db.begin() as session:  # as a disk that is full
        await session.execute(
            text("CREATE FUNCTION full_() RETURNS trigger AS $$ BEGIN RAISE SQLSTATE '53100'; END $$ LANGUAGE plpgsql")
        )
        await session.execute(text("CREATE TRIGGER t AFTER INSERT ON answers FOR EACH ROW EXECUTE FUNCTION full_()"))

    with pytest.raises(BackupError, match=f"the copy broke off: .*{name} at 127.0.0.1 has no rows yet"):
        await move(file, url, clock, print)

    async with open_database(url) as db, db.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM chats")) == 0
        await session.execute(text("DROP TRIGGER t ON answers"))
    await move(file, url, clock, print)


async def test_from_a_server(file: str, url: str, clock: FakeClock) -> None:
    await moved_whole(url, file, clock)


async def test_one_that_a_bot_runs_on_is_left_alone(db: Sessions, file: str, url: str, clock: FakeClock) -> None:
    await Updates(db, clock).take(1)
    await fill(file, clock)

    with pytest.raises(DatabaseTaken):
        await move(file, url, clock, print)


async def test_one_that_is_not_empty_is_not_touched(file: str, url: str, clock: FakeClock) -> None:
    await fill(url, clock)
    await fill(file, clock)

    with pytest.raises(BackupError, match="is not empty"):
        await move(file, url, clock, print)


async def test_the_copy_that_the_manual_tells_of_can_be_put_back(
    postgres: Postgres, name: str, url: str, clock: FakeClock
) -> None:
    """`pg_dump --format=custom`, and `pg_restore --exit-on-error --no-owner` into an empty database."""
    await fill(url, clock)
    async with open_database(url, alone=True) as db:  # while the bot runs
        before = await rows(db)
        dump = postgres.dump(name)

    other = postgres.create(f"{name}_back")
    postgres.put_back(f"{name}_back", dump)

    async with open_database(other) as db:
        assert await rows(db) == before
        store = Store(db, clock)
        chat = await store.chats.get(-1_000_000_000_055, 3, provider="alpha")
        assert [find.said for find in await Finds(db, clock).find(chat.id, terms("елка 1"), most=9)] == ["Ёлка 1"]
        assert (await store.ask(chat, "and one more")).id == 4
