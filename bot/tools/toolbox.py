"""Toolbox: all tools that models may be offered."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.clock import Clock
from bot.tools.offer import Approval, Offer
from bot.tools.server import Server, Standing


class Toolbox:
    """The tools that are built in, and those that the operator configured: of the web, and of servers.

    The former are offered to models that are known to take tools, the latter to all that are not known to take none.
    """

    def __init__(
        self, builtin: Sequence[Offer] = (), configured: Sequence[Offer] = (), servers: Sequence[Server] = ()
    ) -> None:
        self._builtin = builtin
        self._configured = configured
        self._servers = servers

    async def run(self) -> None:
        """Keep the servers at work, for ever."""
        async with asyncio.TaskGroup() as group:
            for server in self._servers:
                group.create_task(server.run())

    async def ready(self, clock: Clock, seconds: float) -> None:
        """Wait until each server works, or is known not to, for so long at the most."""
        until = clock.now() + seconds
        for server in self._servers:
            await clock.wait(server.tried, until - clock.now())

    @property
    def standings(self) -> list[Standing]:
        """How the servers fare."""
        return [server.standing for server in self._servers]

    def offered(self, takes: bool | None) -> Mapping[str, Offer]:
        """Return by name what a model is offered that takes tools, or does not, or of which nobody knows (None)."""
        if takes is False:
            return {}
        offers = [*(self._builtin if takes else ()), *self._configured]
        offers += [offer for server in self._servers for offer in server.offers]
        return {each.tool.name: each for each in offers if each.approval is not Approval.OFF}

    def find(self, name: str) -> Offer | None:
        """Return a tool by its name."""
        return self.offered(takes=True).get(name)
