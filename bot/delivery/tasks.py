"""Tasks: what runs beside the callers of delivery, owned here until it ends."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.storage.engine.faults import Fenced

log = logging.getLogger(__name__)


class Tasks:
    """Runs coroutines that nobody waits for."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something to its end."""
        if self._closed:
            work.close()
            return
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def stop(self) -> None:
        """Let nothing more begin."""
        self._closed = True

    async def close(self) -> None:
        """Cancel what runs, and wait for its end."""
        self.stop()
        left = list(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, Fenced):
            log.error("call aside broke", exc_info=error)
