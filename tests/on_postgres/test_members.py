"""Several processes on one server: who has a bot, who takes it over, and what the former one can still do: nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.members.figures import Figures
from bot.members.lease import Lease
from bot.members.member import Member
from bot.settings import ConfigurationError
from bot.storage.engine.database import Sessions, create_engine, open_database
from bot.storage.engine.faults import Fault, Fenced, fault
from bot.storage.engine.fence import prove
from bot.storage.engine.server import OF_MEMBERS, Hold
from bot.storage.ownership.late_calls import LateCalls
from bot.storage.ownership.members import LateCall, Members
from bot.storage.ownership.posts import Posted, Posts
from bot.storage.telegram.updates import Updates
from tests.clock import FakeClock
from tests.postgres import Postgres
from tests.stopwatch import PATIENCE_S

BOT = 4_200


@dataclass
class Process:
    """A member under test: what it was given, and whether its bots are under way."""

    leases: list[Lease] = field(default_factory=list)
    serving: list[int] = field(default_factory=list)
    member: Member | None = None
    task: asyncio.Task[None] | None = None

    async def serve(self, lease: Lease) -> None:
        self.leases.append(lease)
        self.serving.append(lease.fence.bot_id)
        try:
            await asyncio.Event().wait()
        finally:
            self.serving.remove(lease.fence.bot_id)

    @property
    def figures(self) -> Figures:
        assert self.member
        return self.member.figures()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                assert self.task
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.02)

    async def serves(self, *bots: int) -> None:
        await self.until(lambda: self.serving == [*bots])


class Frozen(Clock):
    """A clock whose owner can be stopped, as a process is by SIGSTOP."""

    def __init__(self) -> None:
        self.goes = asyncio.Event()
        self.goes.set()
        self._stands = asyncio.Event()
        self._slept = 0.0

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        found = await super().wait(event, seconds)
        if not self.goes.is_set():
            self._stands.set()
            await self.goes.wait()
        return found

    async def stop(self) -> None:
        """Stop its owner between two beats."""
        self.goes.clear()
        self._stands.clear()
        await self._stands.wait()

    def sleep_over(self, seconds: float) -> None:
        """Have so much time gone by while it was stopped."""
        self._slept += seconds

    def boot(self) -> float:
        return super().boot() + self._slept


@asynccontextmanager
async def running(url: str, *bots: int, clock: Clock | None = None) -> AsyncIterator[Process]:
    """Run a member in the test's process until the end of the block, which ends it in order."""
    process = Process()
    engine = create_engine(url, hold=Hold.TOGETHER, settings=OF_MEMBERS)
    process.member = Member(Members(engine), bots or (BOT,), process.serve, clock or Clock())
    process.task = asyncio.ensure_future(process.member.run())
    try:
        yield process
    finally:
        process.task.cancel()
        with suppress(asyncio.CancelledError):
            await process.task
        await engine.dispose()


async def test_one_of_two_has_the_bot_and_the_other_has_it_as_soon_as_it_is_given_back(url: str) -> None:
    async with running(url) as first:
        await first.serves(BOT)
        async with running(url, clock=FakeClock()) as second:  # whose next beat never comes: it is woken
            await second.until(lambda: second.figures.live == 2)
            assert second.serving == []
            first.leases[0].noted = lambda: b"what was called"
            await first.leases[0].give_back()
            await second.serves(BOT)

    assert second.leases[0].fence.epoch > first.leases[0].fence.epoch
    assert first.leases[0].former.ago_s is None  # nobody had it before
    former = second.leases[0].former
    assert (former.calls, former.gave_back) == (b"what was called", True)
    assert former.ago_s is not None
    assert former.ago_s < 30.0


async def test_of_one_that_stands_still_the_bot_is_taken_and_it_writes_nothing_any_more(url: str) -> None:
    stopped = Frozen()
    async with running(url, clock=stopped) as first:
        await first.serves(BOT)
        lease = first.leases[0]
        async with open_database(url, fence=lease.fence) as db, running(url) as second:
            updates = Updates(db, FakeClock())
            await updates.take(1)
            stopped.goes.clear()
            await second.serves(BOT)

            assert lease.left_s() == 0  # its own clock told it first
            with pytest.raises(Fenced):
                await updates.take(2)
            assert not await updates.known(2)

            stopped.goes.set()
            with pytest.raises(Fenced):
                await lease.held()
            await first.serves()
            former = second.leases[0].former
            assert (former.calls, former.gave_back) == (None, False)
            assert former.ago_s is not None


async def stand_still_in_a_transaction(db: Sessions, stopped: Frozen, second: Process) -> None:
    async with db.begin():
        stopped.goes.clear()
        await second.serves(BOT)


async def test_a_statement_of_a_stopped_owner_keeps_nobody_out(url: str, postgres: Postgres) -> None:
    """It is stopped within a transaction, which holds the row of its bot."""
    stopped = Frozen()
    async with running(url, clock=stopped) as first:
        await first.serves(BOT)
        async with open_database(url, fence=first.leases[0].fence) as db, running(url) as second:
            with pytest.raises(DBAPIError) as cut:
                await stand_still_in_a_transaction(db, stopped, second)
            assert fault(cut.value) is Fault.PASSING
            with pytest.raises(Fenced):
                await Updates(db, FakeClock()).take(1)
            stopped.goes.set()


async def test_a_session_of_a_stopped_owner_that_no_timeout_ends_keeps_nobody_out(url: str) -> None:
    """So one is that was stopped between the parsing of a statement and its execution."""
    stopped = Frozen()
    async with running(url, clock=stopped) as first:
        await first.serves(BOT)
        fence = first.leases[0].fence
        engine = create_engine(url, mark=fence.mark)
        async with running(url) as second, engine.connect() as held:
            await prove(AsyncSession(held), fence)
            stopped.goes.clear()
            await second.serves(BOT)
            await held.invalidate()
            stopped.goes.set()
        await engine.dispose()


async def test_what_ends_the_bot_ends_the_process_though_the_bot_was_given_back(url: str) -> None:
    async def serve(lease: Lease) -> None:
        try:
            raise ConfigurationError("BOT_TOKEN", "x", "a token")
        finally:
            await lease.give_back()

    engine = create_engine(url, hold=Hold.TOGETHER, settings=OF_MEMBERS)
    with pytest.raises(ConfigurationError):
        async with asyncio.timeout(PATIENCE_S):
            await Member(Members(engine), [BOT], serve, Clock()).run()
    await engine.dispose()


async def test_what_one_confesses_the_other_reads_and_takes_away(url: str) -> None:
    call = LateCall(BOT, "editMessageText", 7, 70)
    stopped = Frozen()
    async with running(url, clock=stopped) as first:
        await first.serves(BOT)
        async with running(url) as second:
            stopped.goes.clear()
            await second.serves(BOT)
            first.leases[0].answered(call)  # before it knows that it has lost it
            stopped.goes.set()
            lease = second.leases[0]
            async with asyncio.timeout(PATIENCE_S):
                await lease.late.wait()
            async with open_database(url, fence=lease.fence) as db:
                late_calls = LateCalls(db, BOT, FakeClock())
                ((key, found),) = (await late_calls.confessed()).items()
                await late_calls.mended(key)
                assert await late_calls.confessed() == {}

    assert found == call


async def test_a_beat_tells_for_which_of_its_own_bots_posts_wait(url: str) -> None:
    engine = create_engine(url)
    members, posts = Members(engine), Posts(engine)
    member = await members.join("one", "a process", [BOT, BOT + 1], lease_s=600)
    await members.claim(member, [BOT], most=1)
    before = await members.beat(member, [BOT], lease_s=600)
    await posts.keep([Posted(BOT, 1, "{}"), Posted(BOT, 2, "{}"), Posted(BOT + 1, 1, "{}")])

    told = await members.beat(member, [BOT], lease_s=600)
    await engine.dispose()

    assert (before.posted, told.posted) == (frozenset[int](), frozenset({BOT}))


async def test_a_schema_of_an_older_version_gets_what_is_new(url: str) -> None:
    async with running(url) as one:
        await one.serves(BOT)
    engine = create_engine(url)
    async with engine.begin() as connection:
        for column in ("bots DROP COLUMN calls, DROP COLUMN left_at", "members DROP COLUMN is_ending"):
            await connection.exec_driver_sql(f"ALTER TABLE deltagram_shared.{column}")
        await connection.exec_driver_sql("DROP TABLE deltagram_shared.posts")
    await engine.dispose()

    async with running(url) as one:
        await one.serves(BOT)
        assert one.leases[0].former.ago_s is not None


async def test_bots_are_shared_among_those_that_know_them(url: str) -> None:
    bots = range(1, 7)
    async with running(url, *bots) as first, running(url, *bots) as second:
        await first.until(lambda: len(first.serving) == len(second.serving) == 3)  # also where one comes late

        assert sorted(first.serving + second.serving) == [*bots]
        await first.until(lambda: [*first.figures.others.values()] == [sorted(second.serving)])


@pytest.mark.proof
async def test_of_two_that_claim_at_once_one_gets_the_bot(url: str) -> None:
    engines = [create_engine(url), create_engine(url)]
    both = [Members(engine) for engine in engines]
    ids = [await each.join(f"m{number}", f"p{number}", [BOT], lease_s=600) for number, each in enumerate(both)]
    for _ in range(200):
        claims = await asyncio.gather(
            *(each.claim(number, [BOT], most=1) for each, number in zip(both, ids, strict=True))
        )
        (owner,) = [number for number, claimed in zip(ids, claims, strict=True) if claimed]
        (claimed,) = filter(None, claims)
        await both[ids.index(owner)].give_back(owner, BOT, claimed[BOT].epoch, None)
    for engine in engines:
        await engine.dispose()


async def test_a_bot_that_only_one_knows_is_not_left_alone(url: str) -> None:
    async with running(url, 1) as first, running(url, 1, 2) as second:
        await first.serves(1)
        await second.serves(2)


async def test_a_server_that_restarts_costs_nobody_a_bot(url: str, postgres: Postgres) -> None:
    async with running(url) as one:
        await one.serves(BOT)
        lease = one.leases[0]
        await asyncio.to_thread(postgres.stop, at_once=True)
        await one.until(lambda: not lease.left_s())
        waits = asyncio.ensure_future(lease.held())
        await asyncio.to_thread(postgres.start)
        async with asyncio.timeout(PATIENCE_S):
            await waits

    assert len(one.leases) == 1


async def test_where_the_server_is_gone_at_the_end_one_line_says_when_the_bot_is_free(
    url: str, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()  # no further beat, which would tell of the server itself
    async with running(url, clock=clock) as one:
        await one.serves(BOT)
        await clock.asleep()
        caplog.clear()
        await asyncio.to_thread(postgres.stop, at_once=True)
        try:
            assert one.task
            one.task.cancel()
            await asyncio.wait([one.task])
        finally:
            await asyncio.to_thread(postgres.start)

    (line,) = [each.getMessage() for each in caplog.records if each.levelname in ("WARNING", "ERROR")]
    assert line.startswith(f"bot not given back bot={BOT} free_in_s=5 error=")
    assert "DBAPIError" not in line
    assert not line.endswith("error=")


async def test_of_a_server_that_was_away_for_all_the_first_to_reach_it_takes_nothing(
    url: str, postgres: Postgres
) -> None:
    clocks = [Frozen(), Frozen()]
    bots = range(1, 5)
    async with running(url, *bots, clock=clocks[0]) as first, running(url, *bots, clock=clocks[1]) as second:
        await first.until(lambda: len(first.serving) == len(second.serving) == 2)
        await asyncio.gather(*(clock.stop() for clock in clocks))  # else a beat under way undoes what follows
        for clock in clocks:
            clock.sleep_over(6)
        postgres.sql(
            "UPDATE deltagram_shared.members SET until = now() - interval '1 second'", database=url.rpartition("/")[2]
        )

        clocks[0].goes.set()
        await first.until(lambda: first.figures.left_s > 0 and first.figures.live == 1)
        clocks[1].goes.set()
        await second.until(lambda: second.figures.left_s > 0 and second.figures.live == 2)

        assert (first.figures.failovers, second.figures.failovers) == (0, 0)
        assert len(first.serving) == len(second.serving) == 2
        assert first.figures.lost == second.figures.lost == 0
