"""Later: what nobody waits for begins when answers are under way.

All statements of a bot wait in one line, and each is slow for the first time: the worker's took 0.7 s beside a dozen
others. Where the bot was another process's just now, some of it waits until people have their answers.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from bot.clock import Clock
from bot.members.lease import Lease

REST_S = 20.0  # menus and profile are a dozen calls a bot, and a process that ends leaves many bots at once


class Later:
    """Runs some, side by side, so many seconds after `begun`."""

    def __init__(
        self,
        runs: Sequence[Callable[[], Coroutine[None, None, None]]],
        begun: asyncio.Event,
        clock: Clock,
        *,
        after_s: float = 0.0,
    ) -> None:
        self._runs = runs
        self._begun = begun
        self._clock = clock
        self._after_s = after_s

    async def run(self) -> None:
        """Do so, until cancelled. Raises what they do."""
        await self._begun.wait()
        if self._after_s:
            await self._clock.sleep(self._after_s)
        async with asyncio.TaskGroup() as group:
            for run in self._runs:
                group.create_task(run())


def rest_s(lease: Lease | None) -> float:
    """Return for how many seconds it can wait: who had the bot before did it, but for what an upgrade has changed."""
    return REST_S if lease and lease.former.ago_s is not None else 0.0
