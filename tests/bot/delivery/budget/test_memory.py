"""What one process has learned of Telegram's limits, the next one knows."""

from pathlib import Path

import pytest

from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.ledger import Ledger
from bot.delivery.budget.memory import Memory
from bot.delivery.pace.streams import Streams
from bot.delivery.priority import Priority
from bot.storage.engine.database import Sessions
from bot.storage.telegram.peers import Peers
from tests.clock import FakeClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls"


async def started(db: Sessions, file: Path, clock: FakeClock) -> tuple[Budget, Memory]:
    ledger = Ledger(file, clock)
    budget = Budget(Limits(), clock.now(), ledger.note)
    memory = Memory(budget, Streams(ledger.note).recall, Peers(db, clock), ledger, clock)
    await memory.recall()
    return budget, memory


async def test_a_pause_outlives_the_process(db: Sessions, file: Path, clock: FakeClock) -> None:
    budget, memory = await started(db, file, clock)
    budget.refused(7, 60, clock.now())
    await memory.learn(7)
    await clock.advance(20)

    budget, _ = await started(db, file, clock)

    assert budget.ready_in(7, Priority.FINAL, clock.now()) == pytest.approx(40)


async def test_calls_that_were_made_are_still_charged(db: Sessions, file: Path, clock: FakeClock) -> None:
    budget, _ = await started(db, file, clock)
    for _ in range(5):
        budget.spend(7, Priority.FINAL, clock.now())
        budget.ended(7, 0.1, clock.now())

    budget, _ = await started(db, file, clock)

    assert budget.ready_in(7, Priority.FINAL, clock.now()) > 0


async def test_a_pause_by_a_wrong_clock_is_asked_about_at_once(
    db: Sessions, file: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    await Peers(db, clock).learn(7, paused_until=clock.wall() + 1_000_000, rate=1.0)

    budget, _ = await started(db, file, clock)

    assert budget.ready_in(7, Priority.FINAL, clock.now()) == 0
    assert "asking at once chat=7" in caplog.text


async def test_a_former_owner_that_could_not_tell_may_have_called_anything(
    db: Sessions, file: Path, clock: FakeClock
) -> None:
    ledger = Ledger(file, clock)
    budget = Budget(Limits(), clock.now(), ledger.note)
    memory = Memory(budget, Streams(ledger.note).recall, Peers(db, clock), ledger, clock, unknown_until_s=0.4)

    await memory.recall()

    assert budget.ready_in(7, Priority.FINAL, clock.now()) == pytest.approx(0.6, abs=0.01)
