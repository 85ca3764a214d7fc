"""Allowance: what one chat may call: a bucket, windows, the pause and the slower rate that a 429 brought."""

import math
from collections.abc import Callable, Iterable, Iterator

from bot.delivery.budget.bucket import Bucket, Window

LEAST_SHARE = 1 / 16  # of the configured rate, however often a chat was refused
LONGEST_S = 3600.0  # that a pause is obeyed without asking again
RECOVERY_S = 600.0  # in which a rate creeps back from nothing to the configured one,
MOST_DOUBTS = 4  # and in twice that time after each further lowering, so often
SWEEP = 1024  # chats; beyond, idle ones are forgotten


class Allowance:
    """What one chat may call of one family of methods."""

    def __init__(self, bucket: Bucket, windows: Iterable[Window] = (), *, strict: bool = True) -> None:
        self.bucket = bucket
        self.windows = tuple(windows)
        self.strict = strict  # the windows hold; else they only count
        self.full_rate = bucket.rate
        self.paused_until = -math.inf
        self.invited = False  # when the pause is over, one call may go: the server named that moment
        self._crept_at = -math.inf
        self._doubts = -1  # lowerings in a row, without the first one
        self._empty_at = -math.inf  # the server had nothing left
        self._made = 0  # calls since then

    def ready_in(self, now: float) -> float:
        """Return the seconds until a call may be made; 0 = now."""
        if self.invited:
            return max(0.0, self.paused_until - now)
        window_s = max((window.ready_in(1, now) for window in self.windows), default=0.0) if self.strict else 0.0
        return max(self.bucket.ready_in(1, now), window_s)

    def take(self, now: float) -> None:
        """Hold what a call costs that starts now."""
        self.creep(now)
        if self.invited:
            self.bucket.fill(1, now)
            self.invited = False
        self.bucket.take()
        for window in self.windows:
            window.take()

    def settle(self, now: float, *, made: bool) -> None:
        """Let go of what a call held, and charge it if it was made."""
        self.bucket.settle(now, made=made)
        self._made += made
        for window in self.windows:
            window.settle(now, made=made)

    def recall(self, at: float, since: float) -> None:
        """Charge a call of an earlier process; of a new allowance nothing is known before `since`.

        A call from before a level that is known is part of that.
        """
        if self.bucket.at == since:
            self.bucket.drain(since)
        if at >= self.bucket.at:
            self.creep(at)
            self.bucket.take()
            self.bucket.settle(at)
        for window in self.windows:
            window.take()
            window.settle(at)

    def spent_until(self, at: float) -> None:
        """Believe of a new allowance that nothing was left at a time, spent evenly."""
        self.bucket.drain(at)
        for window in self.windows if self.strict else ():
            for place in range(1, window.calls + 1):
                window.take()
                window.settle(at - window.span_s * (1 - place / window.calls))

    def pause(self, wait_s: float, now: float) -> None:
        """Allow nothing for so long. After an hour one call asks whether that is still meant, and then every hour."""
        self.paused_until = max(self.paused_until, now + min(wait_s, LONGEST_S))
        self.invited = True

    def lower(self, factor: float, now: float, *, again_in_s: float = 0.0) -> None:
        """Slow down: the server has nothing left, or will have nothing after one call in `again_in_s`.

        What it took between two such moments it had refilled: its rate is that at the least.
        """
        self.creep(now)
        self.bucket.drain(now)
        empty_at = now + again_in_s
        least = self._made / (empty_at - self._empty_at) if empty_at > self._empty_at else 0.0
        rate = max(self.bucket.rate * factor, self.full_rate * LEAST_SHARE, least)
        self.bucket.change_rate(min(self.bucket.rate, rate), now)
        self._doubts = min(MOST_DOUBTS, self._doubts + 1)
        self._empty_at, self._made = empty_at, -1 if again_in_s else 0

    def creep(self, now: float) -> None:
        """Raise a lowered rate by what the time since the last time is worth."""
        if self.bucket.rate < self.full_rate:
            gained = self.full_rate * max(0.0, now - self._crept_at) / (RECOVERY_S * 2 ** max(0, self._doubts))
            self.bucket.change_rate(min(self.full_rate, self.bucket.rate + gained), now)
        else:
            self._doubts = -1
        self._crept_at = now

    def idle(self, now: float) -> bool:
        """Tell whether a new allowance would be the same."""
        self.creep(now)
        return (
            now >= self.paused_until
            and self.bucket.rate >= self.full_rate
            and self.bucket.full(now)
            and all(window.empty(now) for window in self.windows)
        )


class Allowances:
    """Allowances by Telegram's chat id: the topics of a chat share one. Idle ones are forgotten."""

    def __init__(self, make: Callable[[int, float], Allowance]) -> None:
        self._make = make
        self._by_chat: dict[int, Allowance] = {}
        self._sweep_at = SWEEP
        self._unknown_until: float | None = None

    @property
    def are_doubted(self) -> bool:
        """Whether it is not known what was called before."""
        return self._unknown_until is not None

    def doubt(self, until: float) -> None:
        """Believe of all, before the first one is made, that nothing was left then: nobody knows what was called."""
        self._unknown_until = until

    def at(self, chat_id: int, now: float) -> Allowance:
        """Return the allowance of a chat."""
        if (allowance := self._by_chat.get(chat_id)) is None:
            if len(self._by_chat) >= self._sweep_at:
                self._by_chat = {
                    known: allowance for known, allowance in self._by_chat.items() if not allowance.idle(now)
                }
                self._sweep_at = max(SWEEP, 2 * len(self._by_chat))
            until = self._unknown_until
            allowance = self._by_chat[chat_id] = self._make(chat_id, now if until is None else until)
            if until is not None:
                allowance.spent_until(until)
        return allowance

    def __iter__(self) -> Iterator[Allowance]:
        """Iterate over what is remembered."""
        return iter(self._by_chat.values())

    def __len__(self) -> int:
        return len(self._by_chat)
