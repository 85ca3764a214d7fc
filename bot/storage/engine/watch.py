"""Watch: a database may be removed, moved or replaced under the running bot, which would then write into nothing."""

import os
from contextlib import suppress
from pathlib import Path

from bot.clock import Clock
from bot.storage.engine.faults import DatabaseDamaged

LOOK_S = 3.0
OPEN_FILES = Path("/proc/self/fd")  # where there is one
REMOVED = " (deleted)"


class Watch:
    """Looks whether the database that is open is still the one at its path; `run` while it is open."""

    def __init__(self, file: Path | None, clock: Clock) -> None:
        self._file = file.absolute() if file else None
        self._clock = clock

    async def run(self) -> None:
        """Look now and then. Raises DatabaseDamaged."""
        if self._file is None:
            return
        first = _identity(self._file)
        while True:
            await self._clock.sleep(LOOK_S)
            if _identity(self._file) != first or _is_removed(self._file):
                raise DatabaseDamaged(f"{self._file} was removed, moved or replaced under the running bot")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_removed(file: Path) -> bool:
    """Tell whether a file of the database that we hold open has no name any more."""
    real = file.resolve()
    held = {f"{real}{end}{REMOVED}" for end in ("", "-wal")}
    with suppress(OSError):
        for descriptor in OPEN_FILES.iterdir():
            with suppress(OSError):
                if os.readlink(descriptor) in held:
                    return True
    return False
