"""Inspection: what `check` reads of a database that a bot may be using, without writing a byte."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy import inspect as reflect

from bot.storage.engine.database import create_engine, database_file, files_of
from bot.storage.engine.making import VERSION
from bot.storage.engine.migration import REVISIONS, noted_revision, only_revision
from bot.storage.engine.reading import read_only, tables_of


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in a database: `is_new` has no tables yet, `is_newer` is of a later version; `bot_id`: whose it is.

    `pairing_code`: not used yet; `rules`: whether there are owners and people let in. `size`: bytes of the disk that it
    takes, `free`: that are left beside it, None where that is not ours to know.
    """

    is_new: bool = False
    is_newer: bool = False
    may_create: bool = True  # tables; asked where it is new
    bot_id: int | None = None
    answers: int = 0
    pairing_code: str | None = None
    rules: frozenset[str] = frozenset()
    size: int = 0
    free: int | None = None


IDENTITY = "SELECT bot_id, pairing_code FROM identity"
ANSWERS = "SELECT count(*) FROM answers"
MAY_CREATE = (  # tables, or the schema that they are to be in
    "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'),"
    " has_database_privilege(current_database(), 'CREATE'))"
)
RULES = "SELECT DISTINCT rule FROM access WHERE rule IN ('owner', 'allow')"


def inspect(file: Path) -> Inspection:
    """Look into a file. Raises sqlite3.Error, and Unusable for one with another program's tables."""
    size, free = sum(each.stat().st_size for each in files_of(file)), shutil.disk_usage(file.parent).free
    with closing(read_only(file)) as database:
        if VERSION not in tables_of(database):
            return Inspection(is_new=True, size=size, free=free)
        rows = database.execute("SELECT version_num FROM alembic_version").fetchall()
        revision = only_revision([row[0] for row in rows])
        if revision and revision not in REVISIONS:
            return Inspection(is_newer=True, size=size, free=free)
        row = database.execute(IDENTITY).fetchone()
        answers = database.execute(ANSWERS if revision == REVISIONS[-1] else "SELECT 0").fetchone()[0]
        rules = frozenset(rule for (rule,) in database.execute(RULES))
    bot_id, code = row or (None, None)
    return Inspection(bot_id=bot_id, answers=answers, pairing_code=code, rules=rules, size=size, free=free)


async def inspect_server(url: str) -> Inspection:
    """Look into a database on a server. Raises sqlalchemy.exc.DBAPIError, Unusable."""
    engine = create_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_inspect_server)
    finally:
        await engine.dispose()


async def inspect_at(url: str) -> Inspection | None:
    """Look into the database at a URL, None where there is no file yet. Raises what the others do."""
    file = database_file(url)
    if file is None:
        return await inspect_server(url)
    return inspect(file) if file.is_file() else None


def _inspect_server(connection: Connection) -> Inspection:
    size = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    if not reflect(connection).has_table(VERSION):
        may = connection.execute(text(MAY_CREATE)).scalar_one()
        return Inspection(is_new=True, may_create=bool(may), size=size)
    revision = noted_revision(connection)
    if revision and revision not in REVISIONS:
        return Inspection(is_newer=True, size=size)
    row = connection.execute(text(IDENTITY)).first()
    bot_id, code = tuple(row) if row else (None, None)
    return Inspection(
        bot_id=bot_id,
        answers=int(connection.execute(text(ANSWERS)).scalar_one()) if revision == REVISIONS[-1] else 0,
        pairing_code=code,
        rules=frozenset(connection.execute(text(RULES)).scalars()),
        size=size,
    )
