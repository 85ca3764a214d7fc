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
from statistics import NormalDist, fmean, median

from bench.bounds import Lengths, Trace, bucket, clairvoyant, mean_lag, replay, without_foresight
from bot.budget import Budget, Limits, Priority
from bot.pace import Outlook, Rhythm, settled_s, wait_s

TINY_S = 1e-9
ROUND_TRIP_S = 0.08
JITTER = 0.3  # of half a round trip, each way
PAUSE_S = 2.0  # from the end of a reply to the first delta of the next
REPLIES = 200  # of a stream
SHARES = (0.75, 0.5, 0.25, 0.1)  # of a full bucket
RECHECK_S = 0.25  # what others leave of the bot's budget

Stream = Callable[[random.Random, float], list[float]]  # seconds of the deltas of a reply of about this duration


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


def alone(chat_id: int, replies: Sequence[Reply], *, tokens: float, rng: random.Random) -> tuple[list[Reply], int]:
    """Stream each reply in a chat of its own whose bucket holds `tokens`; return them, and how many calls were refused."""
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
    count: int, seconds: float, *, group: bool, duration_s: float | None, per_s: float, rng: random.Random
) -> tuple[list[Chat], int]:
    """Let many chats stream at once, reply after reply; return them, and how many calls were refused."""
    chats = []
    for i in range(1, count + 1):
        lasting = [duration_s] * REPLIES if duration_s else durations(rng, REPLIES, Lengths())
        chats.append(Chat(-i if group else i, [Reply(steady(per_s)(rng, each)) for each in lasting]))
    server = Server(Limits())
    Simulation(chats, Limits(), server, rng).run(seconds)
    return chats, server.refusals


def bucket_of(chat_id: int, limits: Limits) -> tuple[float, float]:
    """Return rate per second and burst of a chat."""
    return (limits.chat_rate, limits.chat_burst) if chat_id > 0 else (limits.group_rate / 60, limits.group_burst)


def best_ages(tokens: float, rate: float) -> list[float]:
    """Return when the best sender without foresight calls, far beyond the horizon too."""
    _, ages = without_foresight(Lengths(), bucket(tokens, rate), then_per_s=rate)
    return [*ages, *(ages[-1] + i / rate for i in range(1, 4000))]


def compare(replies: Sequence[Reply], ages: Sequence[float]) -> tuple[float, float]:
    """Return the mean lag of these replies, and what the best fixed list of ages reaches on them."""
    reached = fmean(mean_lag(reply.trace) for reply in replies)
    return reached, fmean(replay(reply.trace, ages, round_trip_s=ROUND_TRIP_S) for reply in replies)


def main() -> None:
    """Print the tables."""
    rng = random.Random(1)
    lasting = durations(rng, REPLIES, Lengths())
    print(
        f"{'chat':8}{'tokens':>7} {'stream':14}{'mean lag':>9}{'list':>8}{'ratio':>7}{'clairv.':>9}{'calls':>7}{'429':>5}"
    )
    for name, chat_id in (("private", 1), ("group", -1)):
        rate, burst = bucket_of(chat_id, Limits())
        for stream_name, share in [*((stream, 1.0) for stream in STREAMS), *(("60/s", share) for share in SHARES)]:
            tokens = max(2.0, share * burst)
            ages = best_ages(tokens, rate)
            replies, refusals = alone(
                chat_id, [Reply(STREAMS[stream_name](rng, each)) for each in lasting], tokens=tokens, rng=rng
            )
            lag, reachable = compare(replies, ages)
            foreseen = fmean(
                clairvoyant(reply.trace, bucket(tokens, rate), round_trip_s=ROUND_TRIP_S) for reply in replies
            )
            ratio = lag / reachable if reachable else 1.0
            calls = fmean(reply.calls for reply in replies)
            print(
                f"{name:8}{tokens:7.1f} {stream_name:14}{lag:9.3f}{reachable:8.3f}{ratio:7.3f}{foreseen:9.3f}"
                f"{calls:7.1f}{refusals:5}"
            )
    print(
        f"\n{'chats':>6} {'replies':22}{'mean lag':>9}{'bound':>8}{'ratio':>7}{'worst':>7}{'first':>8}{'finish':>8}{'429':>5}"
    )
    for count, seconds in ((10, 400.0), (100, 240.0), (500, 240.0)):
        for name, duration_s in (("as distributed", None), ("8.8 s each", 8.8)):
            chats, refusals = together(count, seconds, group=False, duration_s=duration_s, per_s=30, rng=rng)
            rate = min(Limits().chat_rate, Limits().bot_rate / count)
            ages = best_ages(min(Limits().chat_burst, Limits().bot_rate / count), rate)
            replies = [reply for chat in chats for reply in chat.done]
            lag, reachable = compare(replies, ages)
            means = [fmean(mean_lag(reply.trace) for reply in chat.done) for chat in chats if chat.done]
            first = median(reply.shown[0][0] - reply.arrivals[0] for reply in replies)
            finish = median(reply.finished_at - reply.free_at for reply in replies)
            print(
                f"{count:6} {f'{len(replies)} {name}':22}{lag:9.3f}{reachable:8.3f}{lag / reachable:7.3f}"
                f"{max(means) / fmean(means):7.2f}{first:8.3f}{finish:8.3f}{refusals:5}"
            )


if __name__ == "__main__":
    main()
