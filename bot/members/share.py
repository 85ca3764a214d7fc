"""Share: which bots a member takes, and which it leaves to others, by what it learns when it says that it lives.

Each has about as many as the others, one more or less: in the end, and not while some are restarted. Who comes back
has nothing then, so what the next one leaves goes to it, and few bots change hands twice. Some may not know each bot,
as while another bots.toml is brought out: what nobody takes is taken by who has its share already, and stays there.
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence

from bot.storage.ownership.members import Beat

SHARE_S = 1.5  # those that start together are to share: so much later the first bot of several is taken
SETTLED_S = 15.0  # without anybody coming or going, after which who has most leaves some to others,
BUSY_S = 60.0  # and after which also such for which something is under way
ORPHANED_S = 3.0  # after which a bot that nobody takes is taken beyond one's share
KEPT_S = 600.0  # for so long it stays then


class Share:
    """That of one member; `name`: what others know it by, `bots`: those that it knows. Times are `Clock.boot`'s."""

    def __init__(self, name: str, bots: Collection[int]) -> None:
        self._name = name
        self._bots = frozenset(bots)
        self._served_at = -math.inf  # when all of them were somebody's
        self._others: frozenset[str] = frozenset()  # that live, by name
        self._settled_since = 0.0
        self._orphaned_since: float | None = None  # there is a bot that nobody took
        self._left: frozenset[int] = frozenset()  # to others, who are to take them now
        self._kept: dict[int, float] = {}  # nobody else took them: since when they are ours

    def wanted(
        self, held: Collection[int], beat: Beat, now: float, *, lives_since: float
    ) -> tuple[frozenset[int], int]:
        """Return of which bots so many are to be taken, where nobody has them."""
        if len(self._bots) > 1 and self._served_at < lives_since and now - lives_since < SHARE_S:
            return frozenset(), 0
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

    def surplus(
        self, held: Sequence[int], beat: Beat, now: float, *, is_busy: Callable[[int], bool] = lambda _: False
    ) -> frozenset[int]:
        """Return those that others are to have, where none is free: some of who has most, if another has fewer by two.

        `is_busy`: whether something is under way for one; people would see it begin anew.
        """
        self._served_at, self._orphaned_since, self._left = now, None, frozenset()
        self._kept = {bot: since for bot, since in self._kept.items() if now - since < KEPT_S}
        settled_s = self._settled_s(beat, now)
        ours = [bot for bot in held if bot not in self._kept]
        others = [(len(each.bots), each.name) for each in beat.others if each.is_live]
        if not others or (len(ours), self._name) < max(others) or len(ours) - min(others)[0] < 2:
            return self._left
        busy = [bot for bot in ours if is_busy(bot)]
        quiet = [bot for bot in ours if bot not in busy]
        most = max(1, len(ours) - self._size(beat))
        if settled_s >= SETTLED_S + BUSY_S:
            self._left = frozenset([*busy, *quiet][-most:])
        elif settled_s >= SETTLED_S:
            self._left = frozenset(quiet[-most:])
        return self._left

    def _settled_s(self, beat: Beat, now: float) -> float:
        """Return for how long the same others have lived."""
        if (others := frozenset(each.name for each in beat.others if each.is_live)) != self._others:
            self._others, self._settled_since = others, now
        return now - self._settled_since

    def _size(self, beat: Beat) -> int:
        return math.ceil(len(self._bots) / beat.live)

    def _is_orphaned(self, now: float) -> bool:
        return self._orphaned_since is not None and now - self._orphaned_since >= ORPHANED_S
