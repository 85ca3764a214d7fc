"""The figures of a scene, from what was recorded of it, beside the bounds."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean

from bench import shared
from bench.bounds import Lengths, Permits, bucket, clairvoyant, replay, window, with_borders, without_foresight
from bench.ledger import Rule, free_at, rule
from bench.record import Reply, percentile, replies
from bench.scene import Recording, Scene
from bench.stage import ROUND_TRIP_S
from telegram_playground.limits.flood_limits import Limits

DRAFT_WINDOWS = ((20, 5.0), (40, 30.0))  # calls in seconds
LENGTHS = Lengths()
GRAIN = 0.25  # of tokens, so that fewer lists of ages have to be searched for


@dataclass(frozen=True, slots=True)
class Measured:
    """A reply and the bounds on its visible lag."""

    reply: Reply
    listed_s: float
    foreseen_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a scene has shown: seconds, means over its replies.

    `share`: calls that the bot could spend on a reply, where many chats share them; then both bounds are those of all.
    """

    scene: Scene
    measured: Sequence[Measured]
    cpu_s: float
    began_mb: float
    peak_mb: float
    late_s: float
    share: float | None = None

    def where(self, condition: Callable[[Reply], bool]) -> "Figures":
        """Return the figures of some replies only."""
        return replace(self, measured=[each for each in self.measured if condition(each.reply)])

    def mean(self, value: Callable[[Reply], float | None]) -> float:
        """Return the mean of something over those replies that have it."""
        return _mean(value(each.reply) for each in self.measured)

    def total(self, value: Callable[[Reply], float]) -> int:
        """Return the sum of something over all replies."""
        return round(sum(value(each.reply) for each in self.measured))

    def most(self, value: Callable[[Reply], float | None]) -> float:
        """Return the greatest of something."""
        return max((found for each in self.measured if (found := value(each.reply)) is not None), default=float("nan"))

    @property
    def listed_s(self) -> float:
        """The mean lag of the best sender without foresight."""
        alone = _mean(each.listed_s for each in self.measured)
        if self.share is None:
            return alone
        traces = [each.reply.trace for each in self.measured]
        return max(alone, shared.without_foresight(traces, self.share, LENGTHS, round_trip_s=ROUND_TRIP_S))

    @property
    def foreseen_s(self) -> float:
        """The least mean lag of any sender."""
        alone = _mean(each.foreseen_s for each in self.measured)
        if self.share is None:
            return alone
        traces = [each.reply.trace for each in self.measured]
        return max(alone, shared.clairvoyant(traces, self.share, round_trip_s=ROUND_TRIP_S))

    @property
    def worst_chat(self) -> float:
        """The worst chat's lag over its bound, over the mean of that over all chats."""
        chats: defaultdict[str, list[Measured]] = defaultdict(list)
        for each in self.measured:
            chats[each.reply.chat].append(each)
        ratios = [
            sum(each.reply.lag_s for each in chat) / sum(each.listed_s for each in chat) for chat in chats.values()
        ]
        return max(ratios) / fmean(ratios)


def figures(recording: Recording) -> Figures:
    """Work the figures of a scene out."""
    scene, limits = recording.scene, limits_of(recording.scene)
    chat_rule, bot_rule = rule(limits, group=scene.group), Rule(limits.bot_per_s, limits.bot_burst)
    soonest: dict[int, float] = {}
    for calls in recording.calls.values():
        soonest |= free_at(calls, chat_rule, bot_rule)
    found = replies(recording, soonest)
    return Figures(
        scene,
        [
            Measured(
                reply,
                replay(reply.trace, listed(scene, reply), round_trip_s=ROUND_TRIP_S),
                clairvoyant(reply.trace, _permits(scene, reply), round_trip_s=ROUND_TRIP_S),
            )
            for reply in found
        ],
        cpu_s=recording.cpu_s / len(recording.asked),
        began_mb=recording.began_mb,
        peak_mb=recording.peak_mb,
        late_s=percentile(recording.late_s, 0.99),
        share=limits.bot_per_s * scene.seconds / len(found) if scene.chats else None,
    )


def limits_of(scene: Scene) -> Limits:
    """Return what the server allows in a scene; every wait is a refusal but where groups count a window."""
    if scene.window:  # which can only be learned from waits
        return Limits(group_window=True)
    return Limits(absorb_s=0, absorb_typing_s=0)


def listed(scene: Scene, reply: Reply) -> Sequence[float]:
    """Return the ages at which the best sender without foresight calls, from the state that the reply began in."""
    chat_rule = _rule(scene)
    if scene.draft:
        calls, span_s = DRAFT_WINDOWS[-1]
        return _search(_permits(scene, reply), calls / span_s)
    if chat_rule.span_s:
        return _search(_permits(scene, reply), chat_rule.burst / chat_rule.span_s)
    if reply.borders:
        return _search(_permits(scene, reply), chat_rule.rate)
    return _from_bucket(round(_tokens(chat_rule, reply) / GRAIN) * GRAIN, chat_rule.rate)


def _permits(scene: Scene, reply: Reply) -> Permits:
    """Return how soon the reply's calls might have been made, as far as its own chat is concerned.

    Each message but the last takes a call for its end.
    """
    chat_rule = _rule(scene)
    if scene.draft:  # none is kept, because the final text is no draft
        kept = [window(calls, span_s, _within(reply.past_drafts, span_s)) for calls, span_s in DRAFT_WINDOWS]
        return lambda call: max(permits(call - 1) for permits in kept)
    if chat_rule.span_s:
        past = _within(reply.past, chat_rule.span_s)[-chat_rule.burst :]
        return with_borders(window(chat_rule.burst, chat_rule.span_s, past), reply.borders)
    return with_borders(bucket(_tokens(chat_rule, reply), chat_rule.rate), reply.borders)


def _rule(scene: Scene) -> Rule:
    return rule(limits_of(scene), group=scene.group)


def _tokens(chat_rule: Rule, reply: Reply) -> float:
    """Return what the chat's bucket held at the first delta."""
    begun = reply.trace.arrivals[0][0]
    return max(1.0, chat_rule.left([begun + past for past in reply.past], begun))


def _within(past: Iterable[float], span_s: float) -> list[float]:
    return [age for age in past if age > -span_s]


@cache
def _from_bucket(tokens: float, rate: float) -> Sequence[float]:
    return _search(bucket(tokens, rate), rate)


def _search(permits: Permits, rate: float) -> Sequence[float]:
    """Return the best list of ages."""
    _, ages = without_foresight(LENGTHS, permits, then_per_s=rate)
    return ages


def _mean(values: Iterable[float | None]) -> float:
    there = [value for value in values if value is not None]
    return fmean(there) if there else float("nan")
