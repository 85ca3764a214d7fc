"""Trial: which tools work, for `check`: each server is started once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from bot.clock import Clock
from bot.tools.offer import Approval
from bot.tools.server import START_S, Server
from bot.tools.wanted import ToolSettings

WEB = {"search": ("ddgs",), "read": ("trafilatura", "lxml_html_clean")}  # the packages of the extra
INSTALL = "pip install 'deltagram[{extra}]'"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one trial; `mend` is what to do where it is not well."""

    name: str
    detail: str
    mend: str = ""


async def tried(settings: ToolSettings, clock: Clock) -> list[Tried]:
    """Return how all that is configured fares; without configuration there is nothing to say."""
    web = {"search": settings.web.search, "read": settings.web.read}
    pages = [_web(name) for name, approval in web.items() if approval is not Approval.OFF]
    servers = [Server(each, clock) for each in settings.servers]
    return [*pages, *await asyncio.gather(*(_server(server, clock) for server in servers))]


def _web(name: str) -> Tried:
    missing: Sequence[str] = [package for package in WEB[name] if find_spec(package) is None]
    if missing:
        return Tried(f"web {name}", detail=f"{', '.join(missing)} missing", mend=INSTALL.format(extra="web"))
    return Tried(f"web {name}", detail="offered")


async def _server(server: Server, clock: Clock) -> Tried:
    running = asyncio.ensure_future(server.run())
    try:
        await clock.wait(server.tried, START_S + 5)
        standing = server.standing
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    if standing.failure:
        mend = "see to its command, or its address, in tools.toml"
        return Tried(server.name, detail=standing.failure, mend=mend)
    return Tried(server.name, detail=f"{standing.tools} tools")
