"""Disk: how much of it the database takes, and how much is left."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.storage.engine.database import files_of


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes; None where that cannot be known, as of a database on a server."""

    database: int | None = None
    free: int | None = None


def look(place: Path, file: Path | None) -> Disk:
    """Look at the disk on which what lies beside a database lies, and at its `file`, where it is one."""
    database = free = None
    with suppress(OSError):
        free = shutil.disk_usage(place.parent).free
        database = sum(each.stat().st_size for each in files_of(file)) if file else None
    return Disk(database, free)


def size_of(count: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000 or unit == "GB":
            break
        count /= 1_000
    return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
