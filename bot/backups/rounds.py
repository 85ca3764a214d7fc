"""Rounds: a copy now and then into a folder, of which the newest are kept.

The names carry a number, so that a clock that jumps neither hides the newest copy nor has it taken for the oldest, and
the bot's id, so that several bots may share a folder.
"""

import errno
import logging
import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from bot.backups.apart import apart
from bot.backups.copying import alone, clear, copy_alone, files_of, make_folder, unfinished
from bot.clock import Clock
from bot.storage.engine.faults import DatabaseDamaged, is_damaged
from bot.storage.engine.reading import read_only
from bot.storage.engine.shelf import FOLDER

log = logging.getLogger(__name__)

LOOK_S = 600.0  # so often the clock on the wall is looked at: it may be set, or the machine have slept
RETRY_S = 60.0
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"bot(?P<bot>\d+)-(?P<number>\d{6,12})-(?P<stamp>\d{8}T\d{6}Z)\.db")


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A copy that lies in the folder; the numbers tell their order."""

    number: int
    made_at: float
    file: Path


class Rounds:
    """Copies a database whenever it is time."""

    def __init__(self, source: Path, folder: Path, clock: Clock, *, every_s: float, keep: int) -> None:
        self._source = source
        self._folder = folder
        self._clock = clock
        self._every_s = every_s
        self._keep = keep

    async def run(self) -> None:
        """Copy now, unless the newest copy is young, and again and again; what passes is waited for.

        Raises DatabaseDamaged, and OSError where the folder cannot be made or written at the start.
        """
        make_folder(self._folder)
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self._folder))
        while True:
            try:
                wait_s = await apart(self._round)
            except (OSError, sqlite3.Error) as error:
                if is_damaged(error):
                    raise DatabaseDamaged(error) from error
                wait_s = min(self._every_s, RETRY_S)
                log.error("no backup was made, trying again in %.0f s: %s", wait_s, error)  # noqa: TRY400
            await self._sleep(wait_s)

    def _round(self, stop: Event) -> float:
        """Copy if it is time; return for how long there is nothing to do. Raises what `copy` raises."""
        with alone(self._folder, stop):
            bot_id = bot_of(self._source)
            found = kept_in(self._folder, bot_id)
            if found and (left_s := self._left_s(found[-1])) > 0:
                return left_s
            self._tidy(bot_id)
            number = found[-1].number + 1 if found else 1
            stamp = datetime.fromtimestamp(self._clock.wall(), UTC).strftime(_STAMP)
            target = self._folder / f"bot{bot_id}-{number:06}-{stamp}.db"
            started = self._clock.now()
            copied = copy_alone(self._source, target, stop, earlier=found[-1].file if found else None)
            self._prune(kept_in(self._folder, bot_id))
            log.info(
                "backup made file=%s bytes=%s files=%s missing=%s seconds=%.1f",
                *(target, target.stat().st_size, copied.files, copied.missing, self._clock.now() - started),
            )
        return self._every_s

    def _left_s(self, newest: Kept) -> float:
        """Return when the next one is due; a copy from the future was made by a wrong clock, and counts as old."""
        age_s = self._clock.wall() - newest.made_at
        return self._every_s - age_s if age_s >= 0 else 0.0

    async def _sleep(self, seconds: float) -> None:
        """Wait until the time is over by the clock of the process, or by the one on the wall."""
        now, wall = self._clock.now(), self._clock.wall()
        while (left_s := seconds - max(self._clock.now() - now, self._clock.wall() - wall)) > 0:
            await self._clock.sleep(min(left_s, LOOK_S))

    def _prune(self, found: list[Kept]) -> None:
        """Remove all but the newest; after a kill in between `_tidy` removes the files."""
        for kept in found[: -self._keep]:
            kept.file.unlink(missing_ok=True)
            _remove(files_of(kept.file))

    def _tidy(self, bot_id: int) -> None:
        """Remove what a former process left half done; nobody else is at work here."""
        for entry in list(self._folder.iterdir()):
            for end in (".part", FOLDER):
                name = entry.name.removesuffix(end)
                match = _NAME.fullmatch(name) if name != entry.name else None
                if match and int(match["bot"]) == bot_id and not os.path.lexists(self._folder / name):
                    clear(unfinished(self._folder / name))
                    _remove(files_of(self._folder / name))


def kept_in(folder: Path, bot_id: int) -> list[Kept]:
    """Return the copies of a bot's database in a folder, the oldest first. Raises OSError."""
    found = []
    for entry in os.scandir(folder):
        match = _NAME.fullmatch(entry.name)
        if match and int(match["bot"]) == bot_id and entry.is_file(follow_symlinks=False):
            with suppress(ValueError):
                made_at = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC).timestamp()
                found.append(Kept(int(match["number"]), made_at, folder / entry.name))
    return sorted(found)


def bot_of(source: Path) -> int:
    """Return whose database it is. Raises OSError where there is none, or no bot has begun with it; sqlite3.Error."""
    if not source.is_file():
        raise FileNotFoundError(f"there is no database at {source}")
    with closing(read_only(source)) as database:
        is_begun = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'identity'").fetchone()
        row = database.execute("SELECT bot_id FROM identity").fetchone() if is_begun else None
    if row is None:
        raise FileNotFoundError(f"there is nothing in {source} yet")
    return int(row[0])


def _remove(folder: Path) -> None:
    if not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
