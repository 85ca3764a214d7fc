"""The file of a state: an SQLite database of things by their names, and of the bytes of files.

Each save is one transaction. A process that is killed in the midst of it, or a machine that loses its power, leaves the
state before it: SQLite takes the rest back when the file is opened again (sqlite.org/atomiccommit.html).
"""

import os
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_APPLICATION = 0x74_67_70_67  # "tgpg", in the head of the file
_VERSION = 1
_HEAD = b"SQLite format 3\0"
_TABLES = """
CREATE TABLE things (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, body TEXT NOT NULL, data BLOB NOT NULL
);
"""


class Unusable(Exception):
    """A file that cannot be used as a state; the text says why."""


@dataclass(slots=True)
class Changes:
    """What one save writes."""

    things: dict[str, str] = field(default_factory=dict)  # JSON by name
    gone: list[str] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)  # name, JSON, bytes
    gone_files: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.things or self.gone or self.files or self.gone_files)

    def add(self, later: "Changes") -> None:
        """Take in what has changed since."""
        for name in later.gone:
            self.things.pop(name, None)
        self.files = [row for row in self.files if row[0] not in later.gone_files]
        self.things |= later.things
        self.gone += later.gone
        self.files += later.files
        self.gone_files += later.gone_files


class StateFile:
    """An open file; nobody else can open it meanwhile. May be used in any thread, in one at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make it; raises Unusable."""
        self._path = path
        self._writing = threading.Lock()
        try:
            path.touch(mode=0o600)  # it holds tokens, and what people wrote
            with path.open("rb") as begun:
                if begun.read(len(_HEAD)) not in (b"", _HEAD):
                    raise Unusable(f"{path} is something else than a state of the playground")
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
            raise Unusable(f"{path} cannot be opened: {reason}") from error
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def things(self) -> dict[str, str]:
        """Return all things, JSON by name."""
        return dict(self._database.execute("SELECT name, body FROM things"))

    def files(self) -> Iterable[tuple[str, bytes]]:
        """Yield all files, oldest first: JSON and bytes."""
        yield from self._database.execute("SELECT body, data FROM files ORDER BY number")

    def write(self, changes: Changes) -> None:
        """Write all of it, or nothing; raises OSError."""
        with self._writing:
            try:
                self._write(changes)
            except sqlite3.Error as error:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise OSError(f"{self._path}: {error}") from error

    def close(self) -> None:
        """Let others open it."""
        self._database.close()

    def _write(self, changes: Changes) -> None:
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        database.executemany("DELETE FROM things WHERE name = ?", [(name,) for name in changes.gone])
        database.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in changes.gone_files])
        database.executemany("INSERT OR REPLACE INTO things VALUES (?, ?)", changes.things.items())
        database.executemany("INSERT OR IGNORE INTO files (name, body, data) VALUES (?, ?, ?)", changes.files)
        database.execute("COMMIT")

    def _prepare(self) -> None:
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("BEGIN EXCLUSIVE")
            (application,) = self._database.execute("PRAGMA application_id").fetchone()
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            (tables,) = self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if not tables and not application:
                for statement in (
                    *filter(str.strip, _TABLES.split(";")),
                    f"PRAGMA application_id = {_APPLICATION}",
                    f"PRAGMA user_version = {_VERSION}",
                ):
                    self._database.execute(statement)
            elif application != _APPLICATION:
                raise Unusable(f"{self._path} is something else than a state of the playground")
            elif version != _VERSION:
                raise Unusable(f"{self._path} is of another version of the playground")
            self._database.execute("COMMIT")
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            raise Unusable(f"{self._path} " + ("is used by another server" if locked else "cannot be used")) from error
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{self._path} is something else than a state of the playground") from error
