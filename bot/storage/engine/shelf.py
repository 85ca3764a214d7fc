"""Shelf: the folder beside the database where the bytes of files lie, each under its SHA-256; all calls block."""

import hashlib
import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

FOLDER = ".files"
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
_NAME = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """Keeps files by their content. A file is there whole, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep bytes, safe from a loss of power; return their SHA-256. Raises OSError."""
        name = hashlib.sha256(data).hexdigest()
        target = self._folder / name
        if self.get(name) != data:  # a damaged one is written anew
            part = self.scratch(name)
            try:
                with part.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(target)
                self._sync_names()
            finally:
                part.unlink(missing_ok=True)
        return name

    def _sync_names(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, sha256: str) -> bytes | None:
        """Return the bytes of a file, None where they are not there or not what they were."""
        try:
            data = (self._folder / sha256).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def share(self, sha256: str, folder: Path) -> bool:
        """Take a file from another shelf of the same disk without a second set of bytes; tell whether that was done."""
        if Shelf(folder).get(sha256) is None:
            return False
        with suppress(OSError):
            self._folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
            (self._folder / sha256).unlink(missing_ok=True)
            os.link(folder / sha256, self._folder / sha256, follow_symlinks=False)
            return True
        return False

    def scratch(self, name: str) -> Path:
        """Make an empty file for something that is on its way. Raises OSError."""
        self._folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        part = self._folder / f"{name}.part"
        part.unlink(missing_ok=True)
        part.touch(PRIVATE)
        return part

    def names(self) -> list[str]:
        """Return the SHA-256 of all that is there."""
        with suppress(OSError):
            return [name for name in os.listdir(self._folder) if _NAME.fullmatch(name)]
        return []

    def sizes(self) -> list[int]:
        """Return how many bytes each of them has."""
        found = []
        for name in self.names():
            with suppress(OSError):
                found.append((self._folder / name).stat().st_size)
        return found

    def remove(self, sha256s: Collection[str]) -> None:
        """Remove some."""
        for name in sha256s:
            with suppress(OSError):
                (self._folder / name).unlink()

    def sweep(self) -> None:
        """Remove what a former process had on its way."""
        with suppress(OSError):
            for part in self._folder.glob("*.part"):
                part.unlink(missing_ok=True)
