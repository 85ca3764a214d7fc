"""Report: how the bot fares now, as one value; what the terminal and programs are told is made of it."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from bot.catalog.catalog import Catalog, Cause, Fares
from bot.clock import Clock
from bot.members.figures import Figures
from bot.report.disk import Disk
from bot.storage.census import Census, Sizes, Waiting
from bot.tally import Tally

LOOK_S = 2.0  # for the database to answer
SIZES_S = 300.0  # for so long it is not looked again how much there is
STALE_S = {"polling": 60.0, "webhook": 200.0}  # since updates came, or could come
FAILING_S = 60.0  # no call to Telegram was answered for so long


@dataclass(frozen=True, slots=True)
class Failing:
    """Why a provider fails, and for how long it has given no answer."""

    cause: Cause
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to tell; seconds, None where it does not apply. Nothing in it is secret or written by people."""

    pid: int
    bot: str
    seconds: float
    intake: str
    updates_s: float | None
    stale_s: float  # which that is at the most where all is well
    pending: int | None
    waiting: Waiting | None
    sizes: Sizes | None
    calls_waiting: int
    bot_rate: float  # calls per second that the bot as a whole may make now
    failing_s: float | None
    lag_s: float
    worst_lag_s: float
    providers: Mapping[str, bool]
    failing: Mapping[str, Failing]
    fares: Mapping[str, Fares]  # of those of which something is known
    left_alone: Sequence[str]  # by fallbacks, for a while
    disk: Disk
    faults: Sequence[str]
    member: Figures | None = None  # where several processes share a database

    @property
    def ready(self) -> bool:
        """Tell whether people who write now are served."""
        return not self.faults


class Reporter:
    """Makes reports; `pulse`: the tally of the process, where it counts for all of its bots how late the loop is."""

    def __init__(
        self,
        tally: Tally,
        census: Census,
        catalog: Catalog,
        waiting: Callable[[], int],
        bot_rate: Callable[[], float],
        look: Callable[[], Disk],
        *,
        intake: str,
        member: Callable[[], Figures] | None = None,
        pulse: Tally,
        clock: Clock,
    ) -> None:
        self.tally = tally
        self._pulse = pulse
        self._census = census
        self._catalog = catalog
        self._calls_waiting = waiting
        self._bot_rate = bot_rate
        self._look = look
        self._intake = intake
        self._member = member
        self._clock = clock
        self._began_at = clock.now()
        self._bot = ""
        self._sizes: Sizes | None = None
        self._sized_at: float | None = None

    def introduce(self, bot: str) -> None:
        """Tell who the bot is, once that is known."""
        self._bot = bot

    def label(self, provider_id: str) -> str:
        """Return what a provider is called."""
        return self._catalog.label(provider_id)

    async def report(self) -> Report:
        """Look at everything now; a database that does not answer in time is a fault."""
        waiting = await self._count()
        now, tally = self._clock.now(), self.tally
        updates_s = None if tally.updates_well_at is None else now - tally.updates_well_at
        failing_s = None if tally.failing_since is None else now - tally.failing_since
        return Report(
            pid=os.getpid(),
            bot=self._bot,
            seconds=now - self._began_at,
            intake=self._intake,
            updates_s=updates_s,
            stale_s=self._stale_s,
            pending=tally.pending,
            waiting=waiting,
            sizes=self._sizes,
            calls_waiting=self._calls_waiting(),
            bot_rate=self._bot_rate(),
            failing_s=failing_s,
            lag_s=self._pulse.lag_s,
            worst_lag_s=self._pulse.worst_lag_s,
            providers={id_: not self._catalog.failing(id_) for id_ in self._catalog.ids},
            failing={id_: failing for id_ in self._catalog.ids if (failing := self._failing(id_))},
            fares={id_: fares for id_ in self._catalog.ids if (fares := self._catalog.fares(id_))},
            left_alone=[id_ for id_ in self._catalog.ids if self._catalog.health.is_left_alone(id_)],
            disk=self._disk(),
            faults=list(self._faults(updates_s, failing_s, has_database=waiting is not None)),
            member=self._member() if self._member else None,
        )

    @property
    def _stale_s(self) -> float:
        return STALE_S[self._intake] + self.tally.unseen_s

    def _disk(self) -> Disk:
        """Look at the disk; what a database on a server takes there, that one tells."""
        disk = self._look()
        if disk.database is None and self._sizes:
            return replace(disk, database=self._sizes.database)
        return disk

    def _failing(self, provider: str) -> Failing | None:
        cause, since = self._catalog.cause(provider), self._catalog.health.failing_since(provider)
        if cause is None:
            return None
        return Failing(cause, 0.0 if since is None else max(0.0, self._clock.wall() - since))

    def _faults(self, updates_s: float | None, failing_s: float | None, *, has_database: bool) -> Sequence[str]:
        faults = []
        if updates_s is None:
            faults.append("updates: Telegram has not answered yet")
        elif updates_s > self._stale_s:
            faults.append(f"updates: none could be asked for since {updates_s:.0f} s")
        if not has_database:
            faults.append("database: does not answer")
        if failing_s is not None and failing_s > FAILING_S:
            faults.append(f"delivery: no call was answered since {failing_s:.0f} s")
        return faults

    async def _count(self) -> Waiting | None:
        try:
            async with asyncio.timeout(LOOK_S):
                waiting = await self._census.take()
        except (SQLAlchemyError, TimeoutError):
            return None
        if self._sized_at is None or self._clock.now() - self._sized_at >= SIZES_S:
            self._sized_at = self._clock.now()
            with suppress(SQLAlchemyError, TimeoutError):  # a slow look at the sizes says nothing of the database
                async with asyncio.timeout(LOOK_S):
                    self._sizes = await self._census.sizes()
        return waiting
