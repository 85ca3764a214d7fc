"""Toolbox: all tools that models may be offered, and another set of them in their place while the bot runs."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.clock import Clock
from bot.tools.offer import Approval, Offer
from bot.tools.server import Server
from bot.tools.wanted import ToolLimits


class Toolbox:
    """The tools that are built in, and those that the operator configured: of the web, and of servers.

    The former are offered to models that are known to take tools, the latter to all that are not known to take none.
    """

    def __init__(
        self,
        builtin: Sequence[Offer] = (),
        configured: Sequence[Offer] = (),
        servers: Sequence[Server] = (),
        limits: ToolLimits | None = None,
    ) -> None:
        self._builtin = builtin
        self._configured = configured
        self._servers = servers
        self.limits = limits or ToolLimits()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Keep the servers at work, for ever."""
        async with asyncio.TaskGroup() as group:
            running: dict[Server, asyncio.Task[None]] = {}
            while True:
                for server in set(running) - set(self._servers):
                    group.create_task(_retire(server, running.pop(server)))
                for server in self._servers:
                    if server not in running:
                        running[server] = group.create_task(server.run())
                await self._changed.wait()
                self._changed.clear()

    def replace(self, other: "Toolbox") -> None:
        """Offer what another one does from now on; a server of which nothing has changed goes on as it is.

        One that is gone ends when the calls of it that are under way have ended.
        """
        former = list(self._servers)
        self._builtin, self._configured, self.limits = other._builtin, other._configured, other.limits
        self._servers = [
            next((each for each in former if each.settings == new.settings), new) for new in other._servers
        ]
        self._changed.set()

    async def ready(self, clock: Clock, seconds: float) -> None:
        """Wait until each server works, or is known not to, for so long at the most."""
        until = clock.now() + seconds
        for server in self._servers:
            await clock.wait(server.tried, until - clock.now())

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


async def _retire(server: Server, running: asyncio.Task[None]) -> None:
    await server.idle()
    running.cancel()
