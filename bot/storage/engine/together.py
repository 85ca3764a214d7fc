"""Together: a group commit: transactions that wait for the same turn have one commit, and the disk is waited for once.

Each is made within a savepoint, one after the other, so that one that fails takes nothing of the others with it. Where
all of it fails (a commit that does not get through, a full disk, by which SQLite rolls everything back) each is made
again, alone: what comes of it is never another's doing. A file that is locked is waited for once, and told to all.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from bot.storage.engine.faults import is_locked
from bot.storage.engine.hop import BEGIN, SYNCED, UNSYNCED

log = logging.getLogger(__name__)

MOST = 16  # that are made at once: what is stored next waits no longer than for them

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """A transaction, made with SQLite's connection in its thread; if it `is_synced`, its commit waits for the disk.

    Where one is open it is part of that, and neither commits nor rolls back.
    """

    run: Callable[[sqlite3.Connection], T]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """What came of one: what it returned, or what it raised."""

    value: T | None = None
    error: BaseException | None = None


def failed(error: BaseException) -> Result[Any]:
    """Return what came of one that raised this; an error of SQLite becomes SQLAlchemy's, for which callers look."""
    return Result(error=DBAPIError(None, None, error) if isinstance(error, sqlite3.Error) else error)


def run(works: Sequence[Work[T]], raw: sqlite3.Connection) -> list[Result[T]]:
    """Make transactions, in their order; called in SQLite's thread."""
    cause = ""
    if len(works) > 1:
        try:
            return _together(works, raw)
        except sqlite3.Error as error:
            if is_locked(error):
                return [failed(error) for _ in works]
            cause = str(error)
        except MemoryError:  # which Python's module makes of SQLITE_NOMEM
            cause = "out of memory"
        finally:
            if raw.in_transaction:
                raw.rollback()
    results = [_run(work, raw, is_alone=True) for work in works]
    if cause and not any(result.error for result in results):
        _tell(cause)
    return results


@lru_cache(maxsize=8)
def _tell(cause: str) -> None:
    """Have a line in the log for each cause, once: where it lasts, nothing but slowness would show it."""
    log.warning("transactions that wait are made one by one error=%s", cause)


def _together(works: Sequence[Work[T]], raw: sqlite3.Connection) -> list[Result[T]]:
    results = list[Result[T]]()
    raw.execute(SYNCED if any(work.is_synced for work in works) else UNSYNCED)
    raw.execute(BEGIN)
    for work in works:
        raw.execute("SAVEPOINT one")
        results.append(result := _run(work, raw))
        if result.error:
            raw.execute("ROLLBACK TO one")  # fails where SQLite has rolled everything back
        raw.execute("RELEASE one")
    raw.commit()
    return results


def _run(work: Work[T], raw: sqlite3.Connection, *, is_alone: bool = False) -> Result[T]:
    try:
        if is_alone and raw.in_transaction:  # one whose rollback failed too: nobody would commit what is made within it
            raw.rollback()
        return Result(work.run(raw))
    except Exception as error:  # noqa: BLE001  # its caller's, whatever it is
        return failed(error)
