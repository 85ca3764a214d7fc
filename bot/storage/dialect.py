"""Dialect: what is the own of SQLite, and of PostgreSQL where its tests run; nobody else asks which of them it is.

The words that /find looks for stand in the table `finds`, by the answer's id (`rowid`): an index of FTS5, or a plain
table where SQLite was built without it, which is then read through.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, Integer, TextClause, event, text
from sqlalchemy.dialects.postgresql import insert  # knows what to do on a conflict; SQLite's words for it are the same
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = (
    "FINDS",
    "FINDS_COLUMNS",
    "FORGET_FINDS",
    "IS_INDEXED",
    "KEEP_FINDS",
    "MOVE_FINDS",
    "NUMBER",
    "PRAGMAS",
    "finds",
    "insert",
    "make_finds",
    "matching",
    "tune",
)

NUMBER = BigInteger().with_variant(Integer, "sqlite")  # Telegram's ids have 52 bits; SQLite's only number has 64

BUSY_TIMEOUT_MS = 1_000  # another process (a backup, an operator's shell) holds the file; intake waits and repeats
SHORTEST_BEGINNING = 3  # letters of a word that may go on: shorter ones begin too many

# WAL with FULL: a committed row survives power loss, at one fsync a commit (sqlite.org/pragma.html#pragma_synchronous).
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": str(BUSY_TIMEOUT_MS),
}

FINDS, FINDS_COLUMNS = "finds", frozenset({"chat", "words"})
KEEP_FINDS = text("INSERT OR REPLACE INTO finds (rowid, chat, words) VALUES (:answer_id, :chat_id, :words)")
FORGET_FINDS = text("DELETE FROM finds WHERE rowid = :answer_id")
MOVE_FINDS = text(
    "UPDATE finds SET chat = :target WHERE rowid IN (SELECT id FROM answers WHERE chat_id = :source AND state = 'done')"
)
IS_INDEXED = text("SELECT sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE name = 'finds'")
_FTS5 = "CREATE VIRTUAL TABLE finds USING fts5(chat, words, tokenize = 'ascii', columnsize = 0)"
_PLAIN = "CREATE TABLE finds (chat VARCHAR NOT NULL, words VARCHAR NOT NULL)"
_IN_INDEX = "SELECT rowid AS answer_id FROM finds WHERE finds MATCH :match ORDER BY rowid DESC LIMIT :most OFFSET :past"
_IN_TABLE = "SELECT rowid AS answer_id FROM finds WHERE chat = :chat"


def make_finds(connection: Connection, *, plain: bool = False) -> None:
    """Make the table of words: an index where there is FTS5 (sqlite.org/fts5.html), unless a `plain` one is wanted."""
    if not plain:
        try:
            connection.exec_driver_sql(_FTS5)
            return
        except OperationalError as error:
            if "no such module" not in str(error):
                raise
    connection.exec_driver_sql(_PLAIN)
    connection.exec_driver_sql("CREATE INDEX ix_finds_chat ON finds (chat)")


def finds(
    chat_id: int, terms: Sequence[Sequence[str]], *, most: int, past: int = 0, beginnings: bool, is_indexed: bool
) -> TextClause:
    """Select the answers of a chat, newest first, where all terms are said; each is some words in a row.

    With `beginnings` the last word of a term may go on. Without an index any part of a text is found that way.
    """
    if is_indexed:
        return text(_IN_INDEX).bindparams(match=matching(chat_id, terms, beginnings=beginnings), most=most, past=past)
    likes = [f"words LIKE :like{number} ESCAPE '!'" for number, _ in enumerate(terms)]
    values = {f"like{number}": f"%{'%'.join(map(_escaped, term))}%" for number, term in enumerate(terms)}
    said = " AND ".join([_IN_TABLE, *likes])
    return text(f"{said} ORDER BY rowid DESC LIMIT :most OFFSET :past").bindparams(
        chat=str(chat_id), most=most, past=past, **values
    )


def matching(chat_id: int, terms: Sequence[Sequence[str]], *, beginnings: bool) -> str:
    """Write what FTS5 is to look for; words are letters and digits, so that nothing in them is its syntax."""
    ends = "*" if beginnings else ""
    said = " AND ".join(f'"{" ".join(term)}"{ends if len(term[-1]) >= SHORTEST_BEGINNING else ""}' for term in terms)
    return f'chat : "{chat_id}" AND words : ({said})'


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


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
