"""Halt: when several chats are refused together it is the whole bot that is too fast, and the progress of all rests."""

import math
from collections import deque

CROWD, CROWD_S = 3, 1.0  # so many chats refused in so many seconds
HALT_S = 5.0  # at most
PROBE_S = 0.25  # ask again while the probing call is under way


class Halt:
    """Progress rests for a while; then one call of it tries whether that was enough."""

    def __init__(self) -> None:
        self._refusals: deque[tuple[float, int, float]] = deque(maxlen=CROWD)  # when, chat, retry after
        self._until = -math.inf
        self._probing = False  # a halt is over or runs, and no progress call has passed since
        self._probe: int | None = None  # the chat whose progress call tries it
        self._probed: tuple[int | None, float] = (None, -math.inf)  # the last chat that did, and when that ended

    def ready_in(self, now: float) -> float:
        """Return the seconds until a progress call may go; at most 0 = now."""
        return max(self._until - now, PROBE_S if self._probe is not None else 0.0) if self._probing else 0.0

    def spend(self, chat_id: int) -> None:
        """Note that a progress call starts."""
        if self._probing:
            self._probe = chat_id

    def ended(self, chat_id: int, now: float, *, made: bool) -> None:
        """Note that a call of a chat was answered, given up, or not made after all."""
        if self._probe == chat_id:
            self._probe, self._probing = None, not made
            self._probed = (chat_id, now)

    def refused(self, chat_id: int, retry_after_s: float, now: float) -> bool:
        """Note a 429; tell whether it begins a halt: it is one of a crowd, or the one that has tried."""
        others = [refusal for refusal in self._refusals if refusal[1] != chat_id and refusal[0] >= now - CROWD_S]
        self._refusals = deque([*others, (now, chat_id, retry_after_s)], maxlen=CROWD)
        tried, tried_at = self._probed
        if len(self._refusals) < CROWD and (tried != chat_id or tried_at < now - CROWD_S):
            return False
        self._until = now + min(HALT_S, *(refusal[2] for refusal in self._refusals))
        self._probing = True
        return True
