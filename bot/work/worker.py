"""Worker: claims answers, one a chat and N in all, and passes stops on.

After a death it begins again what was under way, all at once. What was under way at several deaths in a row may be
their cause: it is begun only when the process has lived for a while with nothing under way (a death before that has
another cause), those with the fewest deaths first and few at a time, so that in the end the guilty one is alone. One
that neither ends nor kills for a while makes room for the next: soon at first, when most likely none of them is guilty,
later the more deaths there were.
"""

import asyncio
import logging
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Clock, Lull
from bot.process.trail import about
from bot.storage.answers.backlog import MOST, Backlog
from bot.storage.answers.context import Context
from bot.storage.answers.ready import Claims
from bot.storage.answers.replies import Replies
from bot.storage.engine.faults import Lost
from bot.storage.exchanges.jobs import SUSPECTED, Job
from bot.storage.signals import Signals
from bot.work.capacity import Capacity

log = logging.getLogger(__name__)

QUIET_S = 4.0  # in which nothing is begun, where answers are suspected
SHARE = 1 / 4  # of the suspected that are under way at a time: of 1,000, one is alone after five deaths
SWEEP_S = 5.0  # between two looks for what is in nobody's hands
IDLE_SWEEP_S = 900.0  # where nothing has happened since
ALIVE_S = 3.0  # a suspect that is under way for so long makes room, for twice as long after each further death
TICK_S = 0.001  # after the instant for which a question waits: two clocks may differ by less
REST_S = 0.5  # for the database to hear that the process ends in order


class Answerer(Protocol):
    """Who brings answers to their end: `Answering`."""

    async def answer(self, job: Job, context: Context | None, stopped: asyncio.Event) -> None:
        """Bring an answer to its end; `context` is what it is to be made of, None where it is made."""

    async def apologise(self, job: Job) -> Job | None:
        """Have an answer that met a bug of ours end with an error; return it where that is still to be shown."""


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """An answer that is in our hands."""

    reply_id: int
    stopped: asyncio.Event
    task: asyncio.Task[None]


class Worker:
    """Runs one task per answer under way. One that is being shown holds no place.

    `begun`: what waited at the start is under way, or has to wait still.
    """

    def __init__(
        self,
        backlog: Backlog,
        replies: Replies,
        signals: Signals,
        answerer: Answerer,
        *,
        capacity: Capacity,
        providers: int,
        clock: Clock,
        lull: Lull | None = None,
        was_left: bool = False,
    ) -> None:
        self.begun = asyncio.Event()
        self._backlog = backlog
        self._was_left = was_left  # by a process that lives, and may have had no time to say so itself
        self._replies = replies
        self._signals = signals
        self._answerer = answerer
        self._clock = clock
        self._lull = lull or Lull(clock, math.inf)
        self._places = capacity.share(signals.work)
        self._places_per_provider = max(1, capacity.most // 2) if providers > 1 else capacity.most
        self._under_way: dict[int, _UnderWay] = {}  # by answer
        self._swept_at = 0.0
        self._suspected = 0  # answers that have not ended since
        self._under_suspicion: set[int] = set()  # those of them that are under way

    def is_busy(self) -> bool:
        """Tell whether answers are under way."""
        return bool(self._under_way)

    async def run(self) -> None:
        """Take up what a former process left, then answer what comes, for ever. Raises DatabaseDamaged."""
        try:
            async with asyncio.TaskGroup() as group:
                self._signals.work.clear()
                if is_any := await self._backlog.is_any_open():
                    await self._take_up_left(group)
                self._swept_at = self._clock.now()
                while True:
                    opens_at = await self._begin_what_may(group) if is_any else None
                    self.begun.set()
                    if self._signals.stops.is_set():
                        await self._pass_stops_on()
                    await self._rest(opens_at)
                    is_any = True
                    is_wished = self._signals.wishes.is_set()
                    if is_wished or self._clock.now() - self._swept_at >= SWEEP_S:
                        self._signals.wishes.clear()
                        await self._take_up_adrift(group)
                    self._signals.work.clear()
        except asyncio.CancelledError:
            self._places.leave()
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._backlog.rest()
            raise

    async def _take_up_left(self, group: asyncio.TaskGroup) -> None:
        """Take up what a former process left."""
        if self._was_left:
            await self._backlog.rest()
        self._suspected = await self._backlog.recover()
        if self._suspected:
            log.warning("these may have killed the process, they go on one by one answers=%s", self._suspected)
            self.begun.set()
            await self._clock.sleep(QUIET_S)
        for job in await self._replies.resume():
            self._begin(job, group)

    async def _rest(self, opens_at: float | None) -> None:
        """Wait for something to do; in a lull the rows are looked at seldom, for nobody writes there but us.

        Where nothing is under way one look that only reads tells whether there is anything: a process with a hundred
        bots has as many such looks.
        """
        rest_s = SWEEP_S
        if opens_at is not None:  # a question may be waiting for the rest of its words
            rest_s = min(SWEEP_S, max(0.0, opens_at - self._clock.wall()) + TICK_S)
        is_quiet = opens_at is None and not self._under_way and not self._suspected
        while not await self._lull.wait(self._signals.work, rest_s, IDLE_SWEEP_S if is_quiet else rest_s):
            if not is_quiet or await self._backlog.is_any_open():
                return
            self._swept_at = self._clock.now()

    async def _begin_what_may(self, group: asyncio.TaskGroup) -> float | None:
        """Claim answers; where there may be more, the signal says so. Return when the next one may be claimed."""
        claims = await self._claim()
        for each in claims.claimed:
            self._begin(each.job, group, each.context)
        while len(self._under_suspicion) < math.ceil(self._suspected * SHARE):
            if not await self._begin_suspect(group):
                break
        return claims.opens_at

    async def _take_up_adrift(self, group: asyncio.TaskGroup) -> None:
        """Take up what is in nobody's hands: a commit was carried out and nobody learned of it."""
        self._swept_at = self._clock.now()
        held = {each.reply_id for each in self._under_way.values()}
        await self._backlog.adrift(held)
        for job in await self._replies.resume(held=held):
            self._begin(job, group)

    async def _begin_suspect(self, group: asyncio.TaskGroup) -> bool:
        """Take up the suspected answer with the fewest deaths; one that is only to be shown goes before others."""
        for answer_id in await self._replies.suspected():
            if answer_id not in self._under_way:
                jobs = await self._replies.resume(answer_id)
                for job in jobs:
                    self._begin(job, group)
                return bool(jobs)
        claims = await self._claim(suspect=True, most=1)
        for each in claims.claimed:
            self._begin(each.job, group, each.context)
        return bool(claims.claimed)

    async def _claim(self, *, suspect: bool = False, most: int = MOST) -> Claims:
        claims = await self._backlog.claim(
            places=self._places.most, places_per_provider=self._places_per_provider, suspect=suspect, most=most
        )
        self._places.took(claims.taken)
        return claims

    async def _pass_stops_on(self) -> None:
        self._signals.stops.clear()
        for answer_id in await self._backlog.stopping(self._under_way):
            if under_way := self._under_way.get(answer_id):
                under_way.stopped.set()

    def _begin(self, job: Job, group: asyncio.TaskGroup, context: Context | None = None) -> None:
        what = job.id, job.chat.id, job.state, job.attempt, job.deaths
        log.info("answer begun answer=%s chat=%s state=%s attempt=%s deaths=%s", *what)
        if job.deaths >= SUSPECTED:
            self._under_suspicion.add(job.id)
            group.create_task(self._make_room(job))
        former, stopped = self._under_way.get(job.id), asyncio.Event()
        if job.stop:
            stopped.set()
        task = group.create_task(self._answer(job, context, stopped, former.task if former else None))
        self._under_way[job.id] = _UnderWay(job.reply_id, stopped, task)

    async def _answer(
        self, job: Job, context: Context | None, stopped: asyncio.Event, former: asyncio.Task[None] | None
    ) -> None:
        """Bring one answer to its end; whatever goes wrong, its chat is not stuck behind it. Raises DatabaseDamaged.

        `former`: made the same one, until that went back into the queue as its chat became another (`Chats.migrate`).
        """
        left: Job | None = job
        try:
            if former:
                former.cancel()
                await asyncio.wait({former})
            with about(answer=job.id):
                while left:
                    left = await self._try(left, context, stopped)
        finally:
            if (present := self._under_way.get(job.id)) and present.stopped is stopped:
                del self._under_way[job.id]
            self._acquit(job.id)

    async def _make_room(self, job: Job) -> None:
        await self._clock.sleep(ALIVE_S * 2 ** (job.deaths - SUSPECTED))
        self._acquit(job.id)

    def _acquit(self, answer_id: int) -> None:
        """Let the next of the suspected begin; this one's deaths stay counted until it has ended."""
        if answer_id in self._under_suspicion:
            self._under_suspicion.discard(answer_id)
            self._suspected -= 1
            self._signals.work.set()

    async def _try(self, job: Job, context: Context | None, stopped: asyncio.Event) -> Job | None:
        """Answer; return what is to be shown where a bug is to be told in its place. Raises Lost."""
        try:
            await self._answerer.answer(job, context, stopped)
        except Exception as error:
            if lost := _lost(error):
                raise lost from error
            log.exception("answer broke answer=%s", job.id)
            return await self._answerer.apologise(job)
        return None


def _lost(error: BaseException) -> Lost | None:
    """Return what says in an error, or in a group of them, that the database is no more ours to use."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for each in error.exceptions if (found := _lost(each))), None)
    return error if isinstance(error, Lost) else None
