"""Questions in simulated time: each waits for its bot's owner, Telegram's limit, a core and the database, then streams.

A question that is under way where its bot loses its owner is asked again by the next one, so it waits a second time. Of
the deltas and of edits beyond the calls that must be made only the processor time is counted, by bot.
"""

import math
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.scale.cluster import Cluster, Events, Line, Member, Rules
from bench.scale.costs import Costs

BEGIN = 0.6  # of a question's processor time, until its answer is opened
MOST_OF_A_CORE = 0.95  # that streams take: what comes beyond waits in the connection
AGAIN_CALLS = 1.0  # to read back what stands


@dataclass(frozen=True, slots=True)
class World:
    """What is simulated: one installation, on one database."""

    bots: int = 1
    members: int = 3
    machines: int = 3
    asked_per_s: float = 0.2  # a bot
    median_s: float = 8.0  # that an answer streams
    sigma: float = 0.6
    deltas_per_s: float = 20.0
    cores: float = 2.0  # of the database
    costs: Costs = Costs()  # noqa: RUF009  # it is frozen
    rules: Rules = Rules()  # noqa: RUF009

    @property
    def streams(self) -> float:
        """Return how many answers grow at once, if nothing waits."""
        return self.bots * self.asked_per_s * self.median_s * math.exp(self.sigma**2 / 2)


@dataclass(eq=False, slots=True)
class Question:
    """`turn`: how often it was taken up or put back; `since`: when its wait began, `waited_s`: former ones."""

    since: float
    waited_s: float = 0.0
    begun_at: float = math.inf
    turn: int = 0

    def waits_s(self, now: float) -> float:
        """Return how long it has waited so far."""
        return self.waited_s + max(0.0, min(now, self.begun_at) - self.since)


Step = Callable[[int, Question, int], None]


@dataclass(eq=False, slots=True)
class Bot:
    """What it has to do, and who does it."""

    queue: deque[Question] = field(default_factory=deque)
    under_way: dict[Question, None] = field(default_factory=dict)
    telegram: Line = field(default_factory=Line)
    member: Member | None = None
    left_at: float | None = None
    ready_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a run has shown: how long questions waited, and bots were nobody's."""

    asked: int
    answered: int
    again: int
    waits: Sequence[float]  # of those that were answered, sorted
    open_waits: Sequence[float]  # of those that are not
    queued: int  # that nobody has taken up
    takeovers: Sequence[float]
    most: int  # bots of one member at the end
    database_busy: float  # of its cores

    def wait(self, share: float) -> float:
        """Return the wait that this share of all questions does not exceed, those that wait still among them."""
        every = sorted([*self.waits, *self.open_waits])
        return every[min(len(every) - 1, int(share * len(every)))] if every else 0.0

    def late(self, than_s: float) -> int:
        """Return how many waited longer."""
        return sum(each > than_s for each in self.waits) + sum(each > than_s for each in self.open_waits)


class Simulation:
    """One run; faults are put into it before it begins."""

    def __init__(self, world: World, seed: int) -> None:
        self.events = Events()
        self.world = world
        self._rng = Random(seed)
        self._members = [Member(number, number % world.machines) for number in range(world.members)]
        self._bots = [Bot() for _ in range(world.bots)]
        self._database = Line()
        self._held: list[tuple[Step, int, Question, int]] = []  # what waits for the database
        self._asked = self._answered = self._again = 0
        self._waits, self._takeovers = array("d"), array("d")
        told = self._took, self._left
        self.cluster = Cluster(self.events, Random(seed + 1), self._members, world.bots, world.rules, *told)

    def run(self, seconds: float, *, warm_s: float = 10.0) -> Found:
        """Have people ask for so long, after the bots have been shared."""
        for number in range(self.world.bots):
            self.events.at(warm_s + self._rng.expovariate(self.world.asked_per_s), self._ask, number)
        self.events.run(warm_s)
        self._takeovers = array("d")
        self.events.run(warm_s + seconds)
        now = self.events.now
        still = [each.waits_s(now) for bot in self._bots for each in (*bot.queue, *bot.under_way)]
        return Found(
            *(self._asked, self._answered, self._again, sorted(self._waits), still),
            *(sum(len(bot.queue) for bot in self._bots), sorted(self._takeovers)),
            *(max(len(member.row.bots) if member.row else 0 for member in self._members),),
            self._database.busy_s / (warm_s + seconds),
        )

    def machine_ends(self, at: float, machine: int, back_s: float) -> None:
        """Have all processes of a machine end without a word; it is back after some seconds."""
        for member in self._members:
            if member.machine == machine:
                self.events.at(at, self.cluster.kill, member)
                self.events.at(at + back_s, self.cluster.start, member)

    def restarted(self, at: float, together: int, every_s: float, start_s: float) -> None:
        """Have all processes restarted in order, so many together."""
        for number, member in enumerate(self._members):
            when = at + number // together * every_s
            self.events.at(when, self.cluster.end, member)
            self.events.at(when + start_s, self.cluster.start, member)

    def database_away(self, at: float, seconds: float) -> None:
        """Have the database not answer for so long."""
        self.events.at(at, setattr, self.cluster, "is_away", True)
        self.events.at(at + seconds, self._back)

    def _ask(self, number: int) -> None:
        now = self.events.now
        self._asked += 1
        self._bots[number].queue.append(Question(now))
        self.events.at(now + self._rng.expovariate(self.world.asked_per_s), self._ask, number)
        self._pump(number)

    def _pump(self, number: int) -> None:
        """Take up what waits, if somebody has the bot."""
        bot, now = self._bots[number], self.events.now
        member = bot.member
        if member is None or now < bot.ready_at or self.cluster.is_away:
            return
        while bot.queue:
            question = bot.queue.popleft()
            bot.under_way[question] = None
            question.turn += 1
            member.streams += 1
            at = member.core.take(now, self.world.costs.question_s * BEGIN / self._speed(member))
            self.events.at(at, self._open, number, question, question.turn)

    def _open(self, number: int, question: Question, turn: int) -> None:
        bot = self._bots[number]
        if self._is_off(self._open, number, question, turn):
            return
        calls = 1 + AGAIN_CALLS * (turn > 1)
        question.begun_at = bot.telegram.take(self._stored(self.events.now), calls / self.world.costs.call_rate)
        lasts_s = self._rng.lognormvariate(math.log(self.world.median_s), self.world.sigma)
        self.events.at(question.begun_at + lasts_s, self._close, number, question, turn)

    def _close(self, number: int, question: Question, turn: int) -> None:
        """Complete an answer that has streamed to its end."""
        member = self._bots[number].member
        if self._is_off(self._close, number, question, turn):
            return
        assert member
        at = member.core.take(self.events.now, self.world.costs.question_s * (1 - BEGIN) / self._speed(member))
        self.events.at(at, self._done, number, question, turn)

    def _done(self, number: int, question: Question, turn: int) -> None:
        bot, costs = self._bots[number], self.world.costs
        if self._is_off(self._done, number, question, turn):
            return
        bot.telegram.take(self._stored(self.events.now), (costs.calls - 1) / costs.call_rate)
        del bot.under_way[question]
        assert bot.member
        bot.member.streams -= 1
        self._answered += 1
        self._waits.append(question.waits_s(self.events.now))

    def _is_off(self, step: Step, number: int, question: Question, turn: int) -> bool:
        """Tell whether a step is none of this owner's any more, or waits for the database."""
        if question.turn == turn and self.cluster.is_away:
            self._held.append((step, number, question, turn))
            return True
        return question.turn != turn

    def _stored(self, at: float) -> float:
        """Return when half a question's rows are on the disk; groups of commits share a sync."""
        costs = self.world.costs
        done = self._database.take(at, costs.server_s / 2 / self.world.cores)
        return done + costs.commits / 2 * costs.synced_s

    def _speed(self, member: Member) -> float:
        """Return what streams leave of a member's core."""
        return 1 - min(MOST_OF_A_CORE, member.streams * self.world.costs.stream_cores(self.world.deltas_per_s))

    def _took(self, number: int, member: Member) -> None:
        bot, now = self._bots[number], self.events.now
        if bot.member:
            self._left(number, bot.member)
        bot.member = member
        member.core.take(now, self.world.costs.takeover_s)
        bot.ready_at = now
        if bot.left_at is not None:
            self._takeovers.append(now - bot.left_at)
            bot.ready_at, bot.left_at = now + self.world.costs.settled_s, None
        self.events.at(bot.ready_at, self._pump, number)

    def _left(self, number: int, member: Member) -> None:
        """What was under way waits again, in its order, before what waits already."""
        bot, now = self._bots[number], self.events.now
        if bot.member is not member:
            return
        member.streams -= len(bot.under_way)
        bot.member, bot.left_at = None, now
        bot.telegram = Line()
        for question in reversed(bot.under_way):
            question.turn += 1
            if question.begun_at <= now:
                question.waited_s += question.begun_at - question.since
                question.since = now
                self._again += 1
            question.begun_at = math.inf
            bot.queue.appendleft(question)
        bot.under_way.clear()

    def _back(self) -> None:
        self.cluster.is_away = False
        held, self._held = self._held, []
        for step, number, question, turn in held:
            step(number, question, turn)
        for number in range(len(self._bots)):
            self._pump(number)
