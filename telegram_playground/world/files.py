"""Files that bots and users sent."""

import mimetypes
import random as randomness
import string
from collections.abc import Set
from dataclasses import dataclass

from telegram_playground.protocol.wire import Json

MAX_STORED_BYTES, MAX_FILES = 256 << 20, 10_000  # of all files together; the oldest go
_ALPHABET = string.ascii_letters + string.digits


@dataclass(slots=True, eq=False)
class File:
    """One file; `file_id` names it for bots, `path` is its place under /file/bot<token>/.

    `data` is empty once the server has thrown the file away: others may still name it.
    """

    file_id: str
    unique_id: str
    name: str
    mime: str
    data: bytes
    path: str

    def json(self) -> Json:
        """Return the fields that every kind of file has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}


class Files:
    """All files, by file_id."""

    def __init__(self, random: randomness.Random) -> None:
        self._random = random
        self._files: dict[str, File] = {}
        self._paths: dict[str, File] = {}
        self._bytes = 0
        self._count = 0

    def add(self, name: str, mime: str, data: bytes, *, kind: str = "document") -> File:
        """Store a file."""
        unique = "".join(self._random.choices(_ALPHABET, k=16))
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        suffix = suffix if suffix.isalnum() and suffix.isascii() else "bin"
        self._count += 1
        path = f"{kind}s/file_{self._count}.{suffix}"
        file = File(f"AgAC{unique}{kind}", unique, name[:255], mime, data, path)
        self._files[file.file_id] = self._paths[path] = file
        self._bytes += len(data)
        while (self._bytes > MAX_STORED_BYTES or len(self._files) > MAX_FILES) and len(self._files) > 1:
            oldest = self._files.pop(next(iter(self._files)))
            del self._paths[oldest.path]
            self._bytes -= len(oldest.data)
            oldest.data = b""
        return file

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(self._files)

    def remove(self, file: File) -> None:
        """Forget a file."""
        if self._files.pop(file.file_id, None):
            del self._paths[file.path]
            self._bytes -= len(file.data)
            file.data = b""

    @property
    def numbered(self) -> int:
        """How many there ever were: paths are numbered by it."""
        return self._count

    def ids(self) -> Set[str]:
        """Return the ids of all files, oldest first."""
        return self._files.keys()

    def put_back(self, file: File) -> None:
        """Take in a file that a former server had, after those that are older."""
        self._files[file.file_id] = self._paths[file.path] = file
        self._bytes += len(file.data)

    def go_on(self, numbered: int) -> None:
        """Number further files from there."""
        self._count = numbered

    def get(self, file_id: str) -> File | None:
        """Return a file by its id."""
        return self._files.get(file_id) or self._files.get(file_id[: -len("-s")])  # a smaller size of it

    def at(self, path: str) -> File | None:
        """Return a file by its path."""
        return self._paths.get(path)
