"""Files that bots and users sent."""

import mimetypes
import random as randomness
import string
import struct
from collections.abc import Set
from dataclasses import dataclass

from telegram_playground.wire import Json

MAX_STORED_BYTES, MAX_FILES = 256 << 20, 10_000  # of all files together; the oldest go
_ALPHABET = string.ascii_letters + string.digits
_OPUS_RATE = 48_000
_PNG, _GIF = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")


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
        return self._files.get(file_id) or self._files.get(file_id[: -len("-s")])  # a photo's smaller sizes

    def at(self, path: str) -> File | None:
        """Return a file by its path."""
        return self._paths.get(path)


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, GIF or JPEG image in pixels."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(_GIF) and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return _jpeg(data) if data.startswith(b"\xff\xd8") else None


def seconds(data: bytes) -> int | None:
    """Return how long an Ogg file with Opus lasts, rounded up; RFC 7845, 4: its last page says the time."""
    if not data.startswith(b"OggS") or b"OpusHead" not in data[:100]:
        return None
    last = data.rfind(b"OggS")
    samples = int.from_bytes(data[last + 6 : last + 14], "little")
    return max(-(-samples // _OPUS_RATE), 1)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None
