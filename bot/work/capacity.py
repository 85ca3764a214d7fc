"""Capacity: how many answers a process makes at once, shared by its bots so that none takes what the others need."""

import asyncio
import math


class Capacity:
    """The places of a process: MAX_TURNS."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._shares: set[Share] = set()

    def share(self, work: asyncio.Event) -> "Share":
        """Return a bot's share; `work` is set where more may be claimed."""
        return Share(self._shares, self.most, work)


class Share:
    """What one bot may take: alone all, beside others half of what those leave, so that some is always left."""

    def __init__(self, shares: "set[Share]", most: int, work: asyncio.Event) -> None:
        self._shares = shares
        self._most = most
        self._work = work
        self._taken = 0
        self._is_short = False

    @property
    def most(self) -> int:
        """How many it may have taken now."""
        others = self._shares - {self}
        if not others:
            return self._most
        return max(0, math.ceil((self._most - sum(each._taken for each in others)) / 2))

    def took(self, count: int) -> None:
        """Note how many are taken; where some became free, those that had too few look again."""
        freed, self._taken = count < self._taken, count
        self._shares.add(self)
        self._is_short = count >= self.most
        if freed:
            self._wake()

    def leave(self) -> None:
        """Give all back: the bot ends."""
        self._shares.discard(self)
        self._wake()

    def _wake(self) -> None:
        for each in self._shares:
            if each._is_short and each is not self:
                each._work.set()
