"""What a bot's calls go through is made anew each time that the bot begins."""

from pathlib import Path

from bot.app.rows import make_rows
from bot.app.telegram import make_bot, make_delivery
from bot.delivery.priority import Priority
from bot.members.lease import Lease
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import Former
from tests.clock import FakeClock

GROUP = -100_7


async def test_what_a_bot_called_before_it_began_anew_under_its_lease_is_charged(
    db: Sessions, clock: FakeClock, tmp_path: Path
) -> None:
    async def give_back(_lease: Lease) -> None:
        pass

    settings = Settings.load(bot_token="123456:AAEhBP0av28abcdefghijklmnopqrstuvwx")
    bot, rows = make_bot(settings), make_rows(db, clock, keep_days=None)
    former = Former(calls=b"", ago_s=0.0)  # it gave the bot back, and had called nothing
    lease = Lease(Fence(123456, 1), 1e9, clock, confess=lambda _: None, give_back=give_back, former=former)
    with make_delivery(settings, bot, rows, tmp_path / "bot.db", clock, lease) as calls:
        await calls.memory.recall()
        for _ in range(20):
            calls.budget.spend(GROUP, Priority.FINAL, clock.now())
            calls.budget.ended(GROUP, 0.1, clock.now())

    with make_delivery(settings, bot, rows, tmp_path / "bot.db", clock, lease) as calls:
        await calls.memory.recall()
        assert calls.budget.ready_in(GROUP, Priority.FINAL, clock.now()) > 0
