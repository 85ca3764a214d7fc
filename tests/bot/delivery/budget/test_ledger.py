"""Budgets outlive the process: killed at any instant and started again, the bot calls no more than allowed."""

import stat
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.ledger import MOST, RECORD, Ledger
from bot.delivery.budget.noted import NOTED_S, Kind, Noted
from bot.delivery.priority import Priority
from tests.bot.delivery.budget.test_budget import StrictBucket, StrictWindow
from tests.clock import FakeClock

PRIVATE, GROUP = 7, -7


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.db.calls"


def start(file: Path, clock: FakeClock, limits: Limits | None = None) -> Budget:
    """Begin as a new process does."""
    ledger = Ledger(file, clock)
    budget = Budget(limits or Limits(), clock.now(), ledger.note)
    budget.recall(ledger.recall(), clock.now(), clock.wall())
    return budget


async def call(budget: Budget, clock: FakeClock, chat_id: int, *, drafts: bool = False) -> None:
    """Make a call as soon as it is granted; it takes no time."""
    while (
        wait := budget.drafts.ready_in(chat_id, clock.now())
        if drafts
        else budget.ready_in(chat_id, Priority.FINAL, clock.now())
    ):
        await clock.advance(wait)
    if drafts:
        budget.drafts.spend(chat_id, clock.now())
        budget.drafts.ended(chat_id, clock.now())
    else:
        budget.spend(chat_id, Priority.FINAL, clock.now())
        budget.ended(chat_id, 0.0, clock.now())


@pytest.mark.parametrize(
    ("chat_id", "drafts", "servers"),
    [
        (PRIVATE, False, [StrictBucket(1.0, 5.0)]),
        (GROUP, False, [StrictBucket(20 / 60, 20.0)]),
        (PRIVATE, True, [StrictWindow(20, 5.0), StrictWindow(40, 30.0)]),
    ],
    ids=["private", "group", "drafts"],
)
async def test_kills_at_any_instant_do_not_fill_a_budget(
    file: Path, clock: FakeClock, chat_id: int, drafts: bool, servers: list[StrictBucket | StrictWindow]
) -> None:
    random = Random(3)

    for _ in range(30):
        budget = start(file, clock)
        for _ in range(random.randrange(12)):
            await call(budget, clock, chat_id, drafts=drafts)
            assert [server.accepts(clock.now()) for server in servers] == [True] * len(servers)
        await clock.advance(random.uniform(0, 3))


async def test_kills_do_not_fill_the_budget_of_the_whole_bot(file: Path, clock: FakeClock) -> None:
    server = StrictBucket(10.0, 10.0)

    for life in range(20):
        budget = start(file, clock, Limits(bot_rate=10))
        for chat in range(8):
            await call(budget, clock, 100 * life + chat + 1)
            assert server.accepts(clock.now())
        await clock.advance(0.3)


async def test_a_start_after_a_pause_is_not_slowed(file: Path, clock: FakeClock) -> None:
    budget = start(file, clock)
    for _ in range(5):
        await call(budget, clock, PRIVATE)
    await clock.advance(6)

    again = start(file, clock)
    before = clock.now()
    for _ in range(5):
        await call(again, clock, PRIVATE)

    assert clock.now() == pytest.approx(before, abs=0.001)


async def test_others_are_not_slowed(file: Path, clock: FakeClock) -> None:
    budget = start(file, clock)
    for _ in range(20):
        await call(budget, clock, GROUP)

    again = start(file, clock)

    assert again.ready_in(-8, Priority.FINAL, clock.now()) == 0
    assert again.ready_in(GROUP, Priority.FINAL, clock.now()) > 2


async def test_a_pause_of_drafts_is_known_after_a_restart(file: Path, clock: FakeClock) -> None:
    start(file, clock).drafts.refused(PRIVATE, 30.0, clock.now())
    await clock.advance(10)

    again = start(file, clock)

    assert again.drafts.ready_in(PRIVATE, clock.now()) == pytest.approx(20, abs=0.1)


async def test_calls_that_a_wrong_clock_dated_ahead_slow_nothing(file: Path, clock: FakeClock) -> None:
    ahead = FakeClock(now=clock.now(), wall=clock.wall() + 86_400)
    budget = start(file, ahead)
    for _ in range(20):
        await call(budget, ahead, GROUP)

    again = start(file, clock)

    assert again.ready_in(GROUP, Priority.FINAL, clock.now()) == 0


async def test_a_torn_or_foreign_file_is_read_as_far_as_it_makes_sense(file: Path, clock: FakeClock) -> None:
    budget = start(file, clock)
    for _ in range(5):
        await call(budget, clock, PRIVATE)
    with file.open("ab") as torn:
        torn.write(b"\xff" * (RECORD.size + 3))

    again = start(file, clock)

    assert again.ready_in(PRIVATE, Priority.FINAL, clock.now()) > 0


async def test_without_a_folder_for_the_file_nothing_is_noted(tmp_path: Path, clock: FakeClock) -> None:
    budget = start(tmp_path / "nowhere" / "bot.db.calls", clock)

    await call(budget, clock, PRIVATE)


def test_the_file_stays_small_and_is_for_its_owner_only(file: Path, clock: FakeClock) -> None:
    budget = start(file, clock)
    old = FakeClock(now=clock.now() - 2 * NOTED_S, wall=clock.wall() - 2 * NOTED_S)
    ledger = Ledger(file, old)
    ledger.recall()
    for _ in range(MOST - 1):
        budget.drafts.spend(PRIVATE, clock.now())

    budget = start(file, clock)

    assert file.stat().st_size <= MOST * RECORD.size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("tells", [True, False], ids=["told", "killed"])
@pytest.mark.parametrize(
    ("chat_id", "drafts", "strict"),
    [
        (PRIVATE, False, lambda: StrictBucket(1.0, 5.0)),
        (GROUP, False, lambda: StrictBucket(20 / 60, 20.0)),
        (PRIVATE, True, lambda: StrictWindow(20, 5.0)),
    ],
    ids=["private", "group", "drafts"],
)
async def test_owners_on_other_machines_one_after_the_other_do_not_fill_a_budget(
    tmp_path: Path,
    clock: FakeClock,
    chat_id: int,
    drafts: bool,
    strict: Callable[[], StrictBucket | StrictWindow],
    tells: bool,
) -> None:
    random, server = Random(3), strict()
    left: bytes | None = None
    for machine in range(12):
        ledger = Ledger(tmp_path / str(machine), clock, left=left)
        budget = Budget(Limits(), clock.now(), ledger.note)
        if not tells:
            await clock.advance(5.0)  # until its lease is over
            budget.doubt(clock.now())
        budget.recall(ledger.recall(), clock.now(), clock.wall())
        for _ in range(random.randrange(25)):
            await call(budget, clock, chat_id, drafts=drafts)
            assert server.accepts(clock.now())
        left = ledger.left() if tells else None


async def test_what_another_machine_has_called_is_known_whatever_its_clock_says(tmp_path: Path) -> None:
    here, there = FakeClock(), FakeClock(wall=1_800_000_000.0 + 3_600.0)
    first = Ledger(tmp_path / "there", there)
    first.recall()
    first.note(Kind.MESSAGE, PRIVATE)
    await there.advance(2.0)

    second = Ledger(tmp_path / "here", here, left=first.left(), ago_s=1.0)

    assert second.recall() == [Noted(Kind.MESSAGE, PRIVATE, here.wall() - 3.0)]
    assert second.recall() == [Noted(Kind.MESSAGE, PRIVATE, here.wall() - 3.0)]  # it is among its own now


async def test_chats_of_which_nothing_is_known_fill_again_from_the_moment_when_another_had_the_bot(
    clock: FakeClock,
) -> None:
    budget = Budget(Limits(), clock.now())
    budget.doubt(clock.now())
    assert budget.ready_in(GROUP, Priority.FINAL, clock.now()) == pytest.approx(3.0, abs=0.01)

    await clock.advance(60.0)

    assert budget.supply(-8, clock.now()).tokens == pytest.approx(20.0, abs=0.01)
    assert budget.supply(PRIVATE, clock.now()).tokens == pytest.approx(5.0, abs=0.01)
