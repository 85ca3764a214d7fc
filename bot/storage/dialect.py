"""Dialect: what is SQLite's own, so that another database means another one of these."""

from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite import insert  # knows what to do on a conflict
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ("PRAGMAS", "insert", "tune")

BUSY_TIMEOUT_MS = 1_000  # another process (a backup, an operator's shell) holds the file; intake waits and repeats

# WAL with FULL: a committed row survives power loss, at one fsync a commit (sqlite.org/pragma.html#pragma_synchronous).
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": str(BUSY_TIMEOUT_MS),
}


def tune(engine: AsyncEngine) -> None:
    """Have each connection set up, and each transaction begin as one that writes: none meets a lock halfway."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and is deferred
        cursor = connection.cursor()
        for name, value in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
