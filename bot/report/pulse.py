"""Pulse: how late the event loop of the process is, measured once for all that run in it."""

from bot.clock import Clock
from bot.tally import Tally

PULSE_S = 1.0
FORGET = 0.95  # of the worst lag, a second: what is a minute old counts little


class Pulse:
    """Measures into a tally."""

    def __init__(self, tally: Tally, clock: Clock) -> None:
        self._tally = tally
        self._clock = clock

    async def run(self) -> None:
        """Measure, for ever."""
        while True:
            at = self._clock.now()
            await self._clock.sleep(PULSE_S)
            self._tally.lag_s = max(0.0, self._clock.now() - at - PULSE_S)
            self._tally.worst_lag_s = max(self._tally.lag_s, self._tally.worst_lag_s * FORGET)
