"""Inspection: what `check` reads of a database that a bot may be using, without writing a byte."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.storage.database import read_only
from bot.storage.migration import REVISIONS, only_revision


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in a file: `is_new` has no tables yet, `is_newer` is of a later version; `bot_id`: whose it is."""

    is_new: bool = False
    is_newer: bool = False
    bot_id: int | None = None
    answers: int = 0


def inspect(file: Path) -> Inspection:
    """Look into a database. Raises sqlite3.Error."""
    with closing(read_only(file)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return Inspection(is_new=True)
        rows = database.execute("SELECT version_num FROM alembic_version").fetchall()
        revision = only_revision([row[0] for row in rows])
        if revision and revision not in REVISIONS:
            return Inspection(is_newer=True)
        row = database.execute("SELECT bot_id FROM identity").fetchone()
        answers = database.execute("SELECT count(*) FROM answers" if revision == REVISIONS[-1] else "SELECT 0")
        return Inspection(bot_id=row[0] if row else None, answers=answers.fetchone()[0])


def pairing(file: Path) -> tuple[str | None, set[str]]:
    """Return the pairing code that is not used yet, and whether there are owners and people let in, by their rules.

    Raises sqlite3.Error.
    """
    with closing(read_only(file)) as database:
        row = database.execute("SELECT pairing_code FROM identity").fetchone()
        rules = database.execute("SELECT DISTINCT rule FROM access WHERE rule IN ('owner', 'allow')").fetchall()
    return row[0] if row else None, {rule for (rule,) in rules}
