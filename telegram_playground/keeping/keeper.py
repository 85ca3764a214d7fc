"""Saves a world while it changes: soon after each change, and when the server ends."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telegram_playground.control.stage import Stage
from telegram_playground.keeping.file import Changes, StateFile
from telegram_playground.keeping.shelf import Shelf
from telegram_playground.process.clock import Clock

log = logging.getLogger(__name__)
_LOOK_S = 0.25
_SHARE = 20  # a save may take this part of the time


class Keeper:
    """Keeps one world in one file. What was done less than half a second before a kill may be missing afterwards."""

    def __init__(self, stage: Stage, path: Path, clock: Clock) -> None:
        """Open the file; raises Unusable."""
        self._stage = stage
        self._clock = clock
        self._file = StateFile(path)
        self._shelf = Shelf(stage)
        self._seen = -1
        self._unwritten = Changes()
        self._writing = asyncio.Lock()
        self._is_whole = True

    def load(self) -> bool:
        """Make the world what the file says; False: the file is new. Raises Unusable."""
        things = self._file.things()
        self._shelf.put_back(things, self._file.files())
        return bool(things)

    @contextmanager
    def making(self) -> Iterator[None]:
        """Save nothing while a world is made, and nothing at all where that fails: the file stays as it was."""
        self._is_whole = False
        yield
        self._is_whole = True

    async def run(self) -> None:
        """Save whenever something has changed, until cancelled."""
        while True:
            await self._clock.sleep(_LOOK_S)
            if self._seen == self._stage.world.feed.changes:
                continue
            begun = self._clock.now()
            await self.save()
            await self._clock.sleep((self._clock.now() - begun) * _SHARE)

    async def save(self, *, clean: bool = False) -> None:
        """Write what has changed; where the disk refuses, it is tried again with the next changes."""
        async with self._writing:
            if not self._is_whole:
                return
            self._seen = self._stage.world.feed.changes
            self._unwritten.add(self._shelf.changes(clean=clean))
            if not self._unwritten:
                return
            await self._write()

    async def _write(self) -> None:
        """Write what is not written; who is cancelled stays until that has ended, as it may not change meanwhile."""
        writing = asyncio.ensure_future(asyncio.to_thread(self._file.write, self._unwritten))
        try:
            await asyncio.shield(writing)
        except OSError as error:
            log.warning("state not saved reason=%s", error)
        else:
            self._unwritten = Changes()
        finally:
            await asyncio.gather(writing, return_exceptions=True)

    async def close(self) -> None:
        """Write the rest and let others open the file."""
        await self.save(clean=True)
        self._file.close()
