"""Copies: the database is backed up, put back, and moved to another one."""

import errno
from functools import partial
from pathlib import Path

from bot.backups.apart import apart
from bot.backups.copying import copy
from bot.backups.moving import move
from bot.backups.restoring import restore
from bot.backups.rounds import Rounds
from bot.clock import Clock
from bot.commands.exit import MISCONFIGURED, fail
from bot.process.stop import STOPPED
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import database_file, told

PG_DUMP = "a PostgreSQL is copied by pg_dump and put back by pg_restore (docs/operating.md), files by cp"


def source_of(settings: Settings) -> Path:
    file = database_file(settings.database_url)
    if file is None:
        raise ConfigurationError("DATABASE_URL", None, f"an SQLite file; {PG_DUMP}")
    return file


async def backup_to(source: Path, target: Path) -> int:
    """Copy the database; nothing half done is left."""
    try:
        copied = await apart(partial(copy, source, target))
    except OSError as error:
        return fail(_about(error, "name a file in a folder that you may write in"), MISCONFIGURED)
    print(f"copied to {target}")
    if copied.files:
        print(f"with {copied.files} files in {target}.files")
    if copied.missing:
        print(f"{copied.missing} files were not there to be copied; Telegram has them")
    return STOPPED


async def back_up(rounds: Rounds, folder: Path) -> int:
    try:
        await rounds.run()
    except OSError as error:
        return fail(_about(error, f"name a folder that you may write in, not {folder}"), MISCONFIGURED)
    return STOPPED


async def restore_from(settings: Settings, backup: Path) -> int:
    """Put a copy in the place of the database; where it fails nothing was changed."""
    bot_id, _, _ = settings.bot_token.get_secret_value().partition(":")
    try:
        found = await restore(
            backup, settings.database_url, Clock(), bot_id=int(bot_id) if bot_id.isdecimal() else None
        )
    except OSError as error:
        return fail(_about(error, "is there room, and may you write there? Nothing was changed"), MISCONFIGURED)
    print(f"restored {backup}: {found.answers} answers, {found.files} files")
    if found.missing:
        print(f"{found.missing} files are not there; Telegram is asked for them when they are needed")
    if found.kept:
        print(f"what was there is kept as {found.kept}")
    return STOPPED


async def move_rows(source: str, target: str) -> int:
    """Put the rows of one database into another; where it fails that one has none."""
    try:
        moved = await move(source, target, Clock(), partial(print, flush=True))
    except OSError as error:
        return fail(_about(error, "is there room, and may you write there?"), MISCONFIGURED)
    print(f"copied {moved.rows} rows and {moved.files} files to {told(target)}, and compared each row")
    print("name it in DATABASE_URL, and start the bot")
    if moved.missing:
        print(f"{moved.missing} files were not there to be copied; Telegram is asked for them when they are needed")
    return STOPPED


def _about(error: OSError, mend: str) -> str:
    """Say what the system said of which file, and what to do about it."""
    if error.errno == errno.ENOSPC:
        mend = "make room, or name another disk"
    return f"{error.filename}: {error.strerror}; {mend}" if error.filename else str(error)
