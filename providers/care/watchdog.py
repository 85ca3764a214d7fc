"""Watchdog: a limit that is set anew at each delta; a timer for each would cost more than the delta itself."""

import asyncio
import math


class Watchdog:
    """Cancels the task that made it when the time that `until` named has come; `has_bitten` then tells so, once.

    `rest` suspends it. One timer serves for many limits: where it goes off early, it is put off until the limit.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task else 0
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._bites = False

    def until(self, at: float | None) -> None:
        """Bite at a time of the loop, None: never."""
        self._at = math.inf if at is None else at
        if self._at < (math.inf if self._timer is None else self._timer.when()):
            self._arm()

    def rest(self) -> None:
        """Do not bite."""
        self._at = math.inf

    def end(self) -> None:
        """Be done."""
        self.has_bitten()
        self._at = math.inf
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def has_bitten(self) -> bool:
        """Tell whether the cancellation that came is the watchdog's alone; it counts as dealt with."""
        if not self._bites or self._task is None:
            return False
        self._bites = False
        return self._task.uncancel() <= self._cancelling

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._at, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._at > self._loop.time():
            if self._at < math.inf:
                self._arm()
        elif self._task:
            self._bites = True
            self._task.cancel()
