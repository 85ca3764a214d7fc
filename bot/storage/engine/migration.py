"""Bring the schema of a database up to date, or down.

Alembic is loaded only where there are tables to be moved: it takes 12 MB that a running bot would never need again.
"""

import logging
import os
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.process.child import running
from bot.storage.dialect import forgive, is_server
from bot.storage.engine.faults import DatabaseDamaged, Fault, fault
from bot.storage.engine.making import OURS, VERSION, is_empty, is_made, make, of_another_program, write_down
from bot.storage.engine.template import Template

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationInfo

log = logging.getLogger(__name__)

HEAD = "head"  # as alembic calls the newest revision
MIGRATIONS = Path(__file__).parents[3] / "migrations"
_SCHEMA = re.compile(r'"[a-z_][a-z0-9_]*"')  # as `server.connecting` has named it
MOVING = 0x64656C74616D6967  # "deltamig", of the lock of who makes or moves the tables of a server
_PLACE = text("SELECT current_schema(), current_setting('search_path'), to_regclass('alembic_version')::text")
_REVISION = re.compile(r"\d{4}")
REVISIONS = sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


class NewerDatabaseError(Exception):
    """The schema is one that this version does not know."""

    def __init__(self) -> None:
        super().__init__("the database was made by a newer version of the bot")


async def bring_up(
    engine: AsyncEngine, *, apart: str | Literal[False] = False, template: Template | None = None
) -> None:
    """Bring the schema up to date, with `apart`, its address, in a process of its own if that can be done.

    `template`: what those share that may do so at once; alembic's context is one for all that run in a process.
    Raises NewerDatabaseError, DatabaseDamaged, sqlalchemy.exc.DBAPIError.
    """
    noted = await _noted(engine) if await _is_noted(engine) else None
    if noted == REVISIONS[-1]:
        return
    async with AsyncExitStack() as turn:
        if template:
            await turn.enter_async_context(template)
            if await template.fill(engine):
                return
        is_first = template is not None and await template.is_wanted(engine)
        if not apart or (noted is None and await is_made(engine)):
            async with engine.connect() as connection:
                await connection.run_sync(migrate)
                await connection.commit()
        elif not (await _run_apart(apart, waits=turn.aclose) and await _noted(engine) == REVISIONS[-1]):
            await turn.aclose()
            await bring_up(engine, template=template)  # which tells why not
            return
        if template and is_first and not template.is_kept:
            await template.keep(engine)


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Bring the schema up (or down) to `revision` on an open connection; write down anew which one it is if need be.

    Raises NewerDatabaseError, DatabaseDamaged, and Unusable for a file with another program's tables.
    """
    if is_server(connection):
        _wait_for_others(connection)
    noted = noted_revision(connection) if _has_version(connection) else None
    if noted is None and (is_server(connection) or (revision == HEAD and is_empty(connection))):
        make(connection, REVISIONS[-1])
        return
    from alembic import command  # see above

    if noted is None and (found := _columns(connection)):
        _note(connection, _recognised(found))
    elif noted is None and (others := {*inspect(connection).get_table_names()} - {VERSION}):
        raise of_another_program(others)
    elif noted and noted not in REVISIONS:
        raise NewerDatabaseError
    down = revision != HEAD
    (command.downgrade if down else command.upgrade)(_config(connection), revision)


def _has_version(connection: Connection) -> bool:
    """Tell whether a version may be noted; on a server to look for one in vain ends the transaction, and its lock."""
    return not is_server(connection) or connection.scalar(text("SELECT to_regclass('alembic_version')")) is not None


def _wait_for_others(connection: Connection) -> None:
    """Have no other process make or move tables meanwhile, and take as long as that takes."""
    connection.exec_driver_sql("SELECT set_config('statement_timeout', '0', true)")
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MOVING})


def noted_revision(connection: Connection) -> str | None:
    """Return the revision that a database says it has, None where it says nothing that could be one."""
    try:
        noted = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    except (OperationalError, ProgrammingError) as error:
        if fault(error) is not Fault.BUG:
            raise
        forgive(connection)
        return None  # no such table or column
    return only_revision(noted)


def only_revision(noted: Sequence[object]) -> str | None:
    """Return what is noted if it is one thing that could be a revision."""
    only = noted[0] if len(noted) == 1 else None
    return only if isinstance(only, str) and _REVISION.fullmatch(only) else None


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Return the columns of the tables, as far as they are such as ours."""
    found = inspect(connection)
    ours = {name for name in found.get_table_names() if name != VERSION}
    return {name: {column["name"] for column in found.get_columns(name)} for name in ours} if OURS & ours else {}


def _recognised(found: dict[str, set[str]]) -> str:
    """Return the newest revision that makes exactly these tables. Raises DatabaseDamaged."""
    from alembic import command  # see above

    same: str | None = None

    def compare(*, step: "MigrationInfo", **_: object) -> None:
        nonlocal same
        if _columns(empty) == found:
            same = step.up_revision_id

    engine = create_engine("sqlite://")
    with engine.connect() as empty:
        config = _config(empty)
        config.attributes["after_each"] = compare
        command.upgrade(config, HEAD)
    engine.dispose()
    if same is None:
        raise DatabaseDamaged(f"{VERSION} names no version, and the tables are those of none")
    return same


def _note(connection: Connection, revision: str) -> None:
    """Write down which revision a schema has."""
    log.warning("the database did not say its version, its tables do version=%s", revision)
    kind = connection.exec_driver_sql("SELECT type FROM sqlite_master WHERE name = 'alembic_version'").scalar()
    if kind in ("table", "view"):
        connection.exec_driver_sql(f"DROP {kind} alembic_version")
    write_down(connection, revision)


async def _is_noted(engine: AsyncEngine) -> bool:
    """Tell whether a version may be noted; on a server make the schema that is to be looked in, where there is none."""
    if not is_server(engine.sync_engine):
        return True
    async with engine.connect() as connection:
        place, name, noted = (await connection.execute(_PLACE)).one()
        if place is None and _SCHEMA.fullmatch(name):
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
            await connection.commit()
        return noted is not None


async def _noted(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        return await connection.run_sync(noted_revision)


async def _run_apart(url: str, *, waits: Callable[[], Awaitable[None]]) -> bool:
    """Have `python -m bot.storage` do it; tell whether it did. Why not is found by doing it here.

    `waits` is called where it waits for a database that is locked or full: others need not wait for that.
    """
    known = {**os.environ, "DATABASE_URL": url}  # all users of the machine see what a process is called with
    try:
        async with running([sys.executable, "-m", "bot.storage", "attended"], known, cwd=None) as child:
            while child.stdout and (line := await child.stdout.readline()):
                level, _, message = line.decode(errors="replace").rstrip().partition(" ")
                log.log(int(level) if level.isdecimal() else logging.INFO, "%s", message)
                if level == str(logging.ERROR):
                    await waits()
            return await child.wait() == 0
    except OSError:
        return False
