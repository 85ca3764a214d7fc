"""Making: the tables of this version, put into a database that has none of ours in one step, without alembic."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import URL, Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from bot.storage.dialect import is_server
from bot.storage.engine.faults import DatabaseDamaged, Unusable
from bot.storage.engine.template import EMPTY
from bot.storage.engine.word_index import FINDS, FINDS_ON_SERVER, make_finds
from bot.storage.tables import Base

VERSION = "alembic_version"
OURS = frozenset({"turns", "answers"})  # of all versions, one of them
_NOTE = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"


async def is_made(engine: AsyncEngine) -> bool:
    """Tell whether there is nothing to be moved in a database that notes no version.

    Of a server always: there was no bot before 0016.
    """
    if is_server(engine.sync_engine):
        return True
    async with engine.connect() as connection:
        return await connection.run_sync(is_empty)


def is_empty(connection: Connection) -> bool:
    """Tell whether a file has no tables at all."""
    return bool(connection.exec_driver_sql(EMPTY).scalar())


def make(connection: Connection, revision: str) -> None:
    """Make the tables, which are those of `revision`: on a server beside those of others, else in an empty file.

    Raises DatabaseDamaged, and Unusable where another program has tables there that are called as ours.
    """
    if not is_server(connection):
        Base.metadata.create_all(connection, checkfirst=False)
        make_finds(connection)
        write_down(connection, revision)
        return
    found = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema")))
    if OURS & found:
        raise DatabaseDamaged(f"{VERSION} names no version")
    if taken := found & {*Base.metadata.tables, FINDS}:
        raise of_another_program(taken)
    connection.exec_driver_sql(_making(revision))


def write_down(connection: Connection, revision: str) -> None:
    """Note of which revision the tables are, where nothing is noted."""
    connection.exec_driver_sql(_NOTE)
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


def of_another_program(tables: Collection[str]) -> Unusable:
    """Return the error of a database that holds the tables of another program."""
    return Unusable(f"its table {min(tables)} is another program's: name a database of the bot's own")


@cache
def _making(revision: str) -> str:
    """Return what makes the tables of a server, as one statement: of more each takes two ways to it and back."""
    tables = Base.metadata.sorted_tables
    parts: list[ExecutableDDLElement] = [*map(CreateTable, tables)]
    parts += [CreateIndex(each) for table in tables for each in table.indexes]
    dialect = URL.create("postgresql+asyncpg").get_dialect()()
    made = [str(each.compile(dialect=dialect)) for each in parts]
    noted = f"{_NOTE}; INSERT INTO alembic_version VALUES ('{revision}')"  # noqa: S608  # a constant
    return f"DO $make$ BEGIN {';'.join([*made, *FINDS_ON_SERVER, noted])}; END $make$"
