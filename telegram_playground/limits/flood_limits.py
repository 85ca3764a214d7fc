"""Flood limits, as strict as asked.

A call is let through, delayed (Telegram's own client library hides short waits) or refused with 429. A refusal begins a
penalty; calls during a penalty are refused too and lengthen it. Pure: the time comes in.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from telegram_playground.limits.buckets import Allowance, Bucket, Window
from telegram_playground.protocol.errors import TooManyRequests
from telegram_playground.protocol.wire import Json

Family = Literal["message", "typing"]  # sends and edits; chat actions and drafts
_SLACK_S = 0.02  # a wait this short is the network's, not the caller's
_MAY_BE_ZERO = frozenset({"absorb_s", "absorb_typing_s", "grace_s", "cap_s", "growth"})
_TYPING_REFUSAL_S = (3, 7)  # opencrabs#1211: least and greatest retry_after seen for chat actions


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls are allowed; the defaults are what core.telegram.org/bots/faq and /api/bots/ai state.

    `group_window`: at most `group_burst` calls in any 60 s, instead of a bucket that refills all the time.
    `absorb_s`: waits up to this are made by the server, silently (tdlib NetQueryCreator.cpp, DialogActionManager.cpp).
    `shared`: chat actions and drafts draw on the chat's bucket too.
    `growth`, `cap_s`: what a call during a penalty does to the time left; not for the first `grace_s`, when the caller
    cannot know yet. `penalties`: retry_after of the first, second … refusal in a chat, where that is longer.
    """

    enabled: bool = True
    private_per_s: float = 1.0
    private_burst: int = 5
    group_per_min: float = 20.0
    group_burst: int = 20
    group_window: bool = False
    bot_per_s: float = 30.0
    bot_burst: int = 30
    typing_per_5_s: int = 20
    typing_per_30_s: int = 40
    absorb_s: float = 8.0
    absorb_typing_s: float = 2.0
    shared: bool = False
    growth: float = 1.5
    cap_s: float = 300.0
    grace_s: float = 1.0
    failed_edits_cost: bool = True
    penalties: tuple[int, ...] = ()

    @classmethod
    def off(cls) -> "Limits":
        """Return no limits at all."""
        return cls(enabled=False)

    @classmethod
    def worst_day(cls) -> "Limits":
        """Return the limits with the longest penalties that users reported (anything-llm#5447, hermes-agent#76494)."""
        return cls(absorb_s=0, absorb_typing_s=0, penalties=(33, 137, 10323), cap_s=20000)

    def changed(self, values: Mapping[str, object]) -> "Limits":
        """Return these limits with some values changed; raises ValueError for an unknown name or a wrong type."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        new: dict[str, object] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"there is no limit named {name}")
            new[name] = _converted(name, value, known[name])
        return replace(self, **new)  # type: ignore[arg-type]  # each value was converted to the type of its field


@dataclass(frozen=True, slots=True)
class Meter:
    """What a bot has left in a chat (None: in all of them together)."""

    bot: int
    chat: int | None
    name: str
    left: float
    size: int
    penalty_s: float

    def json(self) -> Json:
        """Return the meter as the control API shows it."""
        return {
            "bot": self.bot,
            "chat": self.chat,
            "name": self.name,
            "left": round(max(0.0, self.left), 2),
            "size": self.size,
            "penalty_s": round(max(0.0, self.penalty_s), 2),
        }


class Floods:
    """Buckets and penalties of every bot in every chat."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bots: dict[int, Bucket] = {}
        self._peers: dict[tuple[int, int], _Peer] = {}

    @property
    def limits(self) -> Limits:
        """The present limits; setting them forgets what was used."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limits = limits
        self._bots.clear()
        self._peers.clear()

    def forget(self) -> None:
        """Begin anew: no call was made, nobody is punished."""
        self._bots.clear()
        self._peers.clear()

    def admit(self, bot: int, chat: int, family: Family, now: float) -> float:
        """Take the place of one call and return the seconds it has to wait; raises TooManyRequests."""
        if not self._limits.enabled:
            return 0.0
        penalty = self._peer(bot, chat).penalties["message" if self._limits.shared else family]
        if penalty.until > now:
            raise TooManyRequests(self._lengthened(penalty, now))
        meters = self._meters(bot, chat, family, now)
        wait = max(meter.wait(now) for meter in meters)
        if wait > (self._limits.absorb_typing_s if family == "typing" else self._limits.absorb_s) + _SLACK_S:
            raise TooManyRequests(self._refused(penalty, wait, family, now))
        for meter in meters:
            meter.take(now + wait)
        return 0.0 if wait <= _SLACK_S else wait

    def punish(self, bot: int, chat: int, family: Family, seconds: int, now: float) -> None:
        """Begin a penalty, as if the limit had been reached."""
        penalty = self._peer(bot, chat).penalties[family]
        penalty.since, penalty.until = now, now + seconds

    def meters(self, bot: int, chat: int, now: float) -> Iterator[Meter]:
        """Yield what is left to a bot in a chat and in all."""
        limits = self._limits
        if not limits.enabled:
            return
        peer = self._peer(bot, chat)
        penalties = {family: penalty.until - now for family, penalty in peer.penalties.items()}
        yield Meter(bot, None, "bot", self._bot(bot).left(now), limits.bot_burst, 0.0)
        name, size = ("private", limits.private_burst) if chat > 0 else ("group", limits.group_burst)
        yield Meter(bot, chat, name, peer.messages.left(now), size, penalties["message"])
        left = min(window.left(now) for window in peer.typing)
        yield Meter(bot, chat, "typing", left, limits.typing_per_5_s, penalties["typing"])

    def all_meters(self, now: float) -> list[Meter]:
        """Return every meter that is not at rest."""
        found = {(meter.bot, meter.chat, meter.name): meter for key in self._peers for meter in self.meters(*key, now)}
        return [meter for meter in found.values() if meter.left < meter.size or meter.penalty_s > 0]

    def _meters(self, bot: int, chat: int, family: Family, now: float) -> list[Allowance]:
        peer = self._peer(bot, chat)
        if family == "message":
            return [peer.messages, self._bot(bot)]
        return [*peer.typing, peer.messages, self._bot(bot)] if self._limits.shared else list(peer.typing)

    def _bot(self, bot: int) -> Bucket:
        if bot not in self._bots:
            self._bots[bot] = Bucket(self._limits.bot_per_s, self._limits.bot_burst)
        return self._bots[bot]

    def _peer(self, bot: int, chat: int) -> "_Peer":
        peer = self._peers.get((bot, chat))
        if peer is None:
            limits = self._limits
            messages: Allowance
            if chat > 0:
                messages = Bucket(limits.private_per_s, limits.private_burst)
            elif limits.group_window:
                messages = Window(limits.group_burst, 60.0)
            else:
                messages = Bucket(limits.group_per_min / 60, limits.group_burst)
            typing = (Window(limits.typing_per_5_s, 5.0), Window(limits.typing_per_30_s, 30.0))
            peer = self._peers[bot, chat] = _Peer(messages, typing)
        return peer

    def _lengthened(self, penalty: "_Penalty", now: float) -> int:
        left = penalty.until - now
        if now > penalty.since + self._limits.grace_s:
            left = max(left, min(self._limits.cap_s, left * self._limits.growth))
            penalty.until = now + left
        return max(1, math.ceil(left))

    def _refused(self, penalty: "_Penalty", wait: float, family: Family, now: float) -> int:
        retry_after_s = max(1, math.ceil(wait))
        if family == "typing":
            retry_after_s = min(max(retry_after_s, _TYPING_REFUSAL_S[0]), _TYPING_REFUSAL_S[1])
        if self._limits.penalties:
            longest = self._limits.penalties[min(penalty.count, len(self._limits.penalties) - 1)]
            retry_after_s = max(retry_after_s, longest)
        penalty.count += 1
        penalty.since, penalty.until = now, now + retry_after_s
        return retry_after_s


@dataclass(slots=True)
class _Penalty:
    since: float = 0.0
    until: float = 0.0
    count: int = 0


def _penalties() -> dict[Family, _Penalty]:
    return {"message": _Penalty(), "typing": _Penalty()}


@dataclass(slots=True)
class _Peer:
    messages: Allowance
    typing: tuple[Window, Window]
    penalties: dict[Family, _Penalty] = field(default_factory=_penalties)


def _converted(name: str, value: object, present: object) -> object:
    if isinstance(present, bool):
        if isinstance(value, bool):
            return value
    elif isinstance(present, tuple):
        if isinstance(value, list | tuple) and all(type(item) is int and 0 < item <= 1e6 for item in value):
            return tuple(value)
    elif (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (0 < value <= 1e6 or (name in _MAY_BE_ZERO and value == 0))
    ):
        return int(value) if isinstance(present, int) else float(value)
    raise ValueError(f"{value!r} is no value for the limit {name}")
