"""Supervisor: systemd is told when the bot serves, that it lives, and that it ends (sd_notify(3)); nobody else is."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from bot.clock import Clock

BEAT_S = 5.0  # the units have WatchdogSec=60


class Supervisor:
    """Tells by the socket that the environment names; without one, `run` does nothing."""

    def __init__(self, environment: Mapping[str, str], is_well: Callable[[], bool], clock: Clock) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name  # @: of Linux' abstract names
        self._is_well = is_well
        self._clock = clock

    async def run(self) -> None:
        """Tell, for ever: READY once all is well for the first time; then a beat."""
        if not self._address:
            return
        try:
            while not self._is_well():
                await self._clock.sleep(1.0)
            self._tell("READY=1")
            while True:
                self._tell("WATCHDOG=1")
                await self._clock.sleep(BEAT_S)
        finally:
            self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one:
            one.setblocking(False)
            one.sendto(state.encode(), self._address)
