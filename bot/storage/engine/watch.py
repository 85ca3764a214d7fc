"""Watch: a database may be removed, moved or replaced under the running bot, which would then write into nothing."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.clock import Clock
from bot.storage.engine.faults import DatabaseDamaged

LOOK_S = 3.0
OPEN_FILES = Path("/proc/self/fd")  # where there is one
REMOVED = " (deleted)"


class Held:
    """Which files that the process holds open have no name any more; who asks together with others shares a look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looked_at = -math.inf
        self._removed: frozenset[str] = frozenset()

    def removed(self) -> frozenset[str]:
        """Return the names that they had, each with `REMOVED` after it."""
        if self._clock.now() - self._looked_at >= LOOK_S / 2:
            self._looked_at, self._removed = self._clock.now(), frozenset(_removed())
        return self._removed


class Watch:
    """Looks whether the database that is open is still the one at its path; `run` while it is open."""

    def __init__(self, file: Path | None, clock: Clock, held: Held | None = None) -> None:
        self._held = held or Held(clock)
        self._file = file.absolute() if file else None
        self._clock = clock

    async def run(self) -> None:
        """Look now and then. Raises DatabaseDamaged."""
        if self._file is None:
            return
        first = _identity(self._file)
        while True:
            await self._clock.tick(LOOK_S)
            if _identity(self._file) != first or self._is_removed(self._file):
                raise DatabaseDamaged(f"{self._file} was removed, moved or replaced under the running bot")

    def _is_removed(self, file: Path) -> bool:
        """Tell whether a file of the database that we hold open has no name any more."""
        real = file.resolve()
        return not self._held.removed().isdisjoint(f"{real}{end}{REMOVED}" for end in ("", "-wal"))


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _removed() -> Iterator[str]:
    with suppress(OSError):
        for descriptor in OPEN_FILES.iterdir():
            with suppress(OSError):
                if (name := os.readlink(descriptor)).endswith(REMOVED):
                    yield name
