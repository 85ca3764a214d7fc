"""The migrations make the tables that the code expects, and each goes up and down on a filled database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect

from bot.storage.database import MIGRATIONS, migrate
from bot.storage.tables import Base


def revisions() -> list[str]:
    """Return all revisions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


REVISIONS = revisions()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/bot.db")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")

    yield engine
    engine.dispose()


def fill(connection: Connection) -> dict[str, int]:
    """Put a row into each table of the database as it is; return how many rows there are."""
    found = MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert().values({column.name: _value(column) for column in table.columns}))
    return {table.name: 1 for table in found.sorted_tables}


def _value(column: Any) -> object:
    if column.foreign_keys or column.primary_key:
        return 1
    return {int: 1, float: 1.5, bool: True}.get(column.type.python_type, "queued")


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        migrate(connection)

        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_no_migration_is_beside_the_others() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_a_migration_that_is_done_does_nothing_more(engine: Engine) -> None:
    with engine.connect() as connection:
        migrate(connection)
        rows = fill(connection)

        migrate(connection)

        assert set(rows) - {"alembic_version"} == tables(connection) == set(Base.metadata.tables)


@pytest.mark.parametrize("at", range(len(REVISIONS)), ids=REVISIONS)
def test_a_migration_goes_up_and_down_on_a_filled_database(engine: Engine, at: int) -> None:
    with engine.connect() as connection:
        for revision in REVISIONS[:at]:
            _to(connection, revision)
        before = tables(connection)
        fill(connection)

        _to(connection, REVISIONS[at])
        after = tables(connection)
        for name in after - before:
            _fill_table(connection, name)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []

        migrate(connection, REVISIONS[at - 1] if at else "base")

        assert tables(connection) == before
        assert {name: _count(connection, name) for name in before} == dict.fromkeys(before, 1)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def _to(connection: Connection, revision: str) -> None:
    """Bring the schema up to one revision."""
    from alembic import command  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
