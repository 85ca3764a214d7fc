"""Soundness: whether the tables are those of this version, and their short ones hold numbers where we count.

SQLite takes any value into any column, and whoever edits the file by hand can leave out what he likes.
"""

from functools import cache

from sqlalchemy import Connection, Float, Integer, String, exists, func, literal, select, union_all
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.dialect import is_server
from bot.storage.engine.faults import DatabaseDamaged
from bot.storage.engine.word_index import FINDS, FINDS_COLUMNS
from bot.storage.tables import Base

SHORT = ("chats", "models", "access", "digests", "admins", "busy", "peers")  # some rows per chat: read at the start

_COLUMNS_OF_SERVER = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema"
)
_COLUMNS = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"


async def check(engine: AsyncEngine) -> None:
    """Raise DatabaseDamaged where a table or a column is missing, or a number is none; sqlalchemy.exc.DBAPIError."""
    async with engine.connect() as connection:
        await connection.run_sync(_check)


def _check(connection: Connection) -> None:
    found: dict[str, set[str]] = {}
    server = is_server(connection)
    for table, column in connection.exec_driver_sql(_COLUMNS_OF_SERVER if server else _COLUMNS):
        found.setdefault(table, set()).add(column)
    tables = {name: {column.name for column in table.columns} for name, table in Base.metadata.tables.items()}
    for name, columns in [*tables.items(), (FINDS, FINDS_COLUMNS)]:
        if name not in found:
            raise DatabaseDamaged(f"it has no table {name}")
        if missing := columns - found[name]:
            raise DatabaseDamaged(f"its table {name} has no column {min(missing)}")
    if server:  # it takes no words for numbers
        return
    for table, column in connection.exec_driver_sql(_odd()):
        raise DatabaseDamaged(f"the column {column} of its table {table} holds what is no number")


@cache
def _odd() -> str:
    """Write the one statement that names each column of numbers that holds something else."""
    columns = [column for name in SHORT for column in Base.metadata.tables[name].columns]
    odd = union_all(
        *(
            select(literal(column.table.name, String()), literal(column.name, String())).where(
                exists().where(func.typeof(column).in_(("text", "blob")))
            )
            for column in columns
            if isinstance(column.type, Integer | Float)
        )
    )
    return str(odd.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
