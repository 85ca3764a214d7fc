"""Budget: how many calls Telegram allows, to each chat and in all, and what a 429 changes of that (`Budget.refused`).

Pure: nothing here waits, everything takes `now`. The usual rates stand below; each chat's own lies in an `Allowance`.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.delivery.budget.allowance import LONGEST_S, Allowance, Allowances
from bot.delivery.budget.ascent import Ascent
from bot.delivery.budget.bucket import Bucket, Window
from bot.delivery.budget.draft_budget import DraftBudget
from bot.delivery.budget.halt import Halt
from bot.delivery.budget.noted import AHEAD_S, CALLS, NOTED_S, Kind, Note, Noted, forget
from bot.delivery.budget.supply import Supply, supply_of
from bot.delivery.priority import Priority
from bot.storage.ids import is_person

CHAT_RATE = 1.0  # per second, core.telegram.org/bots/faq
CHAT_BURST = 5.0  # the FAQ says only that short bursts are tolerated
GROUP_RATE = 20.0  # per minute, core.telegram.org/bots/faq
GROUP_BURST = 20.0
BOT_RATE = 30.0  # per second, core.telegram.org/bots/faq
MINUTE_S = 60.0

REFUSED_SLOWDOWN = 0.5
SLOW_SLOWDOWN = 0.7
SLOW_S = 1.0  # a call that takes this long, and far longer than the quickest of late, was held back by the server:
SLOW_FACTOR = 4.0  # tdlib NetQueryCreator.cpp sleeps flood waits of up to 8 s in all, unseen;
LOST_S = 10.0  # what takes longer than that hangs for another reason
LATE_CALLS = 20
WINDOW_KEPT_S = 30 * 86400.0  # that groups count a window is believed for so long after the last wait
WINDOW_GUESS_S = 2.0  # so far a wait may be from what a sliding window predicts, and be explained by it
EVERY_GROUP, EVERY_CHAT = 0, 1 << 60  # no chat has these ids
NOTHING = 1e-3  # of a call
MOST = 0.75  # of a budget: who asks for an answer then finds enough of it
ON_ITS_WAY_S = 1.0  # a call that an earlier process began may be counted so late


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings of the same names: calls per second, but per minute in groups.

    `group_window`: keep to `group_rate` in *any* minute, for a server that counts a sliding window and not a bucket.
    Where it is not set it is learned from the first wait that such a window explains. It nearly doubles the lag that
    can be reached in groups (docs/delivery.md).
    """

    chat_rate: float = CHAT_RATE
    chat_burst: float = CHAT_BURST
    group_rate: float = GROUP_RATE
    group_burst: float = GROUP_BURST
    group_window: bool = False
    bot_rate: float = BOT_RATE
    bot_ceiling: float = 0.0  # up to which the whole bot's rate may rise; below `bot_rate`: it does not


@dataclass(frozen=True, slots=True)
class Penalty:
    """What must outlive a restart: `paused_until` in Unix seconds and the rate per second that was learned.

    With the id EVERY_GROUP it says that groups count a sliding window, with EVERY_CHAT how fast the whole bot may be.
    """

    chat_id: int
    paused_until: float
    rate: float


class Budget:
    """All that sends and edits may spend.

    Around every call: `ready_in`, `spend`, and whatever came of it `ended`; after that `refused` where it was a 429.
    `drafts` is the budget of chat actions and drafts.
    """

    def __init__(self, limits: Limits, now: float, note: Note = forget) -> None:
        self.drafts = DraftBudget(note)
        self._note = note
        self._limits = limits
        self._group_window = limits.group_window
        self._chats = Allowances(self._make_allowance)
        self._bot = Allowance(Bucket(limits.bot_rate, limits.bot_rate, now))
        self._ascent = Ascent(limits.bot_rate, limits.bot_ceiling)
        self._took_s: deque[float] = deque(maxlen=LATE_CALLS)
        self._halt = Halt()

    def ready_in(self, chat_id: int, priority: Priority, now: float) -> float:
        """Return the seconds until a call may be made; 0 = now. What progress must leave is for `pace` to say.

        Ask again when any call has ended: that may bring the moment nearer.
        """
        wait_s = max(self._chats.at(chat_id, now).ready_in(now), self._bot.ready_in(now))
        return max(wait_s, self._halt.ready_in(now)) if priority >= Priority.PROGRESS else wait_s

    @property
    def bot_rate(self) -> float:
        """The calls per second that the bot as a whole may make now."""
        return self._bot.bucket.rate

    def bot_ready_in(self, calls: float, now: float) -> float:
        """Return the seconds until the bot as a whole may make this many calls; 0 = now."""
        return self._bot.bucket.ready_in(calls, now)

    def paused_in(self, chat_id: int, now: float) -> float:
        """Return for how many seconds Telegram wants to hear nothing for this chat."""
        return max(0.0, self._chats.at(chat_id, now).paused_until - now)

    def supply(self, chat_id: int, now: float) -> Supply:
        """Return what this chat may spend, for `pace.wait_s`."""
        return supply_of(self._chats.at(chat_id, now), self._bot, now)

    def room_in(self, chat_id: int, calls: float, now: float) -> float:
        """Return the seconds until a chat has so many calls left, or most of its budget; 0 = now.

        Ask again when it is over: something may have been called meanwhile.
        """
        supply = self.supply(chat_id, now)
        missing = min(calls, MOST * supply.burst) - supply.tokens
        places_s = (each.ready_in(min(calls, MOST * len(each.free_in_s))) for each in supply.windows)
        return max((missing / supply.rate if missing > NOTHING else 0.0, *places_s))

    def spend(self, chat_id: int, priority: Priority, now: float) -> None:
        """Hold what a call costs that starts now."""
        self._note(Kind.MESSAGE, chat_id, None)
        self._chats.at(chat_id, now).take(now)
        self._bot.take(now)
        if self._ascent.used(self._bot.bucket.level(now), self._bot.bucket.burst, now):
            self._climb(now)
        if priority >= Priority.PROGRESS:
            self._halt.spend(chat_id)

    def ended(self, chat_id: int, took_s: float, now: float, *, made: bool = True) -> bool:
        """Charge a call that was answered or given up, or, where it was not made after all, let go of what it held.

        Return whether it took so long that something was learned: then store `penalties`.
        """
        allowance = self._chats.at(chat_id, now)
        allowance.settle(now, made=made)
        self._bot.settle(now, made=made)
        self._halt.ended(chat_id, now, made=made)
        if not made:
            return False
        slow = max(SLOW_S, SLOW_FACTOR * min(self._took_s, default=0.0)) < took_s < LOST_S
        if slow and not self._explained(allowance, took_s, now - took_s):
            allowance.lower(SLOW_SLOWDOWN, now)
            self._descend(now)
        self._took_s.append(took_s)
        return slow

    def refused(self, chat_id: int, retry_after_s: float, now: float) -> None:
        """Pause a chat after a 429 and lower its rate, after `ended`; then store `penalties`.

        Several chats refused together, or the one that tries after that: the progress of all halts for a while.
        """
        allowance = self._chats.at(chat_id, now)
        retry_after_s = min(retry_after_s, LONGEST_S)
        self._descend(now)
        if not self._explained(allowance, retry_after_s, now):
            allowance.lower(REFUSED_SLOWDOWN, now, again_in_s=retry_after_s)
        allowance.pause(retry_after_s, now)
        if self._halt.refused(chat_id, retry_after_s, now):
            self._bot.lower(REFUSED_SLOWDOWN, now)

    def penalties(self, chat_id: int, now: float, wall: float) -> list[Penalty]:
        """Return what to store after something was learned of this chat, or by it of all groups."""
        allowance = self._chats.at(chat_id, now)
        penalties = [Penalty(chat_id, wall + max(0.0, allowance.paused_until - now), allowance.bucket.rate)]
        if self._ascent.rests_until > now:
            penalties.append(Penalty(EVERY_CHAT, wall + self._ascent.rests_until - now, self._ascent.rate))
        if self._group_window:
            penalties.append(Penalty(EVERY_GROUP, wall + WINDOW_KEPT_S, self._limits.group_rate / MINUTE_S))
        return penalties

    def restore(self, penalties: Iterable[Penalty], now: float, wall: float) -> list[int]:
        """Take up the penalties of an earlier run, at the start.

        A pause that has longer to go than any that is stored was made by a clock that was wrong, then or now: one call
        may ask at once. The chats are returned.
        """
        doubted = []
        for penalty in penalties:
            if penalty.chat_id == EVERY_GROUP:
                self._keep_to_window()
                continue
            if penalty.chat_id == EVERY_CHAT:
                self._ascent.resume(penalty.rate, max(0.0, penalty.paused_until - wall), now)
                self._climb(now)
                continue
            since = now - max(0.0, wall - penalty.paused_until)  # it creeps back and fills from then on
            allowance = self._chats.at(penalty.chat_id, since)
            allowance.lower(penalty.rate / allowance.full_rate, since)
            left_s = penalty.paused_until - wall
            if left_s > LONGEST_S + MINUTE_S:
                doubted.append(penalty.chat_id)
            if left_s > 0:
                allowance.pause(left_s if left_s <= LONGEST_S + MINUTE_S else 0.0, now)
        return doubted

    def doubt(self, until: float) -> None:
        """Believe, before `restore`, that an earlier process has spent all until then; drafts are never that many."""
        self._chats.doubt(until)
        self._bot.spent_until(until)

    def recall(self, calls: Iterable[Noted], now: float, wall: float) -> None:
        """Charge the calls that earlier processes noted, after `restore`; what a wrong clock dated ahead is left out.

        Where something was called, the budget is believed to have been empty when the notes begin.
        """
        since = now - NOTED_S
        believed = [each for each in calls if each.kind in CALLS and each.at < wall + AHEAD_S[each.kind]]
        if believed and not self._chats.are_doubted:
            self._bot = Allowance(Bucket(self._limits.bot_rate, self._limits.bot_rate, since))
            self._climb(since)
        for noted in sorted(believed, key=lambda each: each.at):
            at = now + noted.at - wall
            if noted.kind is not Kind.DRAFTS_PAUSED:
                at = min(at + ON_ITS_WAY_S, now)
            if noted.kind is not Kind.MESSAGE:
                self.drafts.recall(noted, at, now)
                continue
            self._chats.at(noted.chat_id, since).recall(at, since)
            self._bot.recall(at, since)

    def _make_allowance(self, chat_id: int, now: float) -> Allowance:
        limits = self._limits
        if is_person(chat_id):
            return Allowance(Bucket(limits.chat_rate, limits.chat_burst, now))
        minute = Window(max(1, math.floor(limits.group_rate)), MINUTE_S)
        bucket = Bucket(limits.group_rate / MINUTE_S, limits.group_burst, now)
        return Allowance(bucket, [minute], strict=self._group_window)

    def _explained(self, allowance: Allowance, wait_s: float, since: float) -> bool:
        """Tell whether a sliding window explains a wait that began at `since`, and if so keep to it from now on."""
        overrun_s = max((window.overrun_s(since) for window in allowance.windows), default=0.0)
        if allowance.strict or not overrun_s or abs(wait_s - overrun_s) > WINDOW_GUESS_S:
            return False
        self._keep_to_window()
        return True

    def _climb(self, now: float) -> None:
        """Let the whole bot call as fast as it may by now."""
        self._bot.full_rate = self._ascent.rate
        if self._bot.bucket.rate >= self._limits.bot_rate:
            self._bot.bucket.change_rate(self._ascent.rate, now)

    def _descend(self, now: float) -> None:
        """Slow the whole bot down where it went beyond its configured rate and the server takes no more."""
        if self._ascent.refused(self._bot.bucket.level(now), self._bot.bucket.burst, now):
            self._bot.bucket.drain(now)  # what we believe to have is what the server did not refill
            self._bot.full_rate = self._ascent.rate
            self._bot.bucket.change_rate(min(self._bot.bucket.rate, self._ascent.rate), now)

    def _keep_to_window(self) -> None:
        self._group_window = True
        for allowance in self._chats:
            allowance.strict = True
