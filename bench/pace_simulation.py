"""The pacing policy under a simulated clock: many replies, strict limits, and the bounds beside what is reached.

`python -m bench.pace_simulation` prints the tables of docs/delivery.md. Nothing here waits: hours of streaming are
seconds of computing. The server counts a call at the moment it carries it out, half a jittering round trip after it was
made, with buckets and windows of its own, and refuses what exceeds them.
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
from statistics import NormalDist, fmean

from bench.bounds import Lengths, Trace, bucket, clairvoyant, mean_lag, replay, without_foresight
from bot.budget import Budget, Limits, Priority
from bot.pace import Outlook, wait_s

TINY_S = 1e-9
ROUND_TRIP_S = 0.08
JITTER = 0.3  # of half a round trip, each way
PAUSE_S = 2.0  # from the end of a reply to the first delta of the next
RECHECK_S = 0.25  # what others leave of the bot's budget

Stream = Callable[[random.Random, float], list[float]]  # seconds of the deltas of a reply of about this duration


@dataclass(eq=False)
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

    @property
    def trace(self) -> Trace:
        """The reply as the bounds take it; each delta is one character."""
        return Trace([(at, i) for i, at in enumerate(self.arrivals, start=1)], self.shown)

    def rhythm(self, now):
        from bot.pace import Rhythm
        if not hasattr(self, 'r'): self.r=Rhythm(); self.k=0
        i = bisect_right(self.arrivals, now)
        while self.k < i-1:
            self.r.add(self.arrivals[self.k+1]-self.arrivals[self.k]); self.k+=1
        return self.r

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
    """Counts calls in buckets, or those of groups in a sliding window, and refuses what is too much."""

    def __init__(self, limits: Limits, *, group_window: bool = False) -> None:
        self._limits = limits
        self._group_window = group_window
        self._levels: dict[int, tuple[float, float]] = {}
        self._minutes: defaultdict[int, deque[float]] = defaultdict(deque)
        self.refusals = 0

    def carry_out(self, chat_id: int, now: float) -> float:
        """Count a call; return the retry_after of its refusal, or 0."""
        limits = self._limits
        waits = [self._take(0, limits.bot_rate, limits.bot_rate, now)]
        if chat_id > 0:
            waits.append(self._take(chat_id, limits.chat_rate, limits.chat_burst, now))
        elif self._group_window:
            minute = self._minutes[chat_id]
            minute.append(now)
            waits.append(minute.popleft() + 60 - now if len(minute) > limits.group_rate else 0.0)
        else:
            waits.append(self._take(chat_id, limits.group_rate / 60, limits.group_burst, now))
        if max(waits) <= TINY_S:
            return 0.0
        self.refusals += 1
        return math.ceil(max(waits))

    def _take(self, key: int, rate: float, burst: float, now: float) -> float:
        level, at = self._levels.get(key, (burst, now))
        level = min(burst, level + rate * (now - at)) - 1
        self._levels[key] = level, now
        return max(0.0, -level / rate)


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
            while chat := self._next():
                self._grant(chat)
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
        outlook = Outlook(
            self.budget.supply(chat.id, now),
            age_s=now - reply.arrivals[0],
            since_call_s=now - reply.sent_at,
            lag_s=now - reply.behind_since,
            rhythm=reply.rhythm(now),
            since_delta_s=now - reply.arrivals[bisect_right(reply.arrivals, now) - 1],
            streams=self._streams,
        )
        paced = wait_s(outlook)
        i = bisect_right(reply.arrivals, now)
        if i < len(reply.arrivals): paced = min(paced, reply.arrivals[i] - now) if paced > 0 else paced
        return max(wait, min(paced, RECHECK_S) if self._streams > 1 else paced)

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
        retry_after_s = self._server.carry_out(chat.id, self._now)
        if retry_after_s:
            chat.reply.sent = before
        else:
            chat.reply.shown.append((self._now, chat.reply.sent))
        self._at(self._now + back, partial(self._ended, chat, wish, began, retry_after_s))

    def _ended(self, chat: Chat, wish: Priority, began: float, retry_after_s: float) -> None:
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


def steady(per_s: float) -> Stream:
    """Stream at an even rate."""
    return lambda rng, duration_s: [i / per_s for i in range(max(2, round(duration_s * per_s)))]


def bursts(size: int, every_s: float) -> Stream:
    """Stream in bursts, as where a proxy buffers."""

    def stream(rng: random.Random, duration_s: float) -> list[float]:
        starts = [0.0]
        while starts[-1] < duration_s:
            starts.append(starts[-1] + every_s * rng.uniform(0.5, 1.5))
        return [start + 0.002 * i for start in starts for i in range(size)]

    return stream


def paused(per_s: float, run_s: float, pause_s: float) -> Stream:
    """Stream evenly, with long pauses now and then, as where a model uses tools."""

    def stream(rng: random.Random, duration_s: float) -> list[float]:
        at, ages, pause_at = 0.0, [0.0], rng.expovariate(1 / run_s)
        while at < duration_s:
            at += 1 / per_s
            if at > pause_at:
                at += rng.expovariate(1 / pause_s)
                pause_at = at + rng.expovariate(1 / run_s)
            ages.append(at)
        return ages

    return stream


def one_delta(rng: random.Random, duration_s: float) -> list[float]:
    """Send the whole reply at once."""
    return [0.0]


STREAMS: dict[str, Stream] = {
    "20/s": steady(20),
    "60/s": steady(60),
    "200/s": steady(200),
    "1000/s": steady(1000),
    "one in 2 s": steady(0.5),
    "12 each 0.4 s": bursts(12, 0.4),
    "30 each 2 s": bursts(30, 2.0),
    "60/s, pauses": paused(60, 4, 4),
    "one delta": one_delta,
}


def durations(rng: random.Random, replies: int, lengths: Lengths) -> list[float]:
    """Draw how long replies last, as evenly as the distribution permits."""
    normal = NormalDist(math.log(lengths.median_s), lengths.sigma)
    drawn = [math.exp(normal.inv_cdf((i + 0.5) / replies)) for i in range(replies)]
    rng.shuffle(drawn)
    return drawn
