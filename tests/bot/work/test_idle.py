"""A bot that nobody writes to asks the database next to nothing."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.clock import LULL_S, Lull
from bot.storage.conversations.purge import Purge
from bot.storage.engine.database import open_database
from bot.storage.engine.slack import Slack
from bot.tally import Tally
from bot.work.capacity import Capacity
from bot.work.worker import Worker
from tests.bot.store import Store
from tests.clock import FakeClock


async def test_in_an_hour_without_an_update_the_rows_are_looked_at_seldom(
    clock: FakeClock, tmp_path: Path, empty_database: Path
) -> None:
    file, said, tally = shutil.copy(empty_database, tmp_path / "bot.db"), [], Tally()
    async with open_database(f"sqlite+aiosqlite:///{file}") as db:
        store, lull = Store(db, clock), Lull(clock)
        tally.happened = lull.happened
        engine = db.kw["bind"].sync_engine
        event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        purge = Purge(db, clock, store.signals, Slack(db, clock), keep_days=None, lull=lull)
        answerer: Any = None  # there is nothing to be answered
        worker = Worker(
            *(store.backlog, store.replies, store.signals, answerer),
            capacity=Capacity(10),
            providers=1,
            clock=clock,
            lull=lull,
        )
        running = [asyncio.ensure_future(each.run()) for each in (worker, purge)]
        counts = []
        for seconds in (LULL_S, 30.0, 3600.0, 60.0):
            said.clear()
            for _ in range(int(seconds / 5)):
                await clock.asleep(len(running))
                await clock.advance(5.0)
            await clock.asleep(len(running))
            counts.append(len(said))
            tally.came("polling", seconds == 3600.0)
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    lively, _, idle, again = counts
    looks = LULL_S / 5.0
    assert looks < lively < 3 * looks  # each of the worker's is one statement, where nothing is to be done
    assert again > looks
    assert idle <= 3600 * 2 / 100  # two statements a second for a hundred bots
