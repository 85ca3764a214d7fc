"""Health: how the last answers of each provider and model went, and which providers are left alone for a while.

It is passive: nothing is asked for its sake. It is known of a provider by its id, so it outlasts the instance when the
configuration is read anew, and as JSON the process.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from enum import StrEnum
from random import Random

from providers.base import Clock
from providers.care.breaker import Breaker
from providers.errors import (
    Blocked,
    NoConnection,
    OutOfCredit,
    ProviderError,
    RateLimited,
    SignInFailed,
    TimedOut,
)

RECENT = 20  # answers that are kept of a provider's model
MAX_MODELS = 50  # of a provider; the one that was asked longest ago goes
NEWS_S = 600.0  # a failure is news for so long; then only a further one counts
GAP_S = 3600.0  # failures that are further apart are two troubles
LONGEST_REST_S = 2 * 24 * 3600.0
LEAST_S = 0.5  # an answer that took less tells nothing of its speed


class Cause(StrEnum):
    """Why a provider fails, as its users are told."""

    KEY = "key"
    CREDIT = "credit"
    LIMIT = "limit"
    BLOCKED = "blocked"
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    FAILING = "failing"


CAUSES: Mapping[type[ProviderError], Cause] = {
    SignInFailed: Cause.KEY,
    OutOfCredit: Cause.CREDIT,
    RateLimited: Cause.LIMIT,
    Blocked: Cause.BLOCKED,
    TimedOut: Cause.SLOW,
    NoConnection: Cause.UNREACHABLE,
}
_MENDED = (Cause.KEY, Cause.CREDIT)  # by the operator, who then starts the bot again


@dataclass(frozen=True, slots=True)
class Result:
    """How one answer went: when it ended (Unix seconds), seconds to its first text and of the whole, its tokens; why it
    failed, where it did.
    """

    at: float
    first_s: float | None = None
    seconds: float = 0.0
    tokens: int = 0
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Fares:
    """The last answers in short: how many, how many of them failed, the means of the rest; None where none tells it."""

    answers: int
    failed: int
    first_s: float | None
    tokens_per_s: float | None
    last: Cause | None

    def __str__(self) -> str:
        """Say it to an operator."""
        said = [f"{self.answers - self.failed} of the last {self.answers} answers came"]
        said.append("" if self.first_s is None else f"first text after {self.first_s:.1f} s")
        said.append("" if self.tokens_per_s is None else f"{self.tokens_per_s:.0f} tokens/s")
        said.append(f"the last failure: {self.last}" if self.last else "")
        return ", ".join(filter(None, said))


def cause_of(error: Exception | None) -> Cause:
    """Return why a provider failed."""
    return next((cause for kind, cause in CAUSES.items() if isinstance(error, kind)), Cause.FAILING)


class Health:
    """What is known of all providers, by id."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._results: dict[str, dict[str, deque[Result]]] = {}
        self._breakers: dict[str, Breaker] = {}
        self._last: dict[str, Result] = {}  # also what was no answer: a look at the list of models
        self._since: dict[str, tuple[float, float]] = {}  # first and last of the failures since its last answer
        self._rests: dict[str, float] = {}  # of keys that are limited, by what is known of the key: Unix seconds
        self._forgiven_at = -1.0
        self.changes = 0

    def breaker(self, provider: str) -> Breaker:
        """Return what decides whether a provider is asked, the same one for all who ask."""
        if provider not in self._breakers:
            self._breakers[provider] = Breaker(self._clock, self._random)
        return self._breakers[provider]

    def note(
        self,
        provider: str,
        model: str | None = None,
        *,
        first_s: float | None = None,
        seconds: float = 0.0,
        tokens: int = 0,
        cause: Cause | None = None,
    ) -> None:
        """Note how an answer went."""
        models = self._results.setdefault(provider, {})
        results = models.pop(model or "", None) or deque[Result](maxlen=RECENT)
        self._last[provider] = Result(self._clock.wall(), first_s, seconds, tokens, cause)
        results.append(self._last[provider])
        self._go_on(provider, self._last[provider])
        models[model or ""] = results
        if len(models) > MAX_MODELS:
            models.pop(next(iter(models)))
        self.changes += 1

    def mark(self, provider: str, cause: Cause) -> None:
        """Note that a provider would fail, as something else than a question showed."""
        self._last[provider] = Result(self._clock.wall(), cause=cause)
        self._go_on(provider, self._last[provider])

    def rest(self, key: str, seconds: float) -> None:
        """Note that a limited key of a service rests; `key` stands for it, and does not tell it."""
        wall = self._clock.wall()
        self._rests = {each: until for each, until in self._rests.items() if until > wall} | {key: wall + seconds}
        self.changes += 1

    def rests_s(self, key: str) -> float:
        """Return for how many seconds a key rests yet."""
        return max(0.0, self._rests.get(key, 0.0) - self._clock.wall())

    def forgive(self) -> None:
        """Take former failures for no news, and ask everybody again: the operator has changed something."""
        self._rests.clear()
        self._since.clear()
        self._forgiven_at = self._clock.wall()
        for breaker in self._breakers.values():
            breaker.answered()
        self.changes += 1

    def cause(self, provider: str) -> Cause | None:
        """Return why the last call of a provider failed, not long ago; None where it did not."""
        last = self._last.get(provider)
        if last is None or last.at <= self._forgiven_at or abs(self._clock.wall() - last.at) >= NEWS_S:
            return None
        return last.cause

    def failing_since(self, provider: str) -> float | None:
        """Return when the failures began that no answer has ended (Unix seconds), None where there are none."""
        since = self._since.get(provider)
        return since[0] if since else None

    def fares(self, provider: str, model: str | None = None) -> Fares | None:
        """Return how a provider, or one of its models, fared of late; None where nothing is known."""
        of = self._results.get(provider, {}).get(model) if model is not None else self._all(provider)
        results = sorted(of or (), key=lambda result: result.at)[-RECENT:]
        if not results:
            return None
        failures = [result.cause for result in results if result.cause]
        told = [result for result in results if result.cause is None and result.first_s is not None]
        paces = [
            result.tokens / (result.seconds - result.first_s)
            for result in told
            if result.tokens and result.first_s is not None and result.seconds - result.first_s >= LEAST_S
        ]
        first = [result.first_s for result in told if result.first_s is not None]
        return Fares(
            len(results),
            len(failures),
            sum(first) / len(first) if first else None,
            sum(paces) / len(paces) if paces else None,
            failures[-1] if failures else None,
        )

    def models(self, provider: str) -> list[str]:
        """Return the models of which something is known, "" where the provider has none."""
        return list(self._results.get(provider, {}))

    def is_left_alone(self, provider: str) -> bool:
        """Tell whether a provider is not asked now where another one can be."""
        breaker = self._breakers.get(provider)
        return breaker is not None and not breaker.is_closed

    def _go_on(self, provider: str, result: Result) -> None:
        """Note that a provider failed again, or that its failures have ended."""
        if result.cause is None:
            self._since.pop(provider, None)
            return
        first, last = self._since.get(provider, (result.at, result.at))
        self._since[provider] = (first if result.at - last < GAP_S else result.at, result.at)

    def _all(self, provider: str) -> list[Result]:
        return [result for results in self._results.get(provider, {}).values() for result in results]

    def to_json(self) -> dict[str, object]:
        """Return all that is to outlast the process: a refused key, and an empty account, are tried anew."""
        open_until = {
            provider: (self._clock.wall() + breaker.ends_in_s, breaker.openings)
            for provider, breaker in self._breakers.items()
            if not breaker.is_closed and self.cause(provider) not in _MENDED
        }
        results = {
            provider: {model: [astuple(result) for result in results] for model, results in models.items()}
            for provider, models in self._results.items()
        }
        return {"results": results, "open": open_until, "rests": self._rests, "forgiven_at": self._forgiven_at}

    def take(self, said: object) -> None:
        """Take what a former process wrote; what cannot be read of it is left out."""
        for provider, model, result in _results_in(said):
            self._results.setdefault(provider, {}).setdefault(model, deque(maxlen=RECENT)).append(result)
            if provider not in self._last or result.at >= self._last[provider].at:
                self._last[provider] = result
        with suppress(TypeError, ValueError, AttributeError, KeyError):
            if isinstance(said, dict):
                self._forgiven_at = float(said["forgiven_at"])
                for provider, (until, openings) in said["open"].items():
                    self.breaker(str(provider)).open(float(until) - self._clock.wall(), int(openings))
                for provider in self._results:
                    for result in sorted(self._all(provider), key=lambda result: result.at):
                        if result.at > self._forgiven_at:
                            self._go_on(provider, result)
                longest = self._clock.wall() + LONGEST_REST_S
                self._rests = {str(key): min(float(until), longest) for key, until in said["rests"].items()}


def _results_in(said: object) -> Iterator[tuple[str, str, Result]]:
    with suppress(TypeError, ValueError, AttributeError, KeyError):
        if isinstance(said, dict):
            for provider, models in said["results"].items():
                for model, results in models.items():
                    for at, first_s, seconds, tokens, cause in results:
                        first = None if first_s is None else float(first_s)
                        told = Result(float(at), first, float(seconds), int(tokens), Cause(cause) if cause else None)
                        yield str(provider), str(model), told
