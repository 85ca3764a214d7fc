"""A database that is locked, full, damaged or somebody else's: nothing is acknowledged before it is stored."""

import asyncio
import resource
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from playground.client import Bot, Chat, PlaygroundClient, User
from playground.server import Playground
from tests.walks.conftest import Start
from tests.walks.service import Service
from tests.walks.test_run import process

pytestmark = pytest.mark.walk

DATABASE = Path("data/bot.db")
PAGE = 4096


@pytest.fixture
def environment(telegram: Playground, bot: Bot, service: Service) -> Mapping[str, str]:
    return {
        "BOT_TOKEN": bot.token,
        "TELEGRAM_API_URL": telegram.url,
        "ACCESS": "open",
        "OPENAI_BASE_URL": service.url,
    }


@pytest.fixture
async def answered(
    environment: Mapping[str, str], people: PlaygroundClient, chat: Chat, ann: User
) -> AsyncIterator[Process]:
    """A bot as a process, that has answered once."""
    async with process("bot", "run", **environment) as child:
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True, timeout=20)
        yield child


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


async def pending(people: PlaygroundClient, bot: Bot) -> int:
    return int((await people.bot(bot.token)).raw["pending"])


async def test_a_locked_database_is_waited_for_and_nothing_is_lost_or_acknowledged(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, service: Service, tmp_path: Path
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    service.says("story", "Once upon a time", begun, go_on, " there was an end.")
    async with start():
        await people.write(chat, ann, "story")
        await people.wait(chat, text="Once")
        with locked(tmp_path / "bot.db"):
            begun.set()
            go_on.set()
            await people.wait(chat, text="there was an end\\. ▌$")
            await people.write(chat, ann, "more")
            await people.wait_call("getUpdates", since=(await people.calls())[-1]["id"] - 1)
            await asyncio.sleep(1.5)  # so long lasts the lock: longer than SQLite itself waits
            waiting = await pending(people, bot)
        await people.wait(chat, text="You said: more", complete=True)

    texts = [message.text for message in await people.messages(chat) if message.sender != ann.id]
    assert waiting == 1
    assert texts == ["Once upon a time there was an end.", "You said: more"]
    assert service.prompts() == ["story", "more"]


async def test_a_full_disk_is_waited_for_and_nothing_is_acknowledged(
    answered: Process, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User
) -> None:
    log = DATABASE.with_name("bot.db-wal")
    unlimited = resource.prlimit(answered.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(answered.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, unlimited[1]))

    await people.write(chat, ann, "are you full?")
    await asyncio.sleep(1.5)  # so long is the disk full
    waiting = await pending(people, bot)
    resource.prlimit(answered.pid, resource.RLIMIT_FSIZE, unlimited)
    await people.wait(chat, text="You said: are you full", complete=True)

    assert waiting == 1
    assert answered.returncode is None


@pytest.mark.parametrize("pages", [slice(0, PAGE), slice(PAGE, None)], ids=["the first page", "all others"])
async def test_a_damaged_database_ends_the_bot_with_a_line_and_nothing_is_acknowledged(
    pages: slice,
    answered: Process,
    environment: Mapping[str, str],
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
) -> None:
    answered.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(answered.wait(), 10) == 0
    overwrite(DATABASE, pages)
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
    answered: Process, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User
) -> None:
    with closing(sqlite3.connect(DATABASE, isolation_level=None)) as other:
        other.execute("PRAGMA writable_schema = ON")
        other.execute("UPDATE sqlite_schema SET rootpage = 100000 WHERE name = 'turns'")
        other.execute("PRAGMA schema_version = 1000")  # whoever has the file open reads the schema again

    await people.write(chat, ann, "are you well?")
    _, errors = await asyncio.wait_for(answered.communicate(), 20)

    assert answered.returncode == 1
    assert "the database is damaged" in errors.decode().splitlines()[-1]
    assert await pending(people, bot) == 1


async def test_a_second_bot_on_the_same_database_ends_before_it_calls_and_names_the_first(
    answered: Process, environment: Mapping[str, str], people: PlaygroundClient
) -> None:
    other = await people.bot("987654321:AAEhBP0av28abcdefghijklmnopqrstuvwx")

    async with process("bot", "run", **{**environment, "BOT_TOKEN": other.token}) as second:
        _, errors = await asyncio.wait_for(second.communicate(), 20)

    assert second.returncode == 2
    assert str(answered.pid) in errors.decode()
    assert errors.decode().count("\n") == 1
    assert not await people.calls(bot=other)


async def test_a_copy_made_while_the_bot_runs_is_whole(
    answered: Process, environment: Mapping[str, str], people: PlaygroundClient, chat: Chat, ann: User, service: Service
) -> None:
    service.says("story", *(item for _ in range(40) for item in ("word ", 0.05)))
    await people.write(chat, ann, "story")
    await people.wait(chat, text="word")

    async with process("bot", "backup", "copy.db", **environment) as child:
        assert await asyncio.wait_for(child.wait(), 20) == 0

    with closing(sqlite3.connect("copy.db")) as copy:
        said = [text for (text,) in copy.execute("SELECT text FROM messages ORDER BY id")]
        check = copy.execute("PRAGMA integrity_check").fetchone()
    assert said[:3] == ["hello", "You said: hello", "story"]
    assert check == ("ok",)
    await people.wait(chat, text="word$", complete=True)
