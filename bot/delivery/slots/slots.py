"""Slots: which of the waiting wishes may call now, one at a time in a chat."""

import asyncio
import math
from collections import Counter, defaultdict

from bot.clock import Clock
from bot.delivery.budget.budget import Budget
from bot.delivery.pace.pace import bot_reserve, waits
from bot.delivery.pace.streams import Streams
from bot.delivery.priority import Priority
from bot.delivery.slots.agenda import Agenda
from bot.delivery.slots.waiting import Waiting
from bot.delivery.wish import Wish

NOTICES_IN_A_ROW = 2  # then a final text of that chat goes first
SOON_S = 1e-6  # a wait that the clock cannot tell from none would be looked at again at the same time, for ever
IDLE_LEVEL = 4.0  # calls that a chat's bucket must hold before an idle one is made; of a window half must be free
MOST_LEISURE_S = 0.3  # in which deltas are left where they are: they are known to have come in it, not when
CLOSE_S = 0.01  # before a call may be due, deltas are read as they come
IN_FLIGHT_S = 0.04  # the same while a call is under way, whose end nobody knows
IDLE_EVERY_S = 0.2  # in the whole bot: a crowd of strangers that is refused takes little of the machine from others


class Slots:
    """Holds the wishes that wait and grants them by budget, priority and pace; `changed` says to look again."""

    def __init__(self, budget: Budget, streams: Streams, clock: Clock) -> None:
        self._budget = budget
        self._streams = streams
        self._clock = clock
        self._agenda: Agenda[Waiting] = Agenda(split_at=Priority.PROGRESS)
        self._waiting: defaultdict[int, list[Waiting]] = defaultdict(list)
        self._busy: set[int] = set()  # chats with a call in flight
        self._notice_run: Counter[int] = Counter()  # notices in a row, by chat
        self._held: set[int] = set()  # chats in which nothing idle goes
        self._idle_at = 0.0  # when the next idle call may be made
        self._next_at = math.inf  # when `next` is asked again though nothing has changed
        self.changed = asyncio.Event()

    def waiting(self, chat_id: int) -> list[Waiting]:
        """Return what waits in a chat."""
        return self._waiting.get(chat_id, [])

    def enter(self, one: Waiting) -> None:
        """Let a wish wait."""
        self._waiting[one.chat_id].append(one)
        if self._put(one, self._clock.now()) < self._next_at:
            self.changed.set()

    def leave(self, one: Waiting) -> None:
        """Take a wish out: it was granted or withdrawn."""
        self._agenda.strike(one)
        here = self._waiting[one.chat_id]
        here.remove(one)
        if not here:
            del self._waiting[one.chat_id]

    def reconsider(self, wish: Wish, *, delta: bool = False) -> None:
        """Look at a wish again if it waits: its text is whole, or (`delta`) more of it has come."""
        for one in self.waiting(wish.chat_id):
            if one.wish is not wish or one not in self._agenda:
                continue
            now = self._clock.now()
            if not delta or (one.priority is Priority.PROGRESS and one.settled_until <= now < one.due_at):
                self._agenda.put(one, now)
                self.changed.set()

    def leisure_s(self, wish: Wish) -> float:
        """Return for how many seconds no delta can bring a call for this wish nearer; 0: it may at any time."""
        for one in self.waiting(wish.chat_id):
            if one.wish is wish:
                left_s = one.settled_until - self._clock.now() - CLOSE_S
                return min(MOST_LEISURE_S, left_s) if one.priority is Priority.PROGRESS and left_s > 0 else 0.0
        return IN_FLIGHT_S if wish.chat_id in self._busy else 0.0

    def next(self, now: float) -> tuple[Waiting | None, float | None]:
        """Return what to grant now, or how long to wait for the next (None: until something changes)."""
        while True:
            self._agenda.advance(now)
            wait = self._budget.bot_ready_in(1, now)
            one = self._agenda.pop(behind=False) if wait <= 0 else None
            if one is None and not self._agenda.has_ready(behind=False):
                wait = self._budget.bot_ready_in(1 + bot_reserve(self._streams.total(), self._budget.bot_rate), now)
                one = self._agenda.pop(behind=True) if wait <= 0 else None
            if one is None:
                is_ready = self._agenda.has_ready(behind=False) or self._agenda.has_ready(behind=True)
                next_at = self._agenda.next_at()
                waits = [*([wait] if is_ready else []), *([next_at - now] if next_at is not None else [])]
                wait = max(0.0, min(waits, default=math.inf))
                self._next_at = now + wait
                return None, wait if waits else None
            if (wait := self._wait_for(one, now)) <= SOON_S:
                return one, None
            self._agenda.put(one, now + wait)

    def take(self, one: Waiting, now: float) -> None:
        """Begin a call: no other of its chat goes until `free`."""
        self._budget.spend(one.chat_id, one.priority, now)
        self._busy.add(one.chat_id)
        if one.priority is Priority.IDLE:
            self._idle_at = now + IDLE_EVERY_S
        if one.priority is Priority.NOTICE:
            self._notice_run[one.chat_id] += 1
        else:
            self._notice_run.pop(one.chat_id, None)
        for other in self.waiting(one.chat_id):
            self._agenda.strike(other)

    def free(self, chat_id: int) -> None:
        """End a call."""
        self._busy.discard(chat_id)
        if not self.waiting(chat_id):
            self._notice_run.pop(chat_id, None)
        for other in self.waiting(chat_id):
            self._put(other, self._clock.now())
        self.changed.set()

    def hold(self, chat_id: int) -> None:
        """Let nothing idle go in a chat until `release`: notices wait for it that do not wait here yet."""
        self._held.add(chat_id)
        for one in self.waiting(chat_id):
            if one.priority is Priority.IDLE:
                self._agenda.strike(one)

    def release(self, chat_id: int) -> None:
        """End what `hold` began."""
        self._held.discard(chat_id)
        for one in self.waiting(chat_id):
            if one.priority is Priority.IDLE:
                self._put(one, self._clock.now())
        self.changed.set()

    def _put(self, one: Waiting, now: float) -> float:
        """Have a wish looked at, and return when; not now where `free` or `release` will do so."""
        others = self._waiting[one.chat_id]
        one.gives_way = (
            one.priority is Priority.NOTICE
            and self._notice_run.get(one.chat_id, 0) >= NOTICES_IN_A_ROW
            and any(other.priority is Priority.FINAL for other in others)
        )
        if one.chat_id in self._busy or (one.priority is Priority.IDLE and one.chat_id in self._held):
            return math.inf
        is_progress = one.priority is Priority.PROGRESS  # looked at now: how long deltas are of no account is known
        at = now + (self._wait_for(one, now) if is_progress else max(0.0, one.not_before - now))
        self._agenda.put(one, at)
        return at

    def _wait_for(self, one: Waiting, now: float) -> float:
        """Return the seconds until a wish may be granted, by budget and pace; other wishes apart."""
        not_before = max(one.not_before, one.wish.progress.not_before)
        wait = max(not_before - now, self._budget.ready_in(one.chat_id, one.priority, now))
        if one.priority < Priority.PROGRESS:
            return wait
        supply = self._budget.supply(one.chat_id, now)
        if one.priority is Priority.IDLE:
            halves_s = (window.ready_in(len(window.free_in_s) / 2) for window in supply.windows)
            level_s = (min(IDLE_LEVEL, supply.burst) - supply.tokens) / supply.rate
            return max(wait, self._idle_at - now, level_s, *halves_s)
        streams, progress = self._streams, one.wish.progress
        reserve = min(streams.of(one.chat_id) + progress.spare, supply.burst - 1)  # in a forum with many topics
        outlook = progress.outlook(
            supply,
            now,
            habits=streams.habits(one.chat_id),
            prices=streams.prices(one.chat_id, supply),
            streams=streams.total(),
            here=streams.of(one.chat_id),
            reserve=reserve,
        )
        due_s, settled_s = waits(outlook)
        wait = max(wait, due_s)
        one.settled_until, one.due_at = now + settled_s, now + wait
        return wait
