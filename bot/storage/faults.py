"""What a failure of the database means for those who wait for it.

SQLite's primary result codes tell (sqlite.org/rescode.html): the class of the exception does not, since a missing
column is an OperationalError too.
"""

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,  # how a disk with errors is mounted again
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
PASSING_AT_THE_FILES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ESTALE}
)


class Fault(StrEnum):
    """What to do about a failure."""

    PASSING = "passing"  # wait and repeat
    DAMAGED = "damaged"  # stop: every further write makes it worse
    BUG = "bug"  # ours


class DatabaseDamaged(Exception):
    """The file is malformed or no database; a person must put a copy in its place."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"the database is damaged: {reason}")


def fault(error: DBAPIError) -> Fault:
    """Tell what a failed statement means."""
    if _primary(error.orig) in PASSING:
        return Fault.PASSING
    return Fault.DAMAGED if is_damaged(error.orig) else Fault.BUG


def is_damaged(error: BaseException | None) -> bool:
    """Tell whether an error of SQLite says that the file is malformed or no database."""
    return _primary(error) in DAMAGED


def raise_unless_passing(error: DBAPIError) -> None:
    """Raise DatabaseDamaged, or the error itself where it is a bug; return where waiting may help."""
    match fault(error):
        case Fault.DAMAGED:
            raise DatabaseDamaged(error.orig) from error
        case Fault.BUG:
            raise error


def _primary(error: BaseException | None) -> int:
    """Return the primary result code of an error of SQLite."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
