"""What a failure of the database means."""

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from bot.storage.engine.faults import DatabaseDamaged, Fault, fault, raise_unless_passing


def failed(code: int | None) -> OperationalError:
    original = sqlite3.OperationalError("something")
    if code is not None:
        original.sqlite_errorcode = code
    return OperationalError("SELECT 1", None, original)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, Fault.PASSING),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Fault.PASSING),
        (sqlite3.SQLITE_FULL, Fault.PASSING),
        (sqlite3.SQLITE_IOERR_WRITE, Fault.PASSING),
        (sqlite3.SQLITE_READONLY_DBMOVED, Fault.PASSING),
        (sqlite3.SQLITE_CORRUPT, Fault.DAMAGED),
        (sqlite3.SQLITE_CORRUPT_INDEX, Fault.DAMAGED),
        (sqlite3.SQLITE_NOTADB, Fault.DAMAGED),
        (sqlite3.SQLITE_ERROR, Fault.BUG),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, Fault.BUG),
        (None, Fault.BUG),
    ],
)
def test_the_result_code_tells_what_to_do(code: int | None, expected: Fault) -> None:
    assert fault(failed(code)) is expected


def test_only_what_passes_is_waited_for() -> None:
    raise_unless_passing(failed(sqlite3.SQLITE_BUSY))

    with pytest.raises(DatabaseDamaged, match="something"):
        raise_unless_passing(failed(sqlite3.SQLITE_CORRUPT))
    with pytest.raises(OperationalError):
        raise_unless_passing(failed(sqlite3.SQLITE_ERROR))
