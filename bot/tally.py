"""Tally: what a process has counted since it began, for whoever asks how it fares.

Whoever does something counts it here by one line; nothing is read from it but by `bot.report`.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)  # of a histogram's buckets

LOOKS = ("getUpdates", "getWebhookInfo")  # methods that are called though nothing happens


@dataclass(slots=True)
class Spread:
    """How long something took: how often up to each of `BOUNDS_S` and beyond, and all of it together."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Tally:
    """Counts by labels, and when something was last well (`Clock.now`; None: not yet, or nothing is amiss)."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # method, outcome
    call_s: Spread = field(default_factory=Spread)  # without long polling
    updates: Counter[str] = field(default_factory=Counter)  # by how they came
    posts: Counter[int] = field(default_factory=Counter)  # to the webhook, by the status of the answer
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)  # provider, outcome
    first_s: defaultdict[str, Spread] = field(default_factory=lambda: defaultdict(Spread))  # to the first text
    finish_s: defaultdict[str, Spread] = field(default_factory=lambda: defaultdict(Spread))  # to the end
    tokens: Counter[tuple[str, str]] = field(default_factory=Counter)  # provider, kind
    costs: Counter[str] = field(default_factory=Counter)  # of answers, in 10^-12 of a dollar, where they are known
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)  # provider, class of the error
    unseen_s: float = 0.0  # for so much longer than a minute the webhook may be left alone now
    updates_well_at: float | None = None  # updates were asked for, or the webhook was seen to stand
    failing_since: float | None = None  # since then no call was answered
    hooked_at: float | None = None  # somebody else had set a webhook, or changed ours
    pending: int | None = None  # updates that wait at Telegram for the webhook, as it last said
    lag_s: float = 0.0  # of the event loop, last seen
    worst_lag_s: float = 0.0
    happened: Callable[[], None] = lambda: None  # called with updates, and each call that does not only look for news

    def came(self, by: str, count: int) -> None:
        """Count updates that are in the rows; `by`: how they came."""
        self.updates[by] += count
        if count:
            self.happened()

    def called(self, method: str, outcome: str, seconds: float, *, now: float) -> None:
        """Count a call to Telegram; `outcome`: ok, flood, refused or unanswered."""
        self.calls[method, outcome] += 1
        if outcome == "unanswered":
            self.failing_since = now if self.failing_since is None else self.failing_since
            return
        self.failing_since = None
        if method not in LOOKS:
            self.happened()
        if method == "getUpdates":
            if outcome == "ok":
                self.updates_well_at = now
        else:
            self.call_s.add(seconds)

    def ended(
        self,
        provider: str,
        outcome: str,
        *,
        first_s: float | None,
        seconds: float,
        tokens: tuple[int, int] = (0, 0),
        cost: int = 0,
    ) -> None:
        """Count an answer that a provider was asked for; `tokens`: of the prompt, and of what was said."""
        self.answers[provider, outcome] += 1
        self.finish_s[provider].add(seconds)
        self.tokens[provider, "prompt"] += tokens[0]
        self.tokens[provider, "completion"] += tokens[1]
        self.costs[provider] += cost
        if first_s is not None:
            self.first_s[provider].add(first_s)
