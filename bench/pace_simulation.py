"""The pacing policy under a simulated clock: hours of streaming are seconds of computing.

`python -m bench.pace` prints tables of it. The server counts a call at the moment it carries it out, half a jittering
round trip after it was made, with buckets and windows of its own, and refuses what exceeds them.
"""

import heapq
import itertools
import math
import random
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.bounds import Trace
from bot.delivery.budget import Budget, Limits, Priority
from bot.delivery.pace import Outlook, Rhythm, settled_s, wait_s

TINY_S = 1e-9
MINUTE_S = 60.0
ROUND_TRIP_S = 0.08
JITTER = 0.3  # of half a round trip, each way
PAUSE_S = 2.0  # from the end of a reply to the first delta of the next
RECHECK_S = 0.25  # what others leave of the bot's budget


@dataclass(slots=True, eq=False)
class Reply:
    """One reply: when its deltas come, what its reader saw when."""

    arrivals: list[float]
    shown: list[tuple[float, int]] = field(default_factory=list)
    calls: int = 0
    sent: int = 0  # deltas in the last call that was made
    sent_at: float = 0.0
    ended: bool = False
    free_at: float = 0.0  # when nothing was in the way of the final text any more, but budget
    finished_at: float = 0.0
    rhythm: Rhythm = field(default_factory=Rhythm)
    known: int = 0  # deltas that the rhythm has heard of

    @property
    def trace(self) -> Trace:
        """The reply as the bounds take it; each delta is one character."""
        return Trace([(at, i) for i, at in enumerate(self.arrivals, start=1)], self.shown)

    def heard(self, now: float) -> None:
        """Tell the rhythm of the deltas that came by now."""
        arrived = bisect_right(self.arrivals, now)
        for at in self.arrivals[self.known : arrived]:
            self.rhythm.add(at)
        self.known = arrived

    @property
    def behind_since(self) -> float:
        """When the oldest delta came, or will come, that no call has shown."""
        return self.arrivals[self.sent] if self.sent < len(self.arrivals) else math.inf


@dataclass(slots=True, eq=False)
class Chat:
    """One chat and its replies, one after the other; `wish` is the call that waits for its slot."""

    id: int
    replies: list[Reply]
    done: list[Reply] = field(default_factory=list)
    wish: Priority | None = None
    since: float = 0.0
    due_at: float = 0.0  # no sooner is it worth looking at

    @property
    def reply(self) -> Reply:
        """The present reply."""
        return self.replies[len(self.done)]


class Server:
    """Counts calls in buckets, or those of groups in a sliding window, and refuses what would wait over `absorb_s`."""

    def __init__(self, limits: Limits, *, group_window: bool = False, absorb_s: float = 0.0) -> None:
        self._limits = limits
        self._group_window = group_window
        self._absorb_s = absorb_s
        self._levels: dict[int, tuple[float, float]] = {}
        self._minutes: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=math.ceil(limits.group_rate)))
        self.refusals = 0

    def carry_out(self, chat_id: int, now: float) -> tuple[float, int]:
        """Count a call; return how long it is held back, and the retry_after if it is refused, or 0."""
        buckets = {0: (self._limits.bot_rate, self._limits.bot_rate)}
        minute = self._minutes[chat_id]
        if chat_id > 0 or not self._group_window:
            buckets[chat_id] = bucket_of(chat_id, self._limits)
        levels = {key: self._level(key, rate, burst, now) - 1 for key, (rate, burst) in buckets.items()}
        wait = max(-level / buckets[key][0] for key, level in levels.items())
        if chat_id < 0 and self._group_window and len(minute) >= self._limits.group_rate:
            wait = max(wait, minute[-math.floor(self._limits.group_rate)] + MINUTE_S - now)
        if wait > max(TINY_S, self._absorb_s):
            self.refusals += 1
            return 0.0, math.ceil(wait)
        wait = max(0.0, wait)
        minute.append(now + wait)
        self._levels |= {key: (level, now) for key, level in levels.items()}
        return wait, 0

    def _level(self, key: int, rate: float, burst: float, now: float) -> float:
        level, at = self._levels.get(key, (burst, now))
        return min(burst, level + rate * (now - at))


class Simulation:
    """Runs chats through budget and pace as the bot does: one call at a time in a chat, by priority, then by lag."""

    def __init__(self, chats: Sequence[Chat], limits: Limits, server: Server, rng: random.Random) -> None:
        self.budget = Budget(limits, 0.0)
        self._chats = chats
        self._server = server
        self._rng = rng
        self._now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake_at = math.inf
        self._streams = 0

    def run(self, until: float = math.inf) -> None:
        """Run until all replies are finished, or until then."""
        for chat in self._chats:
            self._begin(chat)
        while self._now < until and (self._events or self._wake_at < math.inf):
            while self._events and self._events[0][0] <= self._now:
                heapq.heappop(self._events)[2]()
            while ready := self._next():
                self._grant(ready)
            self._wake_at = min((chat.due_at for chat in self._chats if chat.wish is not None), default=math.inf)
            event_at = self._events[0][0] if self._events else math.inf
            self._now = max(self._now + TINY_S, min(event_at, self._wake_at))

    def spend(self, chat_id: int, calls: int, rest_s: float) -> None:
        """Make some calls before anything else, then let time pass."""
        for _ in range(calls):
            self.budget.spend(chat_id, Priority.NOTICE, self._now)
            self._server.carry_out(chat_id, self._now)
            self.budget.ended(chat_id, 0.0, self._now)
        self._now += rest_s

    def _at(self, when: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), event))

    def _begin(self, chat: Chat) -> None:
        reply = chat.reply
        reply.arrivals = [self._now + age for age in reply.arrivals]
        self._streams += 1
        self._wish(chat, Priority.OPEN)
        self._at(reply.arrivals[-1], partial(self._end, chat))

    def _end(self, chat: Chat) -> None:
        chat.reply.ended = True
        chat.reply.free_at = self._now
        self._streams -= 1
        if chat.wish is Priority.PROGRESS:
            self._wish(chat, Priority.FINAL)

    def _wish(self, chat: Chat, priority: Priority) -> None:
        chat.wish, chat.since, chat.due_at = priority, self._now, self._now

    def _next(self) -> Chat | None:
        """Return the chat whose call goes now; note for the others when to look again."""
        ready = []
        for chat in self._chats:
            if chat.wish is None or chat.due_at > self._now:
                continue
            wait = self._wait_s(chat, chat.wish)
            if wait <= TINY_S:
                ready.append(chat)
            else:
                chat.due_at = self._now + wait
        return min(ready, key=_rank, default=None)

    def _wait_s(self, chat: Chat, wish: Priority) -> float:
        now, reply = self._now, chat.reply
        wait = self.budget.ready_in(chat.id, wish, now)
        if wish is not Priority.PROGRESS:
            return wait
        if reply.behind_since > now:
            return max(wait, reply.behind_since - now)
        reply.heard(now)
        outlook = Outlook(
            self.budget.supply(chat.id, now),
            age_s=now - reply.arrivals[0],
            since_call_s=now - reply.sent_at,
            lag_s=now - reply.behind_since,
            streams=self._streams,
            rhythm=reply.rhythm,
            quiet_s=reply.rhythm.since(now),
        )
        due = wait_s(outlook)
        if due > 0:
            moved = bisect_right(reply.arrivals, now + settled_s(outlook))
            due = min(due, reply.arrivals[moved] - now) if moved < len(reply.arrivals) else due
        return max(wait, min(due, RECHECK_S) if self._streams > 1 else due)

    def _grant(self, chat: Chat) -> None:
        reply, wish = chat.reply, chat.wish or Priority.FINAL
        before = reply.sent
        reply.sent, reply.sent_at = bisect_right(reply.arrivals, self._now), self._now
        reply.calls += 1
        chat.wish = None
        self.budget.spend(chat.id, wish, self._now)
        there, back = (ROUND_TRIP_S / 2 * self._rng.uniform(1 - JITTER, 1 + JITTER) for _ in range(2))
        self._at(self._now + there, partial(self._carry_out, chat, wish, before, self._now, back))

    def _carry_out(self, chat: Chat, wish: Priority, before: int, began: float, back: float) -> None:
        held_s, retry_after_s = self._server.carry_out(chat.id, self._now)
        if retry_after_s:
            chat.reply.sent = before
        else:
            chat.reply.shown.append((self._now + held_s, chat.reply.sent))
        self._at(self._now + held_s + back, partial(self._ended, chat, wish, began, retry_after_s))

    def _ended(self, chat: Chat, wish: Priority, began: float, retry_after_s: int) -> None:
        reply = chat.reply
        self.budget.ended(chat.id, self._now - began, self._now)
        if retry_after_s:
            self.budget.refused(chat.id, retry_after_s, self._now)
        if wish is Priority.FINAL and not retry_after_s:
            reply.finished_at = reply.shown[-1][0]
            chat.done.append(reply)
            if len(chat.done) < len(chat.replies):
                self._at(self._now + PAUSE_S, partial(self._begin, chat))
            return
        reply.free_at = max(reply.free_at, self._now)
        opening = wish is Priority.OPEN and retry_after_s
        self._wish(chat, Priority.OPEN if opening else Priority.FINAL if reply.ended else Priority.PROGRESS)


def _rank(chat: Chat) -> tuple[int, float]:
    wish = chat.wish or Priority.FINAL
    return wish, chat.reply.behind_since if wish is Priority.PROGRESS else chat.since


def alone(chat_id: int, replies: Sequence[Reply], *, tokens: float, rng: random.Random) -> tuple[list[Reply], int]:
    """Stream each reply in a chat of its own, whose bucket holds `tokens`; return how many calls were refused too."""
    limits, refusals = Limits(), 0
    rate, burst = bucket_of(chat_id, limits)
    for reply in replies:
        server = Server(limits)
        simulation = Simulation([Chat(chat_id, [reply])], limits, server, rng)
        spent = math.ceil(burst - tokens)
        simulation.spend(chat_id, spent, (tokens - burst + spent) / rate)
        simulation.run()
        refusals += server.refusals
    return list(replies), refusals


def together(
    chat_ids: Sequence[int],
    seconds: float,
    *,
    replies: Callable[[], list[Reply]],
    rng: random.Random,
    server: Server | None = None,
) -> tuple[list[Chat], int]:
    """Let several chats stream at once, reply after reply; return how many calls were refused too."""
    chats = [Chat(chat_id, replies()) for chat_id in chat_ids]
    server = server or Server(Limits())
    Simulation(chats, Limits(), server, rng).run(seconds)
    return chats, server.refusals


def bucket_of(chat_id: int, limits: Limits) -> tuple[float, float]:
    """Return rate per second and burst of a chat."""
    return (limits.chat_rate, limits.chat_burst) if chat_id > 0 else (limits.group_rate / 60, limits.group_burst)
