"""Room: what the disk of a database lacks, where it can be written no more."""

import os
import shutil
from pathlib import Path

ENOUGH = 1_000_000  # bytes; SQLite's files beside the database, and some transactions


def room(folder: Path) -> int:
    """Return how many bytes we may still write on the disk of a folder, or where it is to be made. Raises OSError."""
    return shutil.disk_usage(
        next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    ).free


def advice(folder: Path | None) -> str:
    """Say what to do where the disk of a folder is full or mounted read-only, else nothing."""
    try:
        if folder is None:
            return ""
        if room(folder) < ENOUGH:
            return f"the disk of {folder.absolute()} is full: make room there"
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return f"the disk of {folder.absolute()} is mounted read-only: look at the kernel's log, mount it anew"
    except OSError:
        pass
    return ""
