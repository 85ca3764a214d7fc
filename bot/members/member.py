"""Member: this process, one of those that share a database; it says that it lives, and takes its share of the bots.

Its own deadline is a second before that of the database, counted from before it asked. A member is dead when its row is
deleted, which who finds it over does: so one that was only slow to say that it lives goes on with what it has.
Who comes later gets its share.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from sqlalchemy.exc import DBAPIError

from bot.clock import Clock, Seldom
from bot.members.confessions import Confessions
from bot.members.figures import Figures
from bot.members.handover import hand_over
from bot.members.lease import BEAT_S, LEASE_S, MARGIN_S, Lease
from bot.members.share import Share
from bot.process.identity import identity, is_over, name
from bot.storage.engine.faults import Fenced, raise_unless_passing, reason
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import Beat, Former, Members

log = logging.getLogger(__name__)

ANSWER_S = 2.0  # for the database to answer a beat
ASKED_S = BEAT_S + ANSWER_S  # within that each of those for whom the database was away has said that it lives
CONFESS_S = 6.0  # at the end, for what is not confessed yet

Serve = Callable[[Lease], Awaitable[None]]


class Member:
    """Serves bots that are its own, until it is cancelled; `serve` runs one, as long as its lease holds."""

    def __init__(self, members: Members, bots: Collection[int], serve: Serve, clock: Clock) -> None:
        self._figures = Figures(name())
        self._members = members
        self._bots = frozenset(bots)
        self._share = Share(self._figures.name, bots)
        self._serve = serve
        self._clock = clock
        self._seldom = Seldom(clock)
        self._id: int | None = None
        self._until = 0.0
        self._lives_since = 0.0  # without a break, by `Clock.boot`
        self._held: dict[int, tuple[Lease, asyncio.Task[None]]] = {}
        self._is_ending = False
        self._woken = asyncio.Event()
        self._confessions = Confessions(members, self._figures, self._woken.set)
        self.posted: Callable[[Collection[int]], None] = lambda _: None  # told for which bots posts wait
        members.heard = self._woken.set

    def figures(self) -> Figures:
        """Return what it has seen so far."""
        self._figures.left_s = max(0.0, self._until - self._clock.boot())
        return self._figures

    async def run(self) -> None:
        """Do so, until cancelled. Raises what `serve` does, Unusable and sqlalchemy.exc.DBAPIError."""
        try:
            while True:
                begun = self._clock.now()
                self._woken.clear()
                await self._patiently(self._turn)
                self._raise_what_broke()
                await self._clock.wait(self._woken, begun + BEAT_S - self._clock.now())
        finally:
            await self._end()

    async def _turn(self) -> None:
        """Say that we live, and take, keep or lose bots by what the database says."""
        if self._id is None:
            asked = self._clock.boot()
            self._id = await self._members.join(self._figures.name, identity(), self._bots, lease_s=LEASE_S)
            self._until, self._lives_since = asked + LEASE_S - MARGIN_S, asked
        await self._confessions.store()
        asked = self._clock.boot()
        beat = await self._members.beat(self._id, self._bots, lease_s=LEASE_S)
        self._clock.agree(beat.wall, within_s=self._clock.boot() - asked)
        self.posted(beat.posted)
        self._figures.live = beat.live
        self._figures.others = {each.name: each.bots for each in beat.others}
        if not self._held and beat.live > 1 and self._seldom.due("standing by"):
            log.info("standing by, another process serves members=%s", beat.live)
        if not beat.is_alive:
            log.warning("this member was taken for dead, it joins anew bots=%s", sorted(self._held))
            for bot_id in [*self._held]:
                self._lose(bot_id)
            self._id = None
            self._woken.set()
            return
        if asked >= self._until:
            self._lives_since = asked
        self._until = asked + LEASE_S - MARGIN_S
        self._keep(beat)
        for bot_id in beat.mine.keys() - self._held.keys():  # taken by a statement whose answer was lost
            self._take(Fence(bot_id, beat.mine[bot_id]))
        over = [each.process for each in beat.others if is_over(each.process)]
        is_sure = asked - self._lives_since >= ASKED_S  # else the database may have been away for those too
        if (beat.lapsed and is_sure) or over:
            for buried in await self._members.bury(self._id, over, lapsed=is_sure):
                self._figures.failovers += 1
                log.warning("a member is gone, what it had goes to others member=%s", buried)
        elif beat.free == 0:
            await self._leave_surplus(beat)
            return
        await self._take_share(self._id, beat)

    def _keep(self, beat: Beat) -> None:
        """Go on with what is ours, and only with that."""
        for bot_id, (lease, _) in [*self._held.items()]:
            if lease.is_lost or beat.mine.get(bot_id) != lease.fence.epoch:
                self._lose(bot_id)
                continue
            lease.prolong(self._until)
            if bot_id in beat.late:
                lease.late.set()
        self._show()

    async def _take_share(self, member: int, beat: Beat) -> None:
        """Take what nobody has, up to our share; where nobody else does, one more."""
        bots, wanted = self._share.wanted(self._held, beat, self._clock.boot(), lives_since=self._lives_since)
        if not wanted:
            return
        taken = await self._members.claim(member, bots, most=wanted)
        self._share.took(taken, self._clock.boot())
        for bot_id, claimed in taken.items():
            self._take(Fence(bot_id, claimed.epoch), claimed.former)
        if len(taken) < wanted and (ended := await self._members.cut_off(bots)):
            log.warning("sessions of a member that is gone were ended count=%s", ended)
            self._woken.set()

    async def _leave_surplus(self, beat: Beat) -> None:
        """Let others have what is beyond our share, so that who came later works too."""
        ours = {bot_id: lease for bot_id, (lease, _) in self._held.items() if not lease.is_lost}
        surplus = self._share.surplus([*ours], beat, self._clock.boot(), is_busy=lambda bot_id: ours[bot_id].is_busy())
        if surplus:
            log.info("others have too few bots, some are left to them count=%s", len(surplus))
            await hand_over([self._held[bot_id] for bot_id in surplus])

    def _take(self, fence: Fence, former: Former | None = None) -> None:
        log.info("bot taken bot=%s epoch=%s", fence.bot_id, fence.epoch)
        confess, give_back = self._confessions.add, self._give_back
        lease = Lease(fence, self._until, self._clock, confess=confess, give_back=give_back, former=former)
        task = asyncio.ensure_future(self._served(lease))
        self._held[fence.bot_id] = lease, task
        self._figures.taken += 1
        self._show()
        task.add_done_callback(lambda _: self._woken.set())

    async def _served(self, lease: Lease) -> None:
        """Serve a bot as long as it is ours; what ends for want of the lease is no error."""
        try:
            await self._serve(lease)
        except Fenced:
            lease.lose()
        except BaseException:
            if not lease.is_lost or lease.is_given_back:
                raise
        finally:
            await lease.give_back()

    def _lose(self, bot_id: int) -> None:
        """End what is done for a bot; calls that are under way come to their end."""
        lease, task = self._held[bot_id]
        if lease.is_lost:
            return
        log.warning("bot lost to another process bot=%s epoch=%s", bot_id, lease.fence.epoch)
        self._figures.lost += 1
        lease.lose()
        task.cancel()
        self._show()

    def _raise_what_broke(self) -> None:
        for bot_id, (_, task) in [*self._held.items()]:
            if task.done():
                del self._held[bot_id]
                self._show()
                if not task.cancelled():
                    task.result()

    async def _give_back(self, lease: Lease) -> None:
        """Let others have it; where the database does not answer, the lease ends by itself."""
        if self._id is None:
            return
        fence, calls = lease.fence, lease.noted()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._members.give_back(self._id, fence.bot_id, fence.epoch, calls, is_ending=self._is_ending)
            log.info("bot given back bot=%s epoch=%s", fence.bot_id, fence.epoch)
        except (DBAPIError, OSError) as error:
            self._seldom.due("beat")  # what follows fails of the same
            said = reason(error.orig) if isinstance(error, DBAPIError) else str(error) or "no answer"
            log.warning("bot not given back bot=%s free_in_s=%g error=%s", fence.bot_id, LEASE_S, said)

    async def _end(self) -> None:
        """Give all back, bring it to its end, living meanwhile; then be no member any more."""
        self._is_ending = True
        tasks = [task for _, task in self._held.values()]
        await hand_over([*self._held.values()])
        left = {task for task in tasks if not task.done()}
        while left:
            _, left = await asyncio.wait(left, timeout=BEAT_S)
            if left:
                await self._patiently(self._turn_at_the_end)
        for task in tasks:
            if not task.cancelled():
                task.exception()  # retrieved: the first one is raised already, or we were told to end
        until = self._clock.now() + CONFESS_S
        while self._confessions and self._clock.now() < until:
            if not await self._patiently(self._confessions.store):
                await self._clock.sleep(BEAT_S / 4)
        if self._id is not None:
            member, self._id = self._id, None
            await self._patiently(lambda: self._members.leave(member))

    async def _turn_at_the_end(self) -> None:
        asked = self._clock.boot()
        if self._id and (beat := await self._members.beat(self._id, self._bots, lease_s=LEASE_S)).is_alive:
            self._until = asked + LEASE_S - MARGIN_S
            self._keep(beat)

    async def _patiently(self, what: Callable[[], Awaitable[None]]) -> bool:
        """Try something once; tell whether the database has answered. Raises what no waiting helps against."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await what()
        except DBAPIError as error:
            raise_unless_passing(error, has_served=self._until > 0.0)
            said = reason(error.orig)
        except OSError as error:  # TimeoutError is one
            said = str(error) or type(error).__name__
        else:
            return True
        if self._seldom.due("beat"):
            log.error("the database does not answer, no call is made until it does error=%s", said)
        return False

    def _show(self) -> None:
        mine = [(bot_id, lease) for bot_id, (lease, _) in self._held.items() if not lease.is_lost]
        self._figures.bots = sorted(bot_id for bot_id, _ in mine)
