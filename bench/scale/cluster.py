"""Members in simulated time: beats, leases, shares and takeovers by the rules of `bot/members/member.py`.

Three of those are left out: the others are not woken where a bot is handed over, they see it at their next beat; who
comes to others waits as those do that start together; and who has more bots than others gives some back only by
`Rules.levels`, which gives back what is beyond its share, and soon.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Any

LEASE_S, MARGIN_S, BEAT_S, SHARE_S, ASKED_S, ORPHANED = 5.0, 1.0, 1.0, 1.5, 3.0, 3  # as in bot/members
JITTER_S = 0.02  # of a beat
ANSWER_S = 0.02  # of a statement


class Events:
    """What happens when; what is due at one instant comes in the order in which it was put here."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = itertools.count()

    def at(self, when: float, what: Callable[..., None], *given: Any) -> None:
        heappush(self._due, (when, next(self._order), what, given))

    def run(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            self.now, _, what, given = heappop(self._due)
            what(*given)
        self.now = until


class Line:
    """One that serves in order, of whom the next one is free at a time."""

    __slots__ = ("busy_s", "free_at")

    def __init__(self) -> None:
        self.free_at = self.busy_s = 0.0

    def take(self, at: float, work_s: float) -> float:
        """Return when a piece of work is done that comes at this time."""
        self.busy_s += work_s
        self.free_at = max(self.free_at, at) + work_s
        return self.free_at


@dataclass(eq=False, slots=True)
class Row:
    """A member in the database."""

    member: "Member"
    until: float
    bots: set[int] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class Member:
    """A process; `life` tells its starts apart."""

    number: int
    machine: int
    row: Row | None = None
    is_up: bool = True
    life: int = 0
    lives_since: float = -math.inf
    deadline: float = -math.inf
    orphaned: int = 0
    streams: int = 0
    core: Line = field(default_factory=Line)


@dataclass(frozen=True, slots=True)
class Rules:
    """Ways to share; `asked_s`: what a member that was late itself leaves others before it takes them for dead."""

    asked_s: float = ASKED_S
    levels: bool = False  # who has more than its share gives the rest back


class Cluster:
    """Who has which bot; tells `took(bot, member)` and `left(bot, member)`."""

    def __init__(
        self,
        events: Events,
        rng: Random,
        members: list[Member],
        bots: int,
        rules: Rules,
        took: Callable[[int, Member], None],
        left: Callable[[int, Member], None],
    ) -> None:
        self.members = members
        self.is_away = False  # the database
        self._events = events
        self._rng = rng
        self._bots = bots
        self._rules = rules
        self._took, self._left = took, left
        self._free = set(range(bots))
        self._rows: dict[Row, None] = {}
        for member in members:
            events.at(rng.random() * BEAT_S, self._beat, member, member.life)

    def kill(self, member: Member) -> None:
        """End a process without a word; its lease keeps others out, unless a neighbour finds it gone."""
        if member.is_up:
            member.is_up = False
            for bot in member.row.bots if member.row else ():
                self._left(bot, member)

    def end(self, member: Member) -> None:
        """End a process in order."""
        if member.is_up:
            self.kill(member)
            if member.row:
                self._forget(member.row)

    def start(self, member: Member) -> None:
        """Start a process anew."""
        if not member.is_up:
            member.is_up, member.row, member.orphaned, member.streams, member.core = True, None, 0, 0, Line()
            member.deadline = -math.inf
            member.life += 1
            self._events.at(self._events.now + self._rng.random() * BEAT_S, self._beat, member, member.life)

    def _beat(self, member: Member, life: int) -> None:
        now = self._events.now
        if not member.is_up or member.life != life:
            return
        self._events.at(now + BEAT_S + self._rng.random() * JITTER_S, self._beat, member, life)
        if self.is_away:
            return
        if member.row is not None and member.row not in self._rows:  # it was taken for dead
            for bot in member.row.bots:
                self._left(bot, member)
            member.row = None
        if member.row is None:
            member.row = Row(member, now)
            self._rows[member.row] = None
            member.lives_since = now
        if self._rules.asked_s and now > member.deadline:
            member.lives_since = now
        member.deadline = now + LEASE_S - MARGIN_S
        member.row.until = now + LEASE_S
        live = sum(row.until > now for row in self._rows)
        self._bury(member, now)
        self._share(member, member.row, live, now)

    def _bury(self, member: Member, now: float) -> None:
        """Forget those whose lease is over, or whose process is seen to be gone from this machine."""
        may = now - member.lives_since >= self._rules.asked_s
        for row in [*self._rows]:
            gone = row.member.machine == member.machine and (not row.member.is_up or row.member.row is not row)
            if (may and row.until <= now) or gone:
                self._forget(row)

    def _forget(self, row: Row) -> None:
        if row in self._rows:
            del self._rows[row]
            self._free |= row.bots

    def _share(self, member: Member, row: Row, live: int, now: float) -> None:
        share = math.ceil(self._bots / live)
        if self._rules.levels and len(row.bots) > share and now - member.lives_since > LEASE_S:
            for bot in sorted(row.bots)[share:]:
                row.bots.discard(bot)
                self._left(bot, member)
                self._free.add(bot)
        elif not self._free:
            member.orphaned = 0
        elif self._bots == 1 or now - member.lives_since >= SHARE_S:
            member.orphaned += 1
            wanted = share - len(row.bots)
            wanted = max(1, wanted) if member.orphaned > ORPHANED else wanted
            for bot in sorted(self._free)[: max(0, wanted)]:
                self._free.discard(bot)
                row.bots.add(bot)
                self._events.at(now + ANSWER_S, self._taken, bot, member, row)

    def _taken(self, bot: int, member: Member, row: Row) -> None:
        if member.is_up and bot in row.bots and member.row is row:
            self._took(bot, member)
