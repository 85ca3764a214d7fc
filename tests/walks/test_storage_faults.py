"""A database that is locked, full, damaged or somebody else's: nothing is acknowledged before it is stored."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.app import build
from bot.storage.faults import DatabaseDamaged
from playground.client import Bot, Chat, PlaygroundClient, User
from playground.server import Playground
from tests.walks.conftest import Start
from tests.walks.hasty import settings
from tests.walks.service import Service
from tests.walks.test_run import process

pytestmark = pytest.mark.walk

PAGE = 4096


@pytest.fixture
def environment(telegram: Playground, bot: Bot, service: Service, tmp_path: Path) -> Mapping[str, str]:
    return {
        "BOT_TOKEN": bot.token,
        "TELEGRAM_API_URL": telegram.url,
        "ACCESS": "open",
        "OPENAI_BASE_URL": service.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
    }


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the write lock as another program."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def overwrite(file: Path, part: slice) -> None:
    content = bytearray(file.read_bytes())
    content[part] = b"\xa5" * len(content[part])
    file.write_bytes(content)


def misplace_turns(file: Path) -> None:
    """Have the table of turns begin at a page that does not exist; whoever has the file open reads that at once."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA writable_schema = ON")
        other.execute("UPDATE sqlite_schema SET rootpage = 100000 WHERE name = 'turns'")
        other.execute("PRAGMA schema_version = 1000")


def size(file: Path) -> int:
    return file.stat().st_size


async def pending(people: PlaygroundClient, bot: Bot) -> int:
    return int((await people.bot(bot.token)).raw["pending"])


async def test_a_locked_database_is_waited_for_and_nothing_is_lost_or_acknowledged(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, service: Service, tmp_path: Path
) -> None:
    go_on = asyncio.Event()
    service.says("story", "Once", 0.2, " upon a time", go_on, " there was an end.")
    async with start():
        await people.write(chat, ann, "story")
        await people.wait(chat, text="upon a time")
        with locked(tmp_path / "bot.db"):
            go_on.set()
            await people.wait(chat, text="there was an end")
            await people.write(chat, ann, "more")
            await asyncio.sleep(1.5)  # so long lasts the lock: longer than SQLite itself waits
            waiting = await pending(people, bot)
        await people.wait(chat, text="You said: more", complete=True)

    texts = [message.text for message in await people.messages(chat) if message.sender != ann.id]
    assert waiting == 1
    assert texts == ["Once upon a time there was an end.", "You said: more"]
    assert service.prompts() == ["story", "more"]


async def test_a_full_disk_is_waited_for_and_nothing_is_acknowledged(
    environment: Mapping[str, str], people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, tmp_path: Path
) -> None:
    async with process("bot", "run", **environment) as child:
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True, timeout=20)
        unlimited = resource.prlimit(child.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size(tmp_path / "bot.db-wal"), unlimited[1]))
        await people.write(chat, ann, "are you full?")
        await asyncio.sleep(1.5)  # so long is the disk full
        waiting = await pending(people, bot)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, unlimited)
        await people.wait(chat, text="You said: are you full", complete=True)

    assert waiting == 1


@pytest.mark.parametrize("part", [slice(0, PAGE), slice(PAGE, None)], ids=["the first page", "all others"])
async def test_a_damaged_database_ends_the_bot_with_a_line_and_nothing_is_acknowledged(
    part: slice,
    start: Start,
    environment: Mapping[str, str],
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
    tmp_path: Path,
) -> None:
    async with start():
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
    overwrite(tmp_path / "bot.db", part)
    await people.write(chat, ann, "are you well?")

    async with process("bot", "run", **environment) as child:
        _, errors = await asyncio.wait_for(child.communicate(), 20)

    lines = [line for line in errors.decode().splitlines() if " INFO " not in line and " WARNING " not in line]
    assert child.returncode == 1
    assert len(lines) == 1
    assert "the database is damaged" in lines[0]
    assert "backup" in lines[0]
    assert await pending(people, bot) == 1


async def test_a_database_that_is_damaged_under_a_running_bot_ends_it(
    telegram: Playground, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, service: Service, tmp_path: Path
) -> None:
    async with build(settings(bot_token=bot.token, telegram_api_url=telegram.url)) as app:
        running = asyncio.ensure_future(app.run())
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)

        await asyncio.to_thread(misplace_turns, tmp_path / "bot.db")
        await people.write(chat, ann, "are you well?")

        with pytest.raises(DatabaseDamaged):
            await asyncio.wait_for(running, 10)
    assert await pending(people, bot) == 1


async def test_a_second_bot_on_the_same_database_ends_before_it_calls_and_names_the_first(
    start: Start, environment: Mapping[str, str], people: PlaygroundClient
) -> None:
    other = await people.bot("987654321:AAEhBP0av28abcdefghijklmnopqrstuvwx")

    async with start(), process("bot", "run", **{**environment, "BOT_TOKEN": other.token}) as second:
        _, errors = await asyncio.wait_for(second.communicate(), 20)

    assert second.returncode == 2
    assert str(os.getpid()) in errors.decode()
    assert errors.decode().count("\n") == 1
    assert not await people.calls(bot=other)


async def test_a_copy_made_while_the_bot_runs_is_whole(
    start: Start,
    environment: Mapping[str, str],
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    service: Service,
    tmp_path: Path,
) -> None:
    go_on = asyncio.Event()
    service.says("story", "Once", go_on, " upon a time")
    async with start():
        await people.write(chat, ann, "hello")
        await people.write(chat, ann, "story")
        await people.wait(chat, text="Once")
        async with process("bot", "backup", str(tmp_path / "copy.db"), **environment) as child:
            code = await asyncio.wait_for(child.wait(), 20)
        go_on.set()
        await people.wait(chat, text="upon a time", complete=True)

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        said = [text for (text,) in copy.execute("SELECT text FROM messages ORDER BY id")]
        states = [state for (state,) in copy.execute("SELECT state FROM turns ORDER BY id")]
        check = copy.execute("PRAGMA integrity_check").fetchone()
    assert code == 0
    assert sorted(said) == ["You said: hello", "hello", "story"]
    assert states == ["done", "generating"]
    assert check == ("ok",)
