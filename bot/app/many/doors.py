"""The doors of a process with several bots: one port for all, and one socket at which `status` asks."""

import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from bot.app.many.bots import Bots
from bot.process import log as logs
from bot.process.identity import boot
from bot.report.standing import look_at
from bot.report.status import status_of
from bot.report.talk import is_deserted, telling
from bot.settings import Settings
from bot.storage.engine.database import SOCKET

BOTS = ".bots-"  # in the names of what belongs to no bot alone


@asynccontextmanager
async def doors(settings: Settings, place: Path, bots: Bots) -> AsyncIterator[None]:
    """Open the port that is wished, and the socket, which is named for us. Raises ConfigurationError."""

    async def tell() -> dict[str, object]:
        return status_of(await look_at(bots.standings), logs.last(), bots.figures)

    async with AsyncExitStack() as stack:
        if settings.webhook_url or settings.metrics_port is not None:
            from bot.report.server import serving  # who has no port does not pay for a web server

            find = bots.find if settings.webhook_url else None
            await stack.enter_async_context(serving(settings, bots.standings, find, bots.figures))
        for old in sockets_of(place):
            if not _lives(old):
                with suppress(OSError):
                    old.unlink()
        await stack.enter_async_context(telling(_socket(place), tell))
        yield


def sockets_of(place: Path) -> list[Path]:
    """Return where the processes of several bots are asked, by the place of DATABASE_URL."""
    real = place.resolve()
    return sorted(real.parent.glob(f"{real.name}{BOTS}*{SOCKET}"))


def _socket(place: Path) -> Path:
    real = place.resolve()
    return real.with_name(f"{real.name}{BOTS}{_host()}-{_boot()}-{os.getpid()}{SOCKET}")


def _host() -> str:
    """Return the machine's name, or the container's: the processes of two may have one number, and one folder."""
    return re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())[:60]


def _boot() -> str:
    """Return what all containers of a machine share, until it begins anew."""
    return boot().partition("-")[0]


def _lives(other: Path) -> bool:
    """Tell whether the process for which a socket is named may be there."""
    where, _, pid = other.name.removesuffix(SOCKET).rpartition(BOTS)[2].rpartition("-")
    host, _, since = where.rpartition("-")
    if since != _boot():
        return host != _host()
    if host != _host():
        return not is_deserted(other)
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return int(pid) != os.getpid()
