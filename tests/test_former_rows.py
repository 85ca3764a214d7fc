"""What 0006 stored, in which a turn was question, answer and owner of messages, is still said and shown with 0007.

`former/turns.json` was made by the code of 0006 itself: from a seed it did some 70 random acts in five conversations
(questions, 🔄, /retry with and without other words, /stop, /new, answers, failures and stops with and without text,
processes that died in mid-answer and in mid-delivery). `standing` is what it then held for shown by each message
(answer, Markdown, the line under it; null: what was left on the screen). `histories` is what it sent for each open
question, when they were taken up after a restart in turn and answered "later <id>", and for a question asked then.
"""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from bot.storage.engine.database import open_database
from bot.storage.engine.migration import MIGRATIONS, REVISIONS, migrate
from bot.storage.exchanges.jobs import Job
from tests.bot.store import Store
from tests.clock import FakeClock
from tests.thorough import times

FORMER = "0006"
BLOCKS = "(SELECT group_concat(json_extract(value, '$.text'), '') FROM json_each(content))"
NEXT = 999_999  # a message id that comes after all others


@dataclass(frozen=True, slots=True)
class Filled:
    """A database that the former code filled, and what it said of it."""

    seed: int
    rows: dict[str, list[list[Any]]]
    histories: list[dict[str, Any]]
    standing: list[list[Any]]


DATABASES = [
    Filled(**found) for found in json.loads((Path(__file__).parent / "former/turns.json").read_text(encoding="utf-8"))
]


TRIED = DATABASES[: times(1, len(DATABASES))]


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of 0006, to be copied."""
    file = tmp_path_factory.mktemp("former") / "empty.db"
    with _opened(file) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, FORMER)
    return file


@pytest.fixture
def file(tmp_path: Path, former: Path) -> Path:
    file = tmp_path / "bot.db"
    file.write_bytes(former.read_bytes())
    return file


def fill(file: Path, filled: Filled) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        for table, rows in filled.rows.items():
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


@contextmanager
def _opened(file: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def up(file: Path) -> None:
    with _opened(file) as connection:
        migrate(connection)
    sound(file)


def down(file: Path) -> None:
    with _opened(file) as connection:
        migrate(connection, FORMER)
    sound(file)


def sound(file: Path) -> None:
    assert ask(file, "PRAGMA foreign_key_check") == []
    assert ask(file, "PRAGMA integrity_check") == [("ok",)]


def ask(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(query).fetchall()


async def standing(file: Path, filled: Filled) -> list[list[Any]]:
    """Return what stands in the reply of each answer of which the former code said it."""
    found = []
    async with open_database(f"sqlite+aiosqlite:///{file}") as db:
        store = Store(db, FakeClock())
        for answer_id, _, _ in filled.standing:
            answer = await store.answers.get(answer_id)
            assert answer
            stands = await store.replies.standing(answer.reply_id)
            assert stands
            job, _ = stands
            found.append([answer_id, None if job.kept is not None else job.shown, job.note])
    return found


async def histories(file: Path, chats: Sequence[Sequence[int]], copy: Path) -> list[dict[str, Any]]:
    """Return what each chat's open questions are asked with after a restart, and a further one after them."""
    shutil.copy(file, copy)
    async with open_database(f"sqlite+aiosqlite:///{copy}") as db:
        store = Store(db, FakeClock())

        async def claimed() -> Job | None:
            return await store.begin() or await store.begin(suspect=True)

        async def said(job: Job) -> list[list[str]]:
            return [list(each) for each in await store.history(job)]

        await store.backlog.recover()
        for answer_id in (None, *await store.replies.suspected()):
            for job in await store.replies.resume(answer_id):
                await store.replies.stands(job)
        before: dict[int, list[object]] = {}
        while claim := await claimed():
            before.setdefault(claim.chat.id, []).append([claim.id, await said(claim)])
            await store.replies.stands(await store.made(claim, text=f"later {claim.id}"))
        found = []
        for chat in chats:
            row = await store.chats.get(*chat, provider="alpha")
            await store.accept(row, "next", message_id=NEXT)
            last = await claimed()
            assert last
            found.append({"chat": chat, "open": before.get(row.id, []), "next": await said(last)})
        return found


async def as_recorded(file: Path, filled: Filled, tmp_path: Path) -> None:
    assert await standing(file, filled) == filled.standing
    chats = [recorded["chat"] for recorded in filled.histories]
    assert await histories(file, chats, tmp_path / "copy.db") == filled.histories


def texts(filled: Filled, role: str) -> dict[int, str]:
    """Return what the former rows say, by turn."""
    said: dict[int, str] = {}
    for _, turn_id, _, by, text in filled.rows["messages"]:
        if by == role:
            said[turn_id] = said.get(turn_id, "") + text
    return said


@pytest.fixture(params=TRIED, ids=[f"seed {each.seed}" for each in TRIED])
def filled(request: pytest.FixtureRequest, file: Path) -> Filled:
    found: Filled = request.param
    fill(file, found)
    return found


async def test_all_that_was_said_and_shown_is_as_the_former_code_had_it(
    file: Path, filled: Filled, tmp_path: Path
) -> None:
    await asyncio.to_thread(up, file)

    await as_recorded(file, filled, tmp_path)


def test_no_text_is_lost(file: Path, filled: Filled) -> None:
    up(file)

    joined = "answers JOIN (SELECT id AS prompt, content AS asked FROM prompts) ON prompt = prompt_id"
    asked = ask(file, f"SELECT id, {BLOCKS.replace('content', 'asked')} FROM {joined}")
    assert dict(asked) == texts(filled, "user")
    assert dict(ask(file, f"SELECT id, {BLOCKS} FROM answers WHERE content IS NOT NULL")) == texts(filled, "assistant")


async def test_down_and_up_again_changes_nothing(file: Path, filled: Filled, tmp_path: Path) -> None:
    queue = "SELECT id, state, outcome, attempt, deaths FROM turns"
    present = "SELECT turns.id FROM turns JOIN chats ON chats.id = turns.chat_id WHERE turns.id > since_turn"
    before = ask(file, queue), ask(file, present)
    await asyncio.to_thread(up, file)
    await asyncio.to_thread(down, file)
    assert (ask(file, queue), ask(file, present)) == before
    for role in ("user", "assistant"):
        assert dict(ask(file, f"SELECT turn_id, text FROM messages WHERE role = '{role}'")) == texts(filled, role)

    await asyncio.to_thread(up, file)

    await as_recorded(file, filled, tmp_path)


def test_each_message_is_still_known_after_a_way_down(file: Path, filled: Filled) -> None:
    before = ask(file, "SELECT message_id, number, after FROM parts ORDER BY 1, 2, 3")
    up(file)
    assert ask(file, "SELECT message_id, number, after FROM parts ORDER BY 1, 2, 3") == before

    down(file)

    assert ask(file, "SELECT message_id, number, after FROM parts ORDER BY 1, 2, 3") == before


@pytest.mark.parametrize(
    "changed",
    [
        'UPDATE prompts SET content = \'[{"type":"image","data":""}]\' WHERE id = 1',
        'UPDATE answers SET content = \'[{"type":"image","data":""}]\' WHERE id = 1',
        "UPDATE prompts SET reply_id = (SELECT min(reply_id) FROM prompts)",
    ],
    ids=["a picture in a question", "a picture in an answer", "two wordings in a reply"],
)
def test_what_has_no_place_in_the_former_rows_is_refused_in_one_sentence(file: Path, changed: str) -> None:
    fill(file, DATABASES[0])
    up(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(changed)
    before = ask(file, "SELECT id, state, outcome, content FROM answers")

    with pytest.raises(ValueError, match=r"holds pictures or several wordings .* no place"):
        down(file)

    sound(file)
    assert ask(file, "SELECT id, state, outcome, content FROM answers") == before
    assert ask(file, "SELECT version_num FROM alembic_version") == [(REVISIONS[-1],)]
