"""Later: what nobody waits for begins when people have their answers, where the bot was another process's just now."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from bot.clock import Clock
from bot.members.lease import Lease

REST_S = 20.0  # menus and profile are a dozen calls a bot, and a process that ends leaves many bots at once


class Later:
    """Runs some, side by side, when the time has come."""

    def __init__(
        self, runs: Sequence[Callable[[], Coroutine[None, None, None]]], clock: Clock, *, after_s: float
    ) -> None:
        self._runs = runs
        self._clock = clock
        self._after_s = after_s

    async def run(self) -> None:
        """Do so, until cancelled. Raises what they do."""
        if self._after_s:
            await self._clock.sleep(self._after_s)
        async with asyncio.TaskGroup() as group:
            for run in self._runs:
                group.create_task(run())


def rest_s(lease: Lease | None) -> float:
    """Return for how many seconds it can wait: who had the bot before did it, but for what an upgrade has changed."""
    return REST_S if lease and lease.former.ago_s is not None else 0.0
