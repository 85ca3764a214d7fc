"""Slots: which of the waiting claims may call now, one at a time in a chat."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.clock import Clock
from bot.delivery.agenda import Agenda
from bot.delivery.budget import Budget, Priority
from bot.delivery.claim import Claim
from bot.delivery.lengths import LengthBook
from bot.delivery.pace import Outlook, bot_reserve, settled_s, wait_s
from bot.delivery.supply import Supply

NOTICES_IN_A_ROW = 2  # then a final text of that chat goes first
SOON_S = 1e-6  # a wait that the clock cannot tell from none would be looked at again at the same time, for ever
IDLE_LEVEL = 4.0  # calls that a chat's budget must hold before an idle one is made


class Slots:
    """Holds the claims that wait and grants them by budget, priority and pace; `changed` says to look again."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self._budget = budget
        self._clock = clock
        self._agenda: Agenda[Claim] = Agenda(split_at=Priority.PROGRESS)
        self._waiting: defaultdict[int, list[Claim]] = defaultdict(list)
        self._busy: set[int] = set()  # chats with a call in flight
        self._notice_run: Counter[int] = Counter()  # notices in a row, by chat
        self._streams: Counter[int] = Counter()  # replies that grow, by chat
        self._lengths = LengthBook()
        self.changed = asyncio.Event()

    def waiting(self, chat_id: int) -> list[Claim]:
        """Return the claims that wait in a chat."""
        return self._waiting.get(chat_id, [])

    def enter(self, claim: Claim) -> None:
        """Let a claim wait."""
        self._waiting[claim.chat_id].append(claim)
        self._put(claim, self._clock.now())
        self.changed.set()

    def leave(self, claim: Claim) -> None:
        """Take a claim out: it was granted or withdrawn."""
        self._agenda.strike(claim)
        waiting = self._waiting[claim.chat_id]
        waiting.remove(claim)
        if not waiting:
            del self._waiting[claim.chat_id]

    def reconsider(self, claim: Claim, *, delta: bool = False) -> None:
        """Look at a claim again, because it has changed or (`delta`) because new text has come for it."""
        if not claim.number or (delta and self._clock.now() < claim.settled_until):
            return
        self._agenda.put(claim, self._clock.now())
        self.changed.set()

    @contextmanager
    def streaming(self, chat_id: int) -> Iterator[None]:
        """Count a reply that streams, as long as it does: budgets are shared by all of them."""
        self._streams[chat_id] += 1
        try:
            yield
        finally:
            self._streams[chat_id] -= 1
            if not self._streams[chat_id]:
                del self._streams[chat_id]

    def lasted(self, chat_id: int, seconds: float) -> None:
        """Learn how long an answer in this chat took from its first delta to its last."""
        self._lengths.note(chat_id, seconds)

    def next(self, now: float) -> tuple[Claim | None, float | None]:
        """Return the claim to grant now, or how long to wait for the next one (None: until something changes)."""
        while True:
            self._agenda.advance(now)
            wait = self._budget.bot_ready_in(1, now)
            claim = self._agenda.pop(behind=False) if wait <= 0 else None
            if claim is None and not self._agenda.has_ready(behind=False):
                wait = self._budget.bot_ready_in(1 + bot_reserve(self._streams.total(), self._budget.bot_rate), now)
                claim = self._agenda.pop(behind=True) if wait <= 0 else None
            if claim is None:
                is_ready = self._agenda.has_ready(behind=False) or self._agenda.has_ready(behind=True)
                next_at = self._agenda.next_at()
                waits = [*([wait] if is_ready else []), *([next_at - now] if next_at is not None else [])]
                return None, max(0.0, min(waits)) if waits else None
            if (wait := self._wait_for(claim, now)) <= SOON_S:
                return claim, None
            self._agenda.put(claim, now + wait)

    def take(self, claim: Claim, now: float) -> None:
        """Begin a call: no other of its chat goes until `free`."""
        self._budget.spend(claim.chat_id, claim.priority, now)
        self._busy.add(claim.chat_id)
        if claim.priority is Priority.NOTICE:
            self._notice_run[claim.chat_id] += 1
        else:
            self._notice_run.pop(claim.chat_id, None)
        for other in self.waiting(claim.chat_id):
            self._agenda.strike(other)

    def free(self, chat_id: int) -> None:
        """End a call."""
        self._busy.discard(chat_id)
        if not self.waiting(chat_id):
            self._notice_run.pop(chat_id, None)
        for other in self.waiting(chat_id):
            self._put(other, self._clock.now())
        self.changed.set()

    def draft_wait(self, claim: Claim, *, is_first: bool) -> float:
        """Return the seconds until the next frame of a draft is worth a call, or the first one allowed; 0 = now."""
        now = self._clock.now()
        if is_first:
            return self._budget.drafts.ready_in(claim.chat_id, now)
        supply = self._budget.drafts.supply(claim.chat_id, now)
        outlook = self._outlook(claim, supply, now, streams=1, reserve=0)
        return max(wait_s(outlook), self._budget.drafts.ready_in(claim.chat_id, now))

    def _put(self, claim: Claim, now: float) -> None:
        """Have a claim looked at, unless its chat has a call in flight: then it is put down when that has landed."""
        others = self._waiting[claim.chat_id]
        claim.gives_way = (
            claim.priority is Priority.NOTICE
            and self._notice_run.get(claim.chat_id, 0) >= NOTICES_IN_A_ROW
            and any(other.priority is Priority.FINAL for other in others)
        )
        if claim.chat_id not in self._busy:
            self._agenda.put(claim, max(now, claim.not_before))

    def _wait_for(self, claim: Claim, now: float) -> float:
        """Return the seconds until a claim may be granted, by budget and pace; other claims apart."""
        wait = max(claim.not_before - now, self._budget.ready_in(claim.chat_id, claim.priority, now))
        if claim.priority < Priority.PROGRESS:
            return wait
        supply = self._budget.supply(claim.chat_id, now)
        if claim.priority is Priority.IDLE:
            return max(wait, (min(IDLE_LEVEL, supply.burst) - supply.tokens) / supply.rate)
        reserve = min(self._streams[claim.chat_id] + claim.spare, supply.burst - 1)  # in a forum with many topics
        outlook = self._outlook(claim, supply, now, streams=self._streams.total(), reserve=reserve)
        claim.settled_until = now + settled_s(outlook)
        return max(wait, wait_s(outlook))

    def _outlook(self, claim: Claim, supply: Supply, now: float, *, streams: int, reserve: float) -> Outlook:
        return Outlook(
            supply,
            age_s=now - claim.begun_at,
            since_call_s=now - claim.called_at,
            lag_s=now - claim.behind_since,
            streams=streams,
            reserve=reserve,
            lengths=self._lengths.of(claim.chat_id),
            rhythm=claim.rhythm,
            quiet_s=claim.rhythm.since(now),
        )
