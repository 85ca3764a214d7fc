"""Together: transactions that wait for the same turn are committed by one commit, so that the disk is waited for once.

Each is made within a savepoint, one after the other, so that one that fails takes nothing of the others with it. Where
all of it fails (a commit that does not get through, a full disk, by which SQLite rolls everything back) each is made
again, alone: what comes of it is never another's doing. A file that is locked is waited for once, and told to all.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from bot.storage.engine.faults import is_locked
from bot.storage.engine.hop import BEGIN, SYNCED, UNSYNCED

MOST = 16  # that are made at once: what is stored next waits no longer than for them

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """A transaction, made with SQLite's connection in its thread; if it `is_synced`, its commit waits for the disk.

    Where one is open it is part of that, and neither commits nor rolls back.
    """

    make: Callable[[sqlite3.Connection], T]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """What came of one: what it returns, or what it raised."""

    result: T | None = None
    error: BaseException | None = None


def make(works: Sequence[Work[T]], raw: sqlite3.Connection) -> list[Made[T]]:
    """Make transactions, in their order; called in SQLite's thread."""
    if len(works) > 1:
        try:
            return _together(works, raw)
        except sqlite3.Error as error:
            if is_locked(error):
                return [Made(error=DBAPIError(None, None, error)) for _ in works]
        except MemoryError:  # which Python's module makes of SQLITE_NOMEM
            pass
        finally:
            if raw.in_transaction:
                raw.rollback()
    return [_made(work, raw, is_alone=True) for work in works]


def _together(works: Sequence[Work[T]], raw: sqlite3.Connection) -> list[Made[T]]:
    made = list[Made[T]]()
    raw.execute(SYNCED if any(work.is_synced for work in works) else UNSYNCED)
    raw.execute(BEGIN)
    for work in works:
        raw.execute("SAVEPOINT one")
        made.append(one := _made(work, raw))
        if one.error:
            raw.execute("ROLLBACK TO one")  # fails where SQLite has rolled everything back
        raw.execute("RELEASE one")
    raw.commit()
    return made


def _made(work: Work[T], raw: sqlite3.Connection, *, is_alone: bool = False) -> Made[T]:
    try:
        if is_alone and raw.in_transaction:  # one whose rollback failed too: nobody would commit what is made within it
            raw.rollback()
        return Made(work.make(raw))
    except Exception as error:  # noqa: BLE001  # its caller's, whatever it is
        return Made(error=error)
