"""A database that is locked, full, damaged or somebody else's: nothing is acknowledged before it is stored."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from providers.blocks import text_of
from providers.notation import from_json
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.conftest import Start, all_taken, answers
from tests.walks.nursery import Child
from tests.walks.test_run import process

pytestmark = [pytest.mark.walk, pytest.mark.sqlite("is about the file; its twin stands in tests/on_postgres")]

PAGE = 4096


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the write lock as another program."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def overwrite(file: Path, part: slice) -> None:
    """Write noise over a part of the file in place."""
    with file.open("r+b") as pages:
        length = len(range(*part.indices(size(file))))
        pages.seek(part.start)
        pages.write(b"\xa5" * length)


def rewrite(file: Path) -> None:
    """Have all pages in the file itself, and whoever has it open read them anew."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("UPDATE identity SET bot_id = bot_id")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def complaints(child: Child) -> list[str]:
    """Return what the bot says beside its usual log."""
    return [line for line in child.log().splitlines() if " INFO " not in line and " WARNING " not in line]


def size(file: Path) -> int:
    return file.stat().st_size


async def pending(people: PlaygroundClient, bot: Bot) -> int:
    return int((await people.bot(bot.token)).raw["pending"])


async def test_a_locked_database_is_waited_for_and_nothing_is_lost_or_acknowledged(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model, tmp_path: Path
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    model.says("story", "Once", begun, " upon a time", go_on, " there was an end.")
    async with start():
        await people.write(chat, ann, "story")
        await people.wait(chat, text="Once")
        begun.set()
        await people.wait(chat, text="upon a time")  # by an edit: that it is opened is stored
        with locked(tmp_path / "bot.db"):
            go_on.set()
            await people.wait(chat, text="there was an end")
            await people.write(chat, ann, "more")
            await asyncio.sleep(1.5)  # so long lasts the lock: longer than SQLite itself waits
            waiting = await pending(people, bot)
        await people.wait(chat, text="You said: more", complete=True)

    texts = await answers(people, chat, ann)
    assert waiting == 1
    assert texts == ["Once upon a time there was an end.", "You said: more"]
    assert model.prompts() == ["story", "more"]


async def test_a_full_disk_is_waited_for_and_nothing_is_lost_or_acknowledged(
    child: Child, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model, tmp_path: Path
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    model.says("story", "Once", begun, " upon a time", go_on, " there was an end.")
    await child.start()
    await people.write(chat, ann, "story")
    await people.wait(chat, text="Once")
    begun.set()
    await people.wait(chat, text="upon a time")  # by an edit: that it is opened is stored

    unlimited = resource.prlimit(child.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size(tmp_path / "bot.db-wal"), unlimited[1]))
    go_on.set()
    await people.wait(chat, text="there was an end")
    await people.write(chat, ann, "are you full?")
    polls = (await people.calls(method="getUpdates"))[-1]["id"]
    await people.wait_call("getUpdates", since=polls - 1)  # so it has been handed over
    await asyncio.sleep(1.5)  # so long is the disk full
    waiting = await pending(people, bot)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, unlimited)
    await people.wait(chat, text="You said: are you full", complete=True)

    texts = await answers(people, chat, ann)
    assert waiting == 1
    assert texts == ["Once upon a time there was an end.", "You said: are you full?"]
    assert "the database does not answer" in child.log()


@pytest.mark.parametrize("part", [slice(0, PAGE), slice(PAGE, None)], ids=["the first page", "all others"])
async def test_a_damaged_database_ends_the_bot_with_a_line_and_nothing_is_acknowledged(
    part: slice, start: Start, child: Child, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, tmp_path: Path
) -> None:
    async with start():
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
    overwrite(tmp_path / "bot.db", part)
    await people.write(chat, ann, "are you well?")

    await child.start()

    assert await child.ended() == 1
    [line] = complaints(child)
    assert "the database is damaged" in line
    assert "backup" in line
    assert await pending(people, bot) == 1


@pytest.mark.proof
async def test_a_database_that_is_damaged_under_a_running_bot_ends_it_in_the_same_way(
    child: Child, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, tmp_path: Path
) -> None:
    await child.start()
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await all_taken(people)

    rewrite(tmp_path / "bot.db")
    overwrite(tmp_path / "bot.db", slice(PAGE, None))
    await people.write(chat, ann, "are you well?")

    assert await child.ended() == 1
    assert "the database is damaged" in complaints(child)[-1]
    assert await pending(people, bot) == 1


async def test_a_second_bot_on_the_same_database_ends_before_it_calls_and_names_the_first(
    start: Start, environment: Mapping[str, str], people: PlaygroundClient, tmp_path: Path
) -> None:
    other = await people.bot("987654321:AAEhBP0av28abcdefghijklmnopqrstuvwx")
    second = Child(tmp_path, {**environment, "BOT_TOKEN": other.token})

    async with start():
        await second.start()
        code = await second.ended()

    [line] = complaints(second)
    assert code == 2
    assert str(os.getpid()) in line
    assert "DATABASE_URL" in line
    assert not await people.calls(bot=other)


@pytest.mark.proof
async def test_a_copy_made_while_the_bot_runs_is_whole(
    start: Start,
    environment: Mapping[str, str],
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    tmp_path: Path,
) -> None:
    go_on = asyncio.Event()
    model.says("story", "Once", go_on, " upon a time")
    async with start(token_timeout=120):  # a program that starts beside it may take its time
        await people.write(chat, ann, "hello")
        await people.write(chat, ann, "story")
        await people.wait(chat, text="Once")
        async with process("bot", "backup", str(tmp_path / "copy.db"), **environment) as child:
            code = await asyncio.wait_for(child.wait(), 60)
        go_on.set()
        await people.wait(chat, text="upon a time", complete=True)

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        contents = copy.execute("SELECT content FROM prompts UNION ALL SELECT content FROM answers").fetchall()
        states = [state for (state,) in copy.execute("SELECT state FROM answers ORDER BY id")]
        check = copy.execute("PRAGMA integrity_check").fetchone()
    assert code == 0
    said = sorted(text_of(from_json(content)) for (content,) in contents if content)
    assert said == ["You said: hello", "hello", "story"]
    assert states == ["done", "generating"]
    assert check == ("ok",)


@pytest.mark.proof
async def test_a_database_that_is_locked_at_the_start_is_waited_for(
    start: Start, child: Child, people: PlaygroundClient, chat: Chat, ann: User, tmp_path: Path
) -> None:
    async with start():
        pass
    with locked(tmp_path / "bot.db"):
        await child.start()
        await people.write(chat, ann, "hello")
        while not (tmp_path / "bot.log").exists() or "the database does not answer" not in child.log():
            assert await child.ended(0.1) is None

    assert await people.wait(chat, text="You said: hello", complete=True)
