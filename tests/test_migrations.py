"""The migrations make the tables that the code expects, and each goes up and down on a filled database."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, inspect, text

from bot.storage.engine import database, migration
from bot.storage.engine.database import open_database
from bot.storage.engine.making import is_empty
from bot.storage.engine.migration import MIGRATIONS, migrate
from bot.storage.engine.word_index import FORGET_FINDS, KEEP_FINDS, finds, make_finds
from bot.storage.tables import Base


def config(connection: Connection | None = None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["connection"] = connection
    return found


LAST_OF_SQLITE_ALONE = "0016"
SCRIPTS = ScriptDirectory.from_config(config())
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
LATEST = 3  # migrations that each run goes up and down; the others no longer change


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with opened(tmp_path / "bot.db") as connection:
        yield connection


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{file}")
    _enforce_foreign_keys(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Empty databases, to be copied: with no migration, with the first one, and so on."""
    folder = tmp_path_factory.mktemp("stages")
    files = [folder / f"{number}.db" for number in range(len(REVISIONS))]
    files[0].touch()
    for (before, after), revision in zip(pairwise(files), REVISIONS[:-1], strict=True):
        shutil.copy(before, after)
        with opened(after) as connection:
            command.upgrade(config(connection), revision)
            connection.commit()
    return files


def _enforce_foreign_keys(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")


def tables(connection: Connection) -> dict[str, Table]:
    """Return the tables that the database has, each after those that it refers to, but for the index of words."""
    found = MetaData()
    found.reflect(connection, only=is_ours)
    return {table.name: table for table in found.sorted_tables if table.name != "alembic_version"}


def names(connection: Connection) -> set[str]:
    """Return what the tables are called."""
    return {name for name in inspect(connection).get_table_names() if is_ours(name) and name != "alembic_version"}


def count(connection: Connection, table: str) -> int:
    """Return how many rows a table has."""
    counted: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    return counted


def is_ours(name: str, *_: object) -> bool:
    """Tell a table of ours from those in which FTS5 keeps its index."""
    return not name.startswith("finds")


def fill(connection: Connection) -> None:
    """Put a row into each table that has none."""
    for table in tables(connection).values():
        if not count(connection, table.name):
            connection.execute(table.insert().values({column.name: _value(column) for column in table.columns}))


def _value(column: Any) -> object:
    if column.foreign_keys or column.primary_key:
        return 1
    if column.name == "content":
        return '[{"type":"text","text":"Hello"}]'
    return {int: 1, float: 1.5, bool: True}.get(column.type.python_type, "queued")


def check(connection: Connection) -> None:
    """Let SQLite look at all of the file."""
    assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def migrated(connection: Connection) -> None:
    command.upgrade(config(connection), "head")


@pytest.mark.parametrize("making", [migrated, migrate])
def test_the_migrations_make_the_tables_of_the_code(
    connection: Connection, making: Callable[[Connection], None]
) -> None:
    making(connection)

    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _parents: kind != "table" or is_ours(name),
    }
    assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


@pytest.mark.parametrize("making", [migrated, migrate])
def test_the_partial_indexes_that_keep_the_order_of_a_chat_are_there(
    connection: Connection, making: Callable[[Connection], None]
) -> None:
    making(connection)

    for table, name, where in (
        ("answers", "uq_answers_generating", "state = 'generating'"),
        ("replies", "uq_replies_dirty", "dirty = 1"),
    ):
        (index,) = [one for one in inspect(connection).get_indexes(table) if one["name"] == name]
        assert index["unique"]
        assert str(index["dialect_options"]["sqlite_where"]) == where


def test_the_tables_of_a_new_file_are_those_that_the_migrations_make(connection: Connection, tmp_path: Path) -> None:
    migrate(connection)
    with opened(tmp_path / "migrated.db") as other:
        migrated(other)

        assert shape(connection) == shape(other)


def shape(connection: Connection) -> dict[str, object]:
    """Return all that SQLite holds, in the order of names: columns, keys, what they refer to, indexes."""
    indexes = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'")).all()
    found: dict[str, object] = {row.name: row.sql for row in indexes}
    for table in inspect(connection).get_table_names():
        columns = inspect(connection).get_columns(table)
        keys = inspect(connection).get_foreign_keys(table)
        found[table] = (
            sorted((each["name"], _kind(each["type"]), each["nullable"], each["default"]) for each in columns),
            inspect(connection).get_pk_constraint(table)["constrained_columns"],
            sorted(str([each["constrained_columns"], each["referred_table"], each["options"]]) for each in keys),
            [each["column_names"] for each in inspect(connection).get_unique_constraints(table)],
        )
    return found


def _kind(type_: object) -> str:
    return str(type_).partition("(")[0]  # SQLite knows no lengths


async def test_a_new_file_is_made_without_alembic_or_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/gone")

    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db", apart=True) as sessions, sessions() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == REVISIONS[-1]


async def test_a_kill_while_a_new_file_is_made_leaves_it_empty(tmp_path: Path) -> None:
    engine = database.create_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    async with engine.connect() as connection:
        await connection.run_sync(migrate)  # and no commit
    async with engine.connect() as connection:
        assert await connection.run_sync(is_empty)
    await engine.dispose()


def test_no_migration_stands_beside_the_others() -> None:
    assert len(SCRIPTS.get_heads()) == 1


def test_since_there_are_two_databases_numbers_and_partial_indexes_are_written_for_both() -> None:
    """`Integer` has 32 bits on PostgreSQL, and Telegram's ids do not fit: `bot.storage.dialect.NUMBER` has 64."""
    for revision in [each for each in REVISIONS if each > LAST_OF_SQLITE_ALONE]:
        (file,) = MIGRATIONS.glob(f"versions/{revision}_*.py")
        written = file.read_text(encoding="utf-8")
        assert "Integer()" not in written, f"write NUMBER in {file.name}"
        assert written.count("sqlite_where") == written.count("postgresql_where"), file.name


def test_the_names_of_the_files_tell_the_revisions() -> None:
    assert migration.REVISIONS == REVISIONS


def test_a_bot_that_has_its_schema_brought_up_by_a_child_never_loads_alembic(
    tmp_path: Path, stages: list[Path]
) -> None:
    shutil.copy(stages[-1], tmp_path / "bot.db")
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    program = f"""
import asyncio, sys
from bot.storage.engine.database import open_database

async def main():
    async with open_database({url!r}, apart=True):
        sys.exit("alembic" in sys.modules)

asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[1], check=False)

    assert ended.returncode == 0
    with sqlite3.connect(tmp_path / "bot.db") as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISIONS[-1],)


async def test_what_a_child_says_of_its_work_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with open_database(url):
        pass
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database, database:
        database.execute("DELETE FROM alembic_version")

    async with open_database(url, apart=True):
        pass

    (line,) = caplog.records
    assert (line.name, line.levelname) == ("bot.storage.engine.migration", "WARNING")
    assert line.getMessage() == f"the database did not say its version, its tables do version={REVISIONS[-1]}"


def test_the_child_ends_with_the_bot_though_that_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.touch()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")  # for which it waits, as long as it lives
        child = subprocess.Popen(
            [sys.executable, "-m", "bot.storage", "attended"],
            env={**os.environ, "DATABASE_URL": f"sqlite+aiosqlite:///{file}"},
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
        )
        try:
            assert child.stdin
            child.stdin.close()  # as the system does at the bot's end

            assert child.wait(timeout=60) == 1
        finally:
            child.kill()
            child.wait()


async def test_where_no_child_can_be_made_the_schema_is_brought_up_all_the_same(
    tmp_path: Path, stages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(stages[-1], tmp_path / "bot.db")
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/gone")

    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db", apart=True) as sessions, sessions() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == REVISIONS[-1]


def test_a_second_start_changes_nothing(connection: Connection) -> None:
    migrate(connection)
    fill(connection)

    migrate(connection)

    check(connection)
    assert names(connection) == set(Base.metadata.tables)
    assert {count(connection, table) for table in names(connection)} == {1}


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(at, id=revision, marks=() if revision in REVISIONS[-LATEST:] else pytest.mark.proof)
        for at, revision in enumerate(REVISIONS)
    ],
)
def test_a_migration_goes_up_and_down_on_a_filled_database(tmp_path: Path, stages: list[Path], at: int) -> None:
    with opened(Path(shutil.copy(stages[at], tmp_path / "bot.db"))) as connection:
        before = names(connection)
        fill(connection)

        command.upgrade(config(connection), REVISIONS[at])
        fill(connection)
        check(connection)
        migrate(connection, REVISIONS[at - 1] if at else "base")

        check(connection)
        assert names(connection) == before
        assert all(count(connection, table) for table in before)


TURNS = (  # id, message of the person, what it replaced, how it went, prompt, answer, what stands, the line under it
    (1, 10, None, "answered", "one", "One.", "One.", None),
    (2, 10, 1, "failed", "one", None, "One.", "It failed."),  # in place: the former text stays
    (3, 30, None, "answered", "two", "Two.", "Two.", None),
    (4, 30, 3, "answered", "two", "Zwei.", "Zwei.", None),  # in a reply of its own
    (5, 30, 4, "stopped", "two", None, None, None),  # dropped before it began
)


def test_what_was_said_in_turns_is_said_in_answers_and_back(connection: Connection) -> None:
    command.upgrade(config(connection), "0006")
    run = connection.exec_driver_sql
    run(
        "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, reasoning, since_turn)"
        " VALUES (1, 7, 0, 'alpha', 1, 0, 0)"
    )
    for turn_id, message_id, replaces, outcome, asked, said, shown, note in TURNS:
        run(
            "INSERT INTO turns (id, update_id, chat_id, message_id, user_id, replaces, state, outcome, attempt, stop,"
            " shown, language, created_at, note) VALUES (?, ?, 1, ?, 7, ?, 'done', ?, ?, 0, ?, 'en', 1, ?)",
            (turn_id, turn_id, message_id, replaces, outcome, int(shown is not None), shown, note),
        )
        for role, words in (("user", asked), ("assistant", said)):
            if words is not None:
                run("INSERT INTO messages (turn_id, chat_id, role, text) VALUES (?, 1, ?, ?)", (turn_id, role, words))
    parts = [(2, 11), (3, 31), (5, 32)]
    for part in parts:
        run("INSERT INTO parts (turn_id, number, message_id, after) VALUES (?, 0, ?, 0)", part)
    messages = set(run("SELECT turn_id, role, text FROM messages"))

    command.upgrade(config(connection), "0007")

    assert run("SELECT id, wanted_id, shown_id, note FROM replies ORDER BY id").all() == [
        (1, 1, 1, "It failed."),
        (3, 3, 3, None),
        (4, 4, 4, None),
    ]
    made = run("SELECT answers.id, reply_id, parent_id FROM answers JOIN prompts ON prompts.id = prompt_id ORDER BY 1")
    assert made.all() == [(1, 1, None), (2, 1, None), (3, 3, 1), (4, 4, 1), (5, 4, 1)]
    assert set(run("SELECT reply_id, message_id FROM parts")) == {(1, 11), (3, 31), (4, 32)}
    assert run("SELECT head_id FROM conversations JOIN chats ON conversation_id = conversations.id").all() == [(4,)]

    migrate(connection, "0006")

    assert set(run("SELECT turn_id, role, text FROM messages")) == messages
    assert run("SELECT turn_id, message_id FROM parts ORDER BY 1").all() == parts


def test_conversations_that_are_there_get_titles_times_and_their_words_into_the_index(connection: Connection) -> None:
    migrate(connection)
    migrate(connection, "0009")
    connection.execute(
        text(
            "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, reasoning, open_to_members)"
            " VALUES (1, 7, 0, 'alpha', 1, 0, 0)"
        )
    )
    long = "Слово " * 2_000
    for number, (asked, said) in enumerate(
        [("\n  Ёлка?\nmore", "Tree."), ("x" * 5_000 + '\\"', None), (long, "Да.")], 1
    ):
        content = json.dumps([{"type": "text", "text": asked}], ensure_ascii=False, separators=(",", ":"))
        answer = json.dumps([{"type": "text", "text": said}]) if said else None
        for statement in (
            "INSERT INTO conversations (id, chat_id, head_id) VALUES (:id, 1, :id)",
            "INSERT INTO replies (id, chat_id, dirty) VALUES (:id, 1, 0)",
            "INSERT INTO prompts (id, conversation_id, chat_id, reply_id, user_id, language, content, created_at)"
            " VALUES (:id, :id, 1, :id, 11, 'en', :content, 100 + :id)",
            "INSERT INTO answers (id, prompt_id, chat_id, user_id, state, attempt, stop, content, created_at)"
            " VALUES (:id, :id, 1, 11, 'done', 1, 0, :answer, 100)",
        ):
            values = {"id": number, "content": content, "answer": answer}
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})

    migrate(connection)

    rows = connection.execute(text("SELECT title, touched_at, deleted_at FROM conversations ORDER BY id")).all()
    assert rows == [("Ёлка?", 101.0, None), ("x" * 59 + "…", 102.0, None), (f"{'Слово ' * 9}Слово…", 103.0, None)]
    assert found(connection, '"елка" "tree"') == [1]
    assert found(connection, '"слово" "да"') == [3]
    check(connection)


def test_where_sqlite_has_no_fts5_the_words_stand_in_a_plain_table(connection: Connection) -> None:
    make_finds(connection, plain=True)
    connection.execute(KEEP_FINDS, {"answer_id": 1, "chat_id": "1", "words": "dogs see 100% blue"})
    connection.execute(KEEP_FINDS, {"answer_id": 2, "chat_id": "1", "words": "cats"})
    connection.execute(KEEP_FINDS, {"answer_id": 3, "chat_id": "2", "words": "dogs"})
    connection.execute(KEEP_FINDS, {"answer_id": 1, "chat_id": "1", "words": "dogs see blue"})

    def search(*terms: list[str]) -> list[int]:
        return list(connection.scalars(finds(1, terms, most=9, beginnings=False, is_indexed=False)))

    assert search(["dogs"], ["blue"]) == [1]
    assert search(["%"]) == search(["cats"], ["dogs"]) == []
    connection.execute(FORGET_FINDS, {"answer_id": 1})
    assert search(["dogs"]) == []


def found(connection: Connection, match: str) -> list[int]:
    return list(connection.scalars(text("SELECT rowid FROM finds WHERE finds MATCH :match"), {"match": match}))


def test_who_had_reasoning_switched_on_keeps_the_thoughts_above_the_answer(connection: Connection) -> None:
    migrate(connection)
    migrate(connection, "0012")
    connection.execute(
        text(
            "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, reasoning, open_to_members)"
            " VALUES (1, 7, 0, 'alpha', 1, 0, 0), (2, 8, 0, 'alpha', 1, 1, 0)"
        )
    )

    migrate(connection)
    chosen = connection.execute(text("SELECT thinking FROM chats ORDER BY id")).scalars().all()
    migrate(connection, "0012")

    assert chosen == ["live", "kept"]
    assert connection.execute(text("SELECT reasoning FROM chats ORDER BY id")).scalars().all() == [0, 1]
