"""Bring the schema of a database up to date, or down.

Alembic is loaded only where there is something to do: it takes 12 MB that a running bot would never need again.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS = Path(__file__).parents[2] / "migrations"
REVISIONS = sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


class NewerDatabaseError(Exception):
    """The schema is one that this version does not know."""

    def __init__(self) -> None:
        super().__init__("the database was made by a newer version of the bot")


async def bring_up(engine: AsyncEngine, *, apart: bool) -> None:
    """Bring the schema up to date, with `apart` in a process of its own if that can be done.

    Raises NewerDatabaseError, sqlalchemy.exc.DBAPIError.
    """
    if await _is_current(engine):
        return
    if apart and await _run_apart(engine.url.render_as_string(hide_password=False)) and await _is_current(engine):
        return
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up (or down) to `revision` on an open connection. Raises NewerDatabaseError."""
    from alembic import command  # see above
    from alembic.config import Config

    present = revision_of(connection)
    if present and present not in REVISIONS:
        raise NewerDatabaseError
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    down = revision != "head"
    (command.downgrade if down else command.upgrade)(config, revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a schema, None where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def _is_current(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return await connection.run_sync(revision_of) == REVISIONS[-1]


async def _run_apart(url: str) -> bool:
    """Have `python -m bot.storage` do it; tell whether it did. Why not is found by doing it here."""
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.storage", url, stdout=DEVNULL, stderr=DEVNULL
        )
    except OSError:
        return False
    try:
        return await child.wait() == 0
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
