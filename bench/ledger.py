"""What the server's limits had left, worked out from the calls that it recorded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from telegram_playground.limits.flood_limits import Limits
from telegram_playground.protocol.wire import Json

COSTLY = frozenset({"sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"})
DRAFTS = frozenset({"sendChatAction", "sendMessageDraft"})
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A token bucket, or with `span_s` a sliding window of `burst` calls."""

    rate: float
    burst: int
    span_s: float = 0.0

    def left(self, times: Iterable[float], now: float) -> float:
        """Return the calls that are free, after those at `times`."""
        if self.span_s:
            return self.burst - sum(now - self.span_s < at <= now for at in times)
        level, last = float(self.burst), 0.0
        for at in sorted(times):
            if at > now:
                break
            level, last = min(self.burst, level + (at - last) * self.rate) - 1, at
        return min(self.burst, level + (now - last) * self.rate)

    def free_at(self, times: Sequence[float]) -> float:
        """Return when one more call is allowed, after those at `times`."""
        if self.span_s:
            recent = sorted(times)[-self.burst :]
            return recent[0] + self.span_s if len(recent) == self.burst else 0.0
        last = max(times, default=0.0)
        return last + max(0.0, (1 - self.left(times, last)) / self.rate)


def rule(limits: Limits, *, group: bool) -> Rule:
    """Return what limits a chat's sends and edits."""
    if not group:
        return Rule(limits.private_per_s, limits.private_burst)
    rate = limits.group_per_min / MINUTE_S
    return Rule(rate, limits.group_burst, MINUTE_S if limits.group_window else 0.0)


def free_at(calls: Sequence[Json], chat_rule: Rule, bot_rule: Rule) -> dict[int, float]:
    """Return when each call might have been made at the soonest, by its id, as far as its bot could know.

    A call counts from its end, because its bot cannot know when before that the server counted it.
    """
    soonest: dict[int, float] = {}
    by_chat: defaultdict[str, list[float]] = defaultdict(list)
    everywhere: list[float] = []
    for call in sorted((call for call in calls if spends(call)), key=lambda call: float(call["executed"])):
        before = by_chat[call["chat"]]
        soonest[call["id"]] = max(chat_rule.free_at(before[-40:]), bot_rule.free_at(everywhere[-100:]))
        before.append(float(call["finished"]))
        everywhere.append(float(call["finished"]))
    return soonest


def spends(call: Json) -> bool:
    """Tell whether a call has cost something and is over."""
    return call["method"] in COSTLY and call["executed"] is not None and call["finished"] is not None
