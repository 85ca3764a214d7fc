"""A bot of several that ends, by whatever, is begun again a minute later."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.app.app import App
from bot.app.many.tended import AGAIN_S, Tended
from bot.app.services import make_services, of_bot
from bot.members.lease import Lease
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.faults import DatabaseDamaged
from bot.storage.engine.fence import Fence
from tests.bot.app.many.test_places import bot
from tests.clock import FakeClock


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ConfigurationError("BOT_TOKEN", "123456:…", "a token that @BotFather has not revoked"), "not revoked"),
        (DatabaseDamaged("malformed"), "restore a backup"),
        (PermissionError(13, "Permission denied", "data/x.db"), "data/x.db: Permission denied"),
        (asyncio.CancelledError(), "its tasks were cancelled, a bug"),
        (KeyError("what somebody wrote"), "a bug: KeyError"),
        (ExceptionGroup("several", [KeyError("x")]), "a bug: ExceptionGroup"),
    ],
)
async def test_whatever_ends_it_is_told_and_tried_again_each_minute(
    error: BaseException, line: str, clock: FakeClock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    begun = 0

    @asynccontextmanager
    async def begin(_bot: Tended, _lease: Lease | None) -> AsyncIterator[App]:
        nonlocal begun
        begun += 1
        raise error
        yield

    settings = Settings.load(demo_provider="on", bot_token="123456:AAEhBP0av28abcdefghijklmnopqrstuvwx")
    async with make_services(settings, tmp_path / "bot.db", clock, play=False) as services:
        tended = Tended(bot(123456), of_bot(services, settings), begin, clock)
        running = asyncio.ensure_future(tended.run())
        await clock.asleep()
        assert (begun, line in tended.trouble) == (1, True)
        await clock.advance(AGAIN_S - 1)
        assert begun == 1
        await clock.advance(1)
        assert begun == 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert running.cancelled()
    assert all(line in each.getMessage() for each in caplog.records if each.levelno == logging.ERROR)
    assert "what somebody wrote" not in " ".join(each.getMessage() for each in caplog.records)


async def test_what_ends_with_the_lease_is_no_error_in_the_log(
    clock: FakeClock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A call that waits is refused when another process has the bot, while all that is done for it is cancelled."""
    lease, begun = (
        Lease(Fence(123456, 1), clock.boot(), clock, confess=lambda _: None, give_back=_never),
        asyncio.Event(),
    )

    @asynccontextmanager
    async def begin(_bot: Tended, lease: Lease | None) -> AsyncIterator[App]:
        assert lease
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await lease.held()
        raise AssertionError("it was lost")
        yield

    settings = Settings.load(demo_provider="on", bot_token="123456:AAEhBP0av28abcdefghijklmnopqrstuvwx")
    async with make_services(settings, tmp_path / "bot.db", clock, play=False) as services:
        running = asyncio.ensure_future(Tended(bot(123456), of_bot(services, settings), begin, clock).run(lease))
        await begun.wait()
        lease.lose()
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()
        del running
    gc.collect()  # what nobody has looked at is told then

    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


async def _never(_lease: Lease) -> None:
    raise AssertionError("it is lost")
