"""The doors: where others may ask how the bot fares, and where Telegram may post."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.intake.updates.webhook import Webhook
from bot.process import log as logs
from bot.report.report import Reporter
from bot.report.standing import Standing
from bot.report.status import status
from bot.report.talk import telling
from bot.settings import Settings
from bot.storage.engine.database import SOCKET

if TYPE_CHECKING:
    from bot.report.server import Answer


@asynccontextmanager
async def doors(
    settings: Settings,
    place: Path,
    bot_id: int,
    webhook: Webhook | None,
    has_ports: bool,
    reporter: Reporter,
) -> AsyncIterator[None]:
    """Open the ports that are wished, and the socket that `status` asks at. Raises ConfigurationError.

    `has_ports`: they are this bot's, and not those of a process that serves it for a time.
    """

    async def tell() -> dict[str, object]:
        return status(await reporter.report(), reporter.tally, logs.last())

    async with AsyncExitStack() as stack:
        if has_ports and (webhook or settings.metrics_port is not None):
            from bot.report.server import serving  # who has no port does not pay for a web server

            def find(asked: int) -> "Answer | None":
                return webhook.answer if webhook and asked == bot_id else None

            alone = [Standing("", reporter)]
            await stack.enter_async_context(serving(settings, lambda: alone, find if webhook else None))
        await stack.enter_async_context(telling(socket_of(place), tell))
        yield


def socket_of(place: Path) -> Path:
    """Return where the bot that runs on a database is asked how it fares; the file itself counts, not a link to it."""
    real = place.resolve()
    return real.with_name(f"{real.name}{SOCKET}")
