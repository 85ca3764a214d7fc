"""A database on a server: its tables, what is in it, and the one bot that holds it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.chats import Chats
from bot.storage.engine.database import Sessions, beside, in_schema, open_database
from bot.storage.engine.faults import DatabaseDamaged, DatabaseTaken, Unusable
from bot.storage.engine.inspection import inspect_server
from bot.storage.engine.migration import REVISIONS, migrate
from bot.storage.engine.server import LOCK
from bot.storage.engine.slack import Slack
from bot.storage.people.access import Accesses
from bot.storage.people.accounts import Accounts
from bot.storage.questions.choices import Change
from bot.storage.signals import Signals
from bot.storage.tables import Base
from bot.storage.telegram.updates import Updates
from tests.bot.store import Store
from tests.clock import FakeClock
from tests.on_postgres.test_patience import cut
from tests.postgres import USER, Postgres

ROOT = Path(__file__).parents[2]
FIRST = Path(__file__).parent / "first.sql"  # the tables of the first version that ran on a server, by pg_dump


async def differences(db: Sessions) -> list[object]:
    """Return where the tables are not those of the code."""

    def compared(connection: Connection) -> list[object]:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _parents: kind != "table" or name != "finds",
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    async with db() as session:
        return await session.run_sync(lambda sync: compared(sync.connection()))


async def test_an_empty_database_gets_the_tables_of_the_code(db: Sessions) -> None:
    assert await differences(db) == []


async def test_the_tables_of_the_first_version_are_brought_up_with_what_is_in_them(
    postgres: Postgres, url: str, name: str
) -> None:
    program = [*postgres.program(name), "-v", "ON_ERROR_STOP=1", "-f", str(FIRST)]
    await asyncio.to_thread(subprocess.run, program, check=True, stdout=subprocess.DEVNULL)
    postgres.sql(
        "INSERT INTO chats (telegram_id, thread_id, provider, streaming) VALUES (7, 0, 'a', true)", database=name
    )

    async with open_database(url) as db:
        assert await differences(db) == []
        assert (await Chats(db, FakeClock(), Signals()).get(7, provider="b")).provider == "a"


async def test_a_child_brings_the_schema_up_while_its_parent_holds_the_database(url: str) -> None:
    async with open_database(url, alone=True, apart=True) as db, db() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == REVISIONS[-1]


async def test_tables_of_no_version_are_not_touched(url: str, postgres: Postgres, name: str) -> None:
    postgres.sql("CREATE TABLE answers (id BIGINT)", database=name)

    with pytest.raises(DatabaseDamaged, match="names no version"):
        async with open_database(url):
            pass


async def test_beside_tables_of_another_program_that_are_called_as_ours_nothing_is_made(
    url: str, postgres: Postgres, name: str
) -> None:
    postgres.sql("CREATE TABLE shop (id BIGINT); CREATE TABLE usage (id BIGINT PRIMARY KEY)", database=name)

    with pytest.raises(Unusable, match="its table usage is another program's"):
        async with open_database(url):
            pass

    made = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
    assert postgres.sql(made, database=name) == "shop usage"


async def test_schemas_of_a_database_are_databases_of_their_own(url: str, clock: FakeClock) -> None:
    one, other = (in_schema(url, name) for name in ("one", "other"))
    assert (await inspect_server(one)).is_new
    assert (await inspect_server(one)).may_create

    async with open_database(one, alone=True) as first, open_database(other, alone=True, apart=True) as second:
        assert await differences(first) == await differences(second) == []
        await Updates(first, clock).take(1)
        assert not await Updates(second, clock).known(1)
        await Accesses(second, clock).identify(7, None)
        with pytest.raises(DatabaseTaken):
            async with open_database(one, alone=True):
                pass

    assert (await inspect_server(other)).bot_id == 7
    assert (await inspect_server(one)).bot_id is None
    assert (await inspect_server(url)).is_new
    assert beside(one) != beside(other) != beside(url)


async def test_a_second_bot_is_told_who_holds_it(db: Sessions, url: str) -> None:
    await Updates(db, FakeClock()).take(1)

    with pytest.raises(DatabaseTaken, match=f"another bot runs on this database, process {os.getpid()}$"):
        async with open_database(url, alone=True):
            pass


async def test_another_program_that_holds_the_lock_is_not_taken_for_a_bot(
    url: str, postgres: Postgres, name: str
) -> None:
    with subprocess.Popen(  # noqa: ASYNC220  # it takes a moment
        postgres.program(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        other.stdin.write(f"SELECT pg_advisory_lock({LOCK}), 'held';\n")
        other.stdin.flush()
        assert "held" in other.stdout.readline()
        with pytest.raises(DatabaseTaken, match="another program"):
            async with open_database(url, alone=True):
                pass


async def test_a_bot_that_was_cut_off_and_replaced_writes_nothing_any_more(
    db: Sessions, url: str, postgres: Postgres, name: str, clock: FakeClock
) -> None:
    await Updates(db, clock).take(1)
    cut(postgres, name)

    async with open_database(url, alone=True) as others:
        await Updates(others, clock).take(2)
        with pytest.raises(DatabaseTaken):
            await Updates(db, clock).take(3)
        assert not await Updates(others, clock).known(3)


async def test_a_killed_bot_lets_go_at_once(url: str) -> None:
    program = f"""
import asyncio
from bot.storage.engine.database import open_database

async def main():
    async with open_database({url!r}, alone=True):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen(  # noqa: ASYNC220  # as above
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as other:
        assert other.stdout
        assert await asyncio.to_thread(other.stdout.readline) == "held\n"
        other.kill()

    async with open_database(url, alone=True) as db:
        await Updates(db, FakeClock()).take(1)


async def test_it_is_looked_into_while_the_bot_runs(db: Sessions, url: str, clock: FakeClock) -> None:
    store = Store(db, clock)
    await store.accept(await store.chats.get(7, provider="alpha"), "Hello?")

    found = await inspect_server(url)

    assert (found.is_new, found.is_newer, found.answers, found.bot_id) == (False, False, 1, None)
    assert found.size > 0


async def test_an_empty_one_is_new(url: str) -> None:
    found = await inspect_server(url)

    assert (found.is_new, found.may_create) == (True, True)


async def test_one_in_which_no_tables_may_be_made_is_told(url: str, postgres: Postgres, name: str) -> None:
    postgres.sql(f"CREATE ROLE guest_of_{name} LOGIN", database="postgres")

    assert not (await inspect_server(url.replace(f"{USER}@", f"guest_of_{name}@"))).may_create


async def test_an_encoding_that_cannot_hold_every_text_is_refused(postgres: Postgres, name: str) -> None:
    postgres.sql(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0", database="postgres")

    with pytest.raises(Unusable, match="its encoding is LATIN1"):
        async with open_database(postgres.url(name)):
            pass


async def test_one_that_does_not_exist_is_not_waited_for(postgres: Postgres) -> None:
    with pytest.raises(DBAPIError, match='database "nowhere" does not exist'):
        async with open_database(postgres.url("nowhere")):
            pass


async def test_the_one_sign_that_it_cannot_hold_is_replaced(db: Sessions, clock: FakeClock) -> None:
    store = Store(db, clock)
    chat = await store.chats.get(7, provider="alpha")

    await store.choose(Change(chat.id, {"system_prompt": "Be\x00brief."}))

    assert (await store.chats.row(chat.id)).system_prompt == "Be�brief."


async def test_the_password_is_not_among_what_all_users_see_of_a_process(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\nexec {sys.executable} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    async with open_database(url) as db, db.begin() as session:  # one of an older version
        await (await session.connection()).run_sync(migrate, REVISIONS[-2])
    monkeypatch.setattr(sys, "executable", str(program))

    async with open_database(url.replace(f"{USER}@", f"{USER}:hunter2@"), apart=True) as db, db() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == REVISIONS[-1]

    assert "bot.storage" in (tmp_path / "called").read_text(encoding="utf-8")
    assert "hunter2" not in (tmp_path / "called").read_text(encoding="utf-8")


async def test_pages_that_hold_nothing_are_left_to_the_server(db: Sessions, clock: FakeClock) -> None:
    assert not await Slack(db, clock).step()


async def test_what_only_reads_goes_to_the_server_without_a_transaction(db: Sessions) -> None:
    async with db() as session:
        await session.execute(text("SELECT 1"))
        assert not await is_in_transaction(session)
    async with db.begin() as session:
        await session.execute(text("SELECT 1"))
        assert await is_in_transaction(session)
    async with db() as session:
        await session.execute(text("SELECT 1"))
        assert not await is_in_transaction(session)


async def test_those_whom_the_operator_names_have_ids_as_long_as_telegram_s(db: Sessions, clock: FakeClock) -> None:
    accounts, listed = Accounts(db, clock), (5_000_000_002, -1_000_000_000_055)

    people = await accounts.page(listed, people=True, offset=0, limit=9)
    groups = await accounts.page(listed, people=False, offset=0, limit=9)

    assert [each.telegram_id for each in (*people, *groups)] == [*listed]
    assert await accounts.count(listed, people=True) == 1
    assert (await accounts.guest(listed[1])).telegram_id == listed[1]


async def is_in_transaction(session: AsyncSession) -> bool:
    raw = await (await session.connection()).get_raw_connection()
    assert raw.driver_connection
    return bool(raw.driver_connection.is_in_transaction())
