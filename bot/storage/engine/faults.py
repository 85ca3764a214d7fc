"""What a failure of the database means for those who wait for it.

SQLite's primary result codes tell (sqlite.org/rescode.html), and PostgreSQL's SQLSTATE
(postgresql.org/docs/current/errcodes-appendix.html): the class of the exception does not, since a missing column is an
OperationalError too.

    Lost ─┬─ DatabaseDamaged    a person must put a copy in its place
          ├─ DatabaseTaken      another bot runs on it
          ├─ DatabaseWithdrawn  its server lets us in no more, or has it no more
          └─ Fenced             another process has the bot by now
    Unusable                   it is none that we could use: told at the start
"""

import errno
import re
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
PASSING_CLASSES = ("08", "53", "57", "58")  # no connection, not enough of something, ended by somebody, its files
PASSING_STATES = frozenset(
    {
        "25006",  # read only: a standby that is not in charge yet, or an operator's doing
        "25P03",  # idle in a transaction for too long: we were stopped
        "40001",  # serialisation
        "40P01",  # deadlock
        "55P03",  # lock not available
    }
)
DAMAGED_STATES = frozenset({"XX001", "XX002"})
WITHDRAWN_STATES = ("28", "3D000", "42501")  # user, password or address refused; no such database; a right taken away
PASSING_AT_THE_FILES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ESTALE}
)


_DRIVERS_CLASS = re.compile(r"^<class '[^']*'>: ")  # which SQLAlchemy puts before


class Fault(StrEnum):
    """What to do about a failure."""

    PASSING = "passing"  # wait and repeat
    DAMAGED = "damaged"  # stop: every further write makes it worse
    WITHDRAWN = "withdrawn"  # stop: somebody has to change the server, or a setting
    BUG = "bug"  # ours


class Lost(Exception):
    """The database is no more ours to use: no waiting helps, and nothing is to go on."""


class DatabaseDamaged(Lost):
    """The file is malformed or no database; a person must put a copy in its place."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"the database is damaged: {reason}")


class DatabaseTaken(Lost):
    """Another bot runs on this database; `holder` says which one."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"another bot runs on this database, {holder}")
        self.holder = holder


class DatabaseWithdrawn(Lost):
    """The server refuses us, after it has served us: the database is gone, or our user, its password or a right."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"the database was taken away from under the bot: {reason}")


class Fenced(Lost):
    """Another process has the bot by now: what this one does for it ends, and changes nothing any more."""

    def __init__(self, bot_id: int) -> None:
        super().__init__(f"another process has bot {bot_id}")
        self.bot_id = bot_id


class Unusable(Exception):
    """The database is not such as we need."""


def fault(error: DBAPIError) -> Fault:
    """Tell what a failed statement means."""
    if error.connection_invalidated or _primary(error.orig) in PASSING:
        return Fault.PASSING
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state.startswith(PASSING_CLASSES) or state in PASSING_STATES:
        return Fault.PASSING
    if state.startswith(WITHDRAWN_STATES):
        return Fault.WITHDRAWN
    return Fault.DAMAGED if is_damaged(error.orig) else Fault.BUG


def is_damaged(error: BaseException | None) -> bool:
    """Tell whether an error of the database says that it is malformed, or none."""
    return _primary(error) in DAMAGED or getattr(error, "sqlstate", None) in DAMAGED_STATES


def is_locked(error: sqlite3.Error) -> bool:
    """Tell whether an error of SQLite says that another one has the file."""
    return _primary(error) == sqlite3.SQLITE_BUSY


def reason(error: BaseException | None) -> str:
    """Return what the database itself said, in one line."""
    return " ".join(_DRIVERS_CLASS.sub("", str(error)).split())


def raise_unless_passing(error: DBAPIError, *, has_served: bool = False) -> None:
    """Return where waiting may help. Raises DatabaseDamaged, DatabaseWithdrawn, and the error itself if it is a bug.

    `has_served`: the database has let us in before; one that never did is a wrong setting, told by the error itself.
    """
    match fault(error):
        case Fault.DAMAGED:
            raise DatabaseDamaged(error.orig) from error
        case Fault.WITHDRAWN if has_served:
            raise DatabaseWithdrawn(reason(error.orig)) from error
        case Fault.BUG | Fault.WITHDRAWN:
            raise error


def _primary(error: BaseException | None) -> int:
    """Return the primary result code of an error of SQLite."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
