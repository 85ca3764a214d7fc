"""Reading: look into an SQLite file without writing a byte, and tell whether it is one of ours."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.storage.engine.making import OURS, VERSION, of_another_program
from bot.storage.engine.migration import only_revision

OF_SQLITE = ("-wal", "-shm", "-journal")  # https://sqlite.org/tempfiles.html
MAY_CHANGE = "mode=ro"
AT_REST = "immutable=1"  # no file is made beside it
TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"


def read_only(file: Path, *, way: str = MAY_CHANGE, wait_s: float = 5.0) -> sqlite3.Connection:
    """Open an SQLite file for reading; `wait_s`: for a lock. Raises sqlite3.Error."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?{way}", uri=True, timeout=wait_s)


def tables_of(database: sqlite3.Connection) -> set[str]:
    """Return the tables of a file. Raises sqlite3.Error, and Unusable where they are another program's."""
    tables = {name for (name,) in database.execute(TABLES)}
    others = tables - {VERSION}
    if others and not others & OURS:
        noted = database.execute("SELECT version_num FROM alembic_version").fetchall() if VERSION in tables else []
        if only_revision([row[0] for row in noted]) is None:
            raise of_another_program(others)
    return tables


def refuse_others(file: Path) -> None:
    """Raise Unusable for the file of another program, and DBAPIError for a locked one, before anything is changed.

    A connection of ours would do so by its pragmas. What else cannot be read is told when it is opened.
    """
    is_at_rest = not any(file.with_name(f"{file.name}{end}").exists() for end in OF_SQLITE)
    try:
        with closing(read_only(file, way=AT_REST if is_at_rest else MAY_CHANGE, wait_s=0)) as database:
            tables_of(database)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DBAPIError(None, None, error) from error
    except sqlite3.Error:
        pass
