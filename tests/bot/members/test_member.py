"""A member on a clock that stands still: bots are taken, kept, lost, given back and shared."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from bot.members.lease import BEAT_S, LEASE_S, MARGIN_S, Lease
from bot.members.member import Member
from bot.members.share import BUSY_S, SETTLED_S, SHARE_S
from bot.storage.engine.faults import Fenced
from bot.storage.ownership.members import Beat, Claimed, Former, LateCall, Members, Other
from tests.clock import FakeClock
from tests.stopwatch import PATIENCE_S

CALL = LateCall(1, "editMessageText", 7, 70)


class Stopped(FakeClock):
    """The clock of a process that stands still until it is advanced, while the machine's goes on."""

    def __init__(self, machine: FakeClock) -> None:
        super().__init__()
        self._machine = machine

    def boot(self) -> float:
        return self._machine.boot()


@dataclass
class Row:
    """A bot, as the database has it."""

    epoch: int = 0
    member: int | None = None
    calls: bytes | None = None


@dataclass
class Database:
    """What all members share; `is_away`: it answers nobody."""

    clock: FakeClock
    until: dict[int, float] = field(default_factory=dict)  # by member
    ending: set[int] = field(default_factory=set)
    bots: dict[int, Row] = field(default_factory=dict)
    confessed: list[LateCall] = field(default_factory=list)
    listeners: list["Shelf"] = field(default_factory=list)
    posted: set[int] = field(default_factory=set)  # bots for which posts wait
    is_away: bool = False

    def free(self, bots: Collection[int]) -> list[int]:
        return [each for each in sorted(bots) if self.bots[each].member not in self.until]

    def owner(self, bot: int) -> int | None:
        return self.bots[bot].member

    def notify(self) -> None:
        for each in self.listeners:
            each.heard()


class Shelf(Members):
    """The rows of members without a server."""

    def __init__(self, database: Database) -> None:
        self.heard = lambda: None
        self.database = database
        database.listeners.append(self)

    async def join(self, name: str, process: str, bots: Collection[int], *, lease_s: float) -> int:
        self._answer()
        for each in bots:
            self.database.bots.setdefault(each, Row())
        number = 1 + max(self.database.until, default=0)
        self.database.until[number] = self.database.clock.boot() + lease_s
        return number

    async def beat(self, member: int, bots: Collection[int], *, lease_s: float) -> Beat:
        self._answer()
        rows, now = self.database, self.database.clock.boot()
        if is_alive := member in rows.until:
            rows.until[member] = now + lease_s
        others = [each for each in rows.until if each != member]
        return Beat(
            is_alive,
            lapsed=any(rows.until[each] <= now for each in others),
            free=len(rows.free(bots)),
            mine={bot: row.epoch for bot, row in rows.bots.items() if row.member == member},
            late=frozenset(each.bot_id for each in rows.confessed),
            others=[
                Other(
                    str(each),
                    "elsewhere",
                    [bot for bot, row in rows.bots.items() if row.member == each],
                    rows.until[each] > now and each not in rows.ending,
                )
                for each in others
            ],
            posted=frozenset(bot for bot in rows.posted if rows.bots[bot].member == member),
        )

    async def bury(self, member: int, over: Collection[str] = (), *, lapsed: bool = True) -> list[str]:
        self._answer()
        now = self.database.clock.boot()
        gone = [each for each, until in self.database.until.items() if lapsed and each != member and until <= now]
        for each in gone:
            del self.database.until[each]
        return [str(each) for each in gone]

    async def claim(self, member: int, bots: Collection[int], *, most: int) -> dict[int, Claimed]:
        self._answer()
        taken = {}
        for bot in self.database.free(bots)[:most]:
            row = self.database.bots[bot]
            taken[bot] = Claimed(row.epoch + 1, Former(row.calls))
            self.database.bots[bot] = Row(row.epoch + 1, member)
        return taken

    async def cut_off(self, bots: Collection[int]) -> int:
        self._answer()
        return 0

    async def give_back(
        self, member: int, bot_id: int, epoch: int, calls: bytes | None, *, is_ending: bool = False
    ) -> None:
        self._answer()
        if is_ending:
            self.database.ending.add(member)
        self.database.bots[bot_id] = Row(epoch + 1, None, calls)
        self.database.notify()

    async def leave(self, member: int) -> None:
        self._answer()
        del self.database.until[member]
        self.database.notify()

    async def confess(self, calls: Sequence[LateCall]) -> None:
        self._answer()
        self.database.confessed.extend(calls)

    def _answer(self) -> None:
        if self.database.is_away:
            raise OSError


@dataclass
class Process:
    """A member under test, and the leases that it was given; `goes_on`: what is under way ends by itself at no time."""

    number: int = 0
    leases: dict[int, Lease] = field(default_factory=dict)
    goes_on: asyncio.Event | None = None
    posted: list[int] = field(default_factory=list)  # bots of whose posts it was told
    task: asyncio.Task[None] | None = None

    async def serve(self, lease: Lease) -> None:
        self.leases[lease.fence.bot_id] = lease
        lease.noted = lambda: b"noted"
        try:
            await asyncio.Event().wait()
        finally:
            if self.goes_on:
                await self.goes_on.wait()
            del self.leases[lease.fence.bot_id]

    @property
    def bots(self) -> list[int]:
        return sorted(self.leases)


@pytest.fixture
def database(clock: FakeClock) -> Database:
    return Database(clock)


@asynccontextmanager
async def running(database: Database, *bots: int, clock: FakeClock | None = None) -> AsyncIterator[Process]:
    """Run a member until the end of the block; the next beat of it and others has to be waited for."""
    process = Process()
    member = Member(Shelf(database), bots or (1,), process.serve, clock or database.clock)
    member.posted = process.posted.extend
    process.task = asyncio.ensure_future(member.run())
    await database.clock.advance(0)
    try:
        yield process
    finally:
        process.task.cancel()
        database.is_away = False
        with suppress(asyncio.CancelledError):
            await process.task


async def test_a_bot_is_taken_and_its_lease_ends_before_the_databases(database: Database, clock: FakeClock) -> None:
    async with running(database) as one:
        assert one.bots == [1]
        assert one.leases[1].left_s() == LEASE_S - MARGIN_S


async def test_each_beat_prolongs_the_lease(database: Database, clock: FakeClock) -> None:
    async with running(database) as one:
        await clock.advance(60 * BEAT_S)

        assert one.leases[1].left_s() == pytest.approx(LEASE_S - MARGIN_S)
        assert database.bots[1].epoch == 1


async def test_of_posts_of_which_no_word_came_each_beat_tells(database: Database, clock: FakeClock) -> None:
    async with running(database, 1, 2) as one:
        await clock.advance(10 * BEAT_S)
        assert one.posted == []

        database.posted.add(2)
        await clock.advance(BEAT_S)

        assert one.posted == [2]


async def test_without_a_database_nothing_is_called_and_nothing_is_lost(database: Database, clock: FakeClock) -> None:
    async with running(database) as one:
        database.is_away = True
        await clock.advance(LEASE_S)
        waits = asyncio.ensure_future(one.leases[1].held())
        await clock.advance(600.0)
        assert not waits.done()

        database.is_away = False
        await clock.advance(BEAT_S)

        await waits
        assert one.bots == [1]


async def test_who_lapsed_is_buried_and_its_bot_taken_over(database: Database, clock: FakeClock) -> None:
    stopped = Stopped(clock)
    async with running(database, clock=stopped) as first, running(database) as second:
        lease = first.leases[1]
        await clock.advance(LEASE_S - MARGIN_S)
        assert lease.left_s() == 0
        assert second.bots == []

        await clock.advance(MARGIN_S)
        assert second.bots == [1]

        assert database.bots[1].epoch == 2
        await stopped.advance(BEAT_S)
        assert lease.is_lost
        with pytest.raises(Fenced):
            await lease.held()
        assert first.bots == []


async def test_what_was_answered_after_the_bot_was_lost_is_confessed_at_once(
    database: Database, clock: FakeClock
) -> None:
    stopped = Stopped(clock)
    async with running(database, clock=stopped) as first, running(database):
        lease = first.leases[1]
        await clock.advance(LEASE_S)
        await stopped.advance(LEASE_S)

        lease.answered(CALL)
        await stopped.advance(0)

        assert database.confessed == [CALL]


async def test_what_is_given_back_is_taken_at_once_and_what_was_called_is_known(
    database: Database, clock: FakeClock
) -> None:
    async with running(database) as first, running(database) as second:
        assert first.task
        first.task.cancel()
        await clock.advance(0)

        assert second.bots == [1]
        assert second.leases[1].former.calls == b"noted"


async def test_who_ends_gives_back_soon_though_something_goes_on(database: Database, clock: FakeClock) -> None:
    async with running(database) as first, running(database) as second:
        first.goes_on = asyncio.Event()
        lease = first.leases[1]
        assert first.task
        first.task.cancel()
        async with asyncio.timeout(PATIENCE_S):
            while second.bots != [1]:
                await asyncio.sleep(0.02)
                await clock.advance(0)

        assert first.bots == [1]  # still at it, without a lease
        lease.answered(CALL)
        first.goes_on.set()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait({first.task})
        assert database.confessed == [CALL]


async def test_who_comes_later_gets_a_share(database: Database, clock: FakeClock) -> None:
    bots = range(1, 13)
    async with running(database, *bots) as first:
        await clock.advance(2 * SHARE_S)
        assert len(first.bots) == len(bots)
        async with running(database, *bots) as second, running(database, *bots) as third:
            await clock.advance(2 * SETTLED_S)

            assert [len(each.bots) for each in (first, second, third)] == [4, 4, 4]
            assert sorted([*first.bots, *second.bots, *third.bots]) == [*bots]


async def test_what_one_that_ends_had_goes_to_all_others(database: Database, clock: FakeClock) -> None:
    bots = range(1, 13)
    async with (
        running(database, *bots) as first,
        running(database, *bots) as second,
        running(database, *bots) as third,
    ):
        await clock.advance(10 * BEAT_S)
        assert third.task
        third.task.cancel()
        await clock.advance(BEAT_S)

        assert [len(each.bots) for each in (first, second)] == [6, 6]


async def test_who_has_just_come_takes_at_once_what_another_one_leaves(database: Database, clock: FakeClock) -> None:
    bots = range(1, 13)
    async with running(database, *bots) as first, running(database, *bots) as second:
        await clock.advance(10 * BEAT_S)
        assert [len(each.bots) for each in (first, second)] == [6, 6]
        async with running(database, *bots) as third:
            assert second.task
            second.task.cancel()
            await clock.advance(0)

            assert [len(each.bots) for each in (first, third)] == [6, 6]


async def test_in_a_rolling_restart_few_bots_change_hands_twice(database: Database, clock: FakeClock) -> None:
    bots = range(1, 13)
    async with AsyncExitStack() as stack:
        old = [await stack.enter_async_context(running(database, *bots)) for _ in range(3)]
        await clock.advance(10 * BEAT_S)
        before = {bot: row.epoch for bot, row in database.bots.items()}
        for each in old:
            assert each.task
            each.task.cancel()
            await clock.advance(3 * BEAT_S)
            await stack.enter_async_context(running(database, *bots))
            await clock.advance(3 * BEAT_S)

    moved = [(row.epoch - before[bot]) // 2 for bot, row in database.bots.items()]  # an epoch is left, one taken
    assert max(moved) == 2
    assert sum(moved) == 16  # the first one's four, which go to others that end too, and all twelve


async def test_bots_with_nothing_under_way_are_left_to_others_first(database: Database, clock: FakeClock) -> None:
    bots = range(1, 13)
    async with running(database, *bots) as first:
        await clock.advance(2 * SHARE_S)
        for bot in range(4, 13):
            first.leases[bot].is_busy = lambda: True
        async with running(database, *bots) as second:
            await clock.advance(2 * SETTLED_S)
            assert second.bots == [1, 2, 3]

            await clock.advance(BUSY_S)
            assert len(second.bots) == 6


@pytest.mark.parametrize(("count", "shares"), [(2, [1, 1]), (3, [2, 1]), (5, [3, 2])])
async def test_few_bots_are_shared_too(database: Database, clock: FakeClock, count: int, shares: list[int]) -> None:
    bots = range(1, count + 1)
    async with running(database, *bots) as first:
        await clock.advance(2 * SHARE_S)
        assert len(first.bots) == count
        async with running(database, *bots) as second:
            await clock.advance(2 * SETTLED_S)
            assert [len(each.bots) for each in (first, second)] == shares

            epochs = [database.bots[each].epoch for each in bots]
            await clock.advance(60 * BEAT_S)
            assert [database.bots[each].epoch for each in bots] == epochs


@pytest.mark.parametrize(("ours", "theirs"), [((1, 2, 3, 4), (5,)), ((1, 2, 3), (3, 4)), ((1, 2, 3, 4), ())])
async def test_bots_that_others_do_not_know_stay_where_they_are(
    database: Database, clock: FakeClock, ours: tuple[int, ...], theirs: tuple[int, ...]
) -> None:
    for each in ours:
        database.bots[each] = Row()
    async with running(database, *ours) as first, running(database, *theirs or (9,)) as second:
        await clock.advance(60 * BEAT_S)
        epochs = [row.epoch for row in database.bots.values()]
        await clock.advance(300 * BEAT_S)

        assert [row.epoch for row in database.bots.values()] == epochs
        assert sorted([*first.bots, *second.bots]) == sorted(database.bots)
