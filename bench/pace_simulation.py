"""The bot's slots under a simulated clock: hours of streaming are seconds of computing.

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
from bench.pace_slots import SimulatedClock, Wisher
from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.pace.streams import Streams
from bot.delivery.priority import Priority
from bot.delivery.slots.slots import Slots

TINY_S = 1e-9
LOOK_S = 1e-5  # from one look at what waits to the next, as in a process
MINUTE_S = 60.0
ROUND_TRIP_S = 0.08
JITTER = 0.3  # of half a round trip, each way
CHARACTERS = 5.3  # of a delta
PAUSE_S = 2.0  # from the end of a reply to the first delta of the next


@dataclass(slots=True, eq=False)
class Reply:
    """One reply: when its deltas come, what its reader saw when."""

    arrivals: list[float]
    size: float = CHARACTERS  # of a delta
    shown: list[tuple[float, int]] = field(default_factory=list)
    calls: int = 0
    sent: int = 0  # deltas in the last call that was made
    ended: bool = False
    free_at: float = 0.0  # when nothing was in the way of the final text any more, but budget
    finished_at: float = 0.0

    @property
    def trace(self) -> Trace:
        """The reply as the bounds take it; each delta is one character."""
        return Trace([(at, i) for i, at in enumerate(self.arrivals, start=1)], self.shown)

    @property
    def behind_since(self) -> float:
        """When the oldest delta came, or will come, that no call has shown."""
        return self.arrivals[self.sent] if self.sent < len(self.arrivals) else math.inf


@dataclass(slots=True, eq=False)
class Chat:
    """One chat and its replies, one after the other; `wisher` stands for the present one at the slots."""

    id: int
    replies: list[Reply]
    done: list[Reply] = field(default_factory=list)
    pause_s: Callable[[], float] = lambda: PAUSE_S
    wisher: Wisher | None = None

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
    """Runs chats through the bot's slots, as replies and delivery do: a reply calls again when its call has landed."""

    def __init__(self, chats: Sequence[Chat], limits: Limits, server: Server, rng: random.Random) -> None:
        self.budget = Budget(limits, 0.0)
        self._clock = SimulatedClock()
        self._streams = Streams()
        self._slots = Slots(self.budget, self._streams, self._clock)
        self._chats = {chat.id: chat for chat in chats}
        self._server = server
        self._rng = rng
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def _now(self) -> float:
        return self._clock.time

    def run(self, until: float = math.inf) -> None:
        """Run until all replies are finished, or until then."""
        for chat in self._chats.values():
            self._begin(chat)
        wake_at = self._now
        while self._now < until and (self._events or wake_at < math.inf):
            while self._events and self._events[0][0] <= self._now:
                heapq.heappop(self._events)[2]()
            while (granted := self._slots.next(self._now))[0] is not None:
                self._grant(self._chats[granted[0].chat_id])
            wake_at = math.inf if granted[1] is None else self._now + granted[1]
            event_at = self._events[0][0] if self._events else math.inf
            self._clock.time = max(self._now + LOOK_S, min(event_at, wake_at))

    def spend(self, chat_id: int, calls: int, rest_s: float) -> None:
        """Make some calls before anything else, then let time pass."""
        for _ in range(calls):
            self.budget.spend(chat_id, Priority.NOTICE, self._now)
            self._server.carry_out(chat_id, self._now)
            self.budget.ended(chat_id, 0.0, self._now)
        self._clock.time += rest_s

    def _at(self, when: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), event))

    def _begin(self, chat: Chat) -> None:
        reply = chat.reply
        reply.arrivals = [self._now + age for age in reply.arrivals]
        chat.wisher = wisher = Wisher(chat.id, reply.arrivals, self._slots, self._streams, size=reply.size)
        self._at(reply.arrivals[0], partial(self._open, chat, wisher))
        self._at(reply.arrivals[-1], partial(self._end, chat, wisher))

    def _open(self, chat: Chat, wisher: Wisher) -> None:
        wisher.begin(self._now)
        self._listen(chat, wisher)

    def _listen(self, chat: Chat, wisher: Wisher) -> None:
        """Take word of a delta, and of the next one that may matter."""
        if chat.wisher is not wisher or chat.reply.ended:
            return
        if not wisher.is_waiting and wisher.is_landed and chat.reply.behind_since <= self._now:
            wisher.wish(Priority.PROGRESS, behind_since=chat.reply.behind_since, now=self._now)
        next_at = wisher.heard(self._now)
        if next_at < math.inf:
            self._at(next_at, partial(self._listen, chat, wisher))

    def _end(self, chat: Chat, wisher: Wisher) -> None:
        chat.reply.ended = True
        chat.reply.free_at = self._now
        wisher.finish(self._now)
        if wisher.is_landed and not wisher.is_waiting:
            wisher.wish(Priority.FINAL, behind_since=self._now, now=self._now)

    def _grant(self, chat: Chat) -> None:
        reply, wisher = chat.reply, chat.wisher
        assert wisher is not None
        before, is_final = reply.sent, reply.ended and bool(reply.shown)
        wisher.granted(self._now)
        reply.sent = bisect_right(reply.arrivals, self._now)
        reply.calls += 1
        there, back = (ROUND_TRIP_S / 2 * self._rng.uniform(1 - JITTER, 1 + JITTER) for _ in range(2))
        call = partial(self._carry_out, chat, wisher, before, began=self._now, back=back, is_final=is_final)
        self._at(self._now + there, call)

    def _carry_out(self, chat: Chat, wisher: Wisher, before: int, *, began: float, back: float, is_final: bool) -> None:
        held_s, retry_after_s = self._server.carry_out(chat.id, self._now)
        if retry_after_s:
            chat.reply.sent = before
        else:
            chat.reply.shown.append((self._now + held_s, chat.reply.sent))
        is_over = is_final and not retry_after_s
        ended = partial(self._ended, chat, wisher, began=began, retry_after_s=retry_after_s, is_over=is_over)
        self._at(self._now + held_s + back, ended)

    def _ended(self, chat: Chat, wisher: Wisher, *, began: float, retry_after_s: int, is_over: bool) -> None:
        reply = chat.reply
        self.budget.ended(chat.id, self._now - began, self._now)
        if retry_after_s:
            self.budget.refused(chat.id, retry_after_s, self._now)
        wisher.landed(made=not retry_after_s)
        if is_over:
            wisher.close()
            reply.finished_at = reply.shown[-1][0]
            chat.done.append(reply)
            if len(chat.done) < len(chat.replies):
                self._at(self._now + chat.pause_s(), partial(self._begin, chat))
            return
        reply.free_at = max(reply.free_at, self._now)
        if reply.ended:
            wisher.wish(Priority.FINAL, behind_since=min(reply.behind_since, self._now), now=self._now)
        elif retry_after_s or reply.behind_since <= self._now:
            wisher.wish(Priority.PROGRESS, behind_since=min(reply.behind_since, self._now), now=self._now)


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
