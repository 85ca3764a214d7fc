"""Whether the database can be used, and what is in it."""

import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.commands.checks.line import Line
from bot.report.disk import size_of
from bot.settings import Settings
from bot.storage.engine.database import beside, database_file, told
from bot.storage.engine.faults import Unusable, is_damaged, reason
from bot.storage.engine.inspection import Inspection, inspect_at
from bot.storage.engine.migration import NewerDatabaseError
from bot.storage.engine.room import advice, room
from bot.storage.engine.shelf import FOLDER, Shelf
from bot.storage.telegram.alarms import LOW_DISK

NEWER = "update the bot, or restore the copy made before its last update (docs/operating.md, Upgrade)"


async def check_database(settings: Settings, bot_id: int | None) -> Line:
    line, folder = await _look(settings, bot_id), beside(settings.database_url).parent
    if not line.ok:
        return line
    if told := advice(folder):
        return Line("database", ok=False, detail=f"{line.detail}; the bot would wait", mend=told)
    if room(folder) < LOW_DISK:
        return replace(
            line, mend=f"less than {size_of(LOW_DISK)} of the disk of {folder.absolute()} are free: make room"
        )
    return line


async def _look(settings: Settings, bot_id: int | None) -> Line:
    """Look at the database, whatever room its disk has."""
    url, file, where = settings.database_url, database_file(settings.database_url), told(settings.database_url)
    another = "name another file in DATABASE_URL" if file else "name another database in DATABASE_URL"
    place = beside(url)
    try:
        _try_writing(place)
    except OSError as error:
        return Line("database", ok=False, detail=f"{place} cannot be made or written: {error.strerror}", mend=another)
    try:
        found = await inspect_at(url)
    except sqlite3.Error as error:
        if is_damaged(error):
            raise
        return Line("database", ok=False, detail=f"{where}: {error}", mend=another)
    except DBAPIError as error:
        mend = "does PostgreSQL run there, are host, port, user, password and database in DATABASE_URL right?"
        return Line("database", ok=False, detail=f"{where}: {reason(error.orig)}", mend=mend)
    except Unusable as error:
        return Line("database", ok=False, detail=f"{where}: {error}", mend=another)
    if found is None:
        return Line("database", ok=True, detail=f"{where} will be made at the first start")
    if not found.may_create:
        mend = "make its user the owner of the database: ALTER DATABASE … OWNER TO …"
        return Line("database", ok=False, detail=f"{where}: no tables may be made there", mend=mend)
    if found.is_new:
        return Line("database", ok=True, detail=f"{where} is new; its tables will be made at the first start")
    if found.is_newer:
        return Line("database", ok=False, detail=f"{where}: {NewerDatabaseError()}", mend=NEWER)
    if found.bot_id and bot_id and found.bot_id != bot_id:
        mend = f"{another}, or use that bot's token"
        return Line("database", ok=False, detail=f"{where} belongs to the bot {found.bot_id}", mend=mend)
    return Line("database", ok=True, detail=f"{where}, {found.answers} answers, {_sizes(found, place)}")


def _sizes(found: Inspection, place: Path) -> str:
    """Say how much of the disk is taken by the database and by what people sent, and how much is left."""
    sent = Shelf(place.with_name(f"{place.name}{FOLDER}")).sizes()
    files = f", {len(sent)} files with {size_of(sum(sent))}" if sent else ""
    return f"{size_of(found.size)}{files}" + (f"; {size_of(found.free)} free" if found.free is not None else "")


def _try_writing(file: Path) -> None:
    """Write nothing into a file, and a file beside it, or where its folder is to be made. Raises OSError."""
    if file.exists():
        file.open("r+b").close()
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    with tempfile.NamedTemporaryFile(dir=folder):
        pass
