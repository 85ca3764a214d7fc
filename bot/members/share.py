"""Share: which bots a member takes, and which it leaves to others, by what it learns when it says that it lives.

Each has about as many as the others, one more or less. Some may not know each bot, as while another bots.toml is
brought out: what nobody takes is taken by who has its share already, and stays there.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from bot.storage.ownership.members import Beat

ORPHANED_S = 3.0  # after which a bot that nobody takes is taken beyond one's share
KEPT_S = 600.0  # for so long it stays then


class Share:
    """That of one member; `name`: what others know it by, `bots`: those that it knows. Times are `Clock.boot`'s."""

    def __init__(self, name: str, bots: Collection[int]) -> None:
        self._name = name
        self._bots = frozenset(bots)
        self._orphaned_since: float | None = None  # there is a bot that nobody took
        self._left: frozenset[int] = frozenset()  # to others, who are to take them now
        self._kept: dict[int, float] = {}  # nobody else took them: since when they are ours

    def wanted(self, held: Collection[int], beat: Beat, now: float) -> tuple[frozenset[int], int]:
        """Return of which bots so many are to be taken, where nobody has them."""
        self._orphaned_since = now if self._orphaned_since is None else self._orphaned_since
        most, bots = self._size(beat) - len(held), self._bots.difference(held)
        if self._is_orphaned(now):
            return bots, max(1, most)
        return bots - self._left, max(0, most)

    def took(self, bots: Iterable[int], now: float) -> None:
        """Note which were taken."""
        for bot in bots:
            if self._is_orphaned(now):
                self._kept[bot] = now
            else:
                self._kept.pop(bot, None)

    def surplus(self, held: Sequence[int], beat: Beat, now: float) -> frozenset[int]:
        """Return those that others are to have: some of who has most, where another one has fewer by two."""
        self._orphaned_since, self._left = None, frozenset()
        self._kept = {bot: since for bot, since in self._kept.items() if now - since < KEPT_S}
        ours = [bot for bot in held if bot not in self._kept]
        others = [(len(each.bots), each.name) for each in beat.others if each.is_live]
        if others and (len(ours), self._name) > max(others) and len(ours) - min(others)[0] > 1:
            self._left = frozenset(ours[-max(1, len(ours) - self._size(beat)) :])
        return self._left

    def _size(self, beat: Beat) -> int:
        return math.ceil(len(self._bots) / beat.live)

    def _is_orphaned(self, now: float) -> bool:
        return self._orphaned_since is not None and now - self._orphaned_since >= ORPHANED_S
