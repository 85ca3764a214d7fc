"""Dialect: what is the own of SQLite, and of PostgreSQL where its tests run; nobody else asks which of them it is."""

from sqlalchemy import BigInteger, Connection, Integer, event
from sqlalchemy.dialects.postgresql import insert  # knows what to do on a conflict; SQLite's words for it are the same
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ("NUMBER", "PRAGMAS", "insert", "tune")

NUMBER = BigInteger().with_variant(Integer, "sqlite")  # Telegram's ids have 52 bits; SQLite's only number has 64

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
    if engine.dialect.name != "sqlite":
        return

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
