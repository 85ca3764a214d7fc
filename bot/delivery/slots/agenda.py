"""Agenda: the wishes that wait for a slot, each with the time at which it is worth a look; pure."""

from heapq import heappop, heappush
from itertools import count
from typing import Generic, Protocol, TypeVar

Rank = tuple[int, float]


class Entry(Protocol):
    """What can wait; known by what it is, not by what it says."""

    def rank(self) -> Rank:
        """Return what decides among those that are ready: the least goes first."""


E = TypeVar("E", bound=Entry)


class Agenda(Generic[E]):
    """Finds the first of many by rank without looking at all of them.

    An entry is put down for a time; from then on it is ready, and the ready ones come out by rank. Ranks from
    `split_at` on are kept apart, so that they can be passed over together. What is put down again counts anew.
    """

    def __init__(self, split_at: int) -> None:
        self._split_at = split_at
        self._numbers = count(1)
        self._counts: dict[E, int] = {}  # which note on an entry does
        self._later: list[tuple[float, int, E]] = []
        self._ready: tuple[list[tuple[Rank, int, E]], list[tuple[Rank, int, E]]] = ([], [])

    def put(self, entry: E, at: float) -> None:
        """Put an entry down for a time; what was put down for it before does not count any more."""
        number = self._counts[entry] = next(self._numbers)
        heappush(self._later, (at, number, entry))

    def strike(self, entry: E) -> None:
        """Strike an entry out."""
        self._counts.pop(entry, None)

    def __contains__(self, entry: E) -> bool:
        """Tell whether an entry is put down."""
        return entry in self._counts

    def advance(self, now: float) -> None:
        """Make ready what is due."""
        while self._later and self._later[0][0] <= now:
            _, number, entry = heappop(self._later)
            if self._counts.get(entry) == number:
                rank = entry.rank()
                heappush(self._ready[rank[0] >= self._split_at], (rank, number, entry))

    def pop(self, *, behind: bool) -> E | None:
        """Take out the first of those that are ready, before the split or `behind` it."""
        ready = self._ready[behind]
        self._tidy(ready)
        if not ready:
            return None
        entry = heappop(ready)[2]
        del self._counts[entry]
        return entry

    def has_ready(self, *, behind: bool) -> bool:
        """Tell whether any is ready, before the split or `behind` it."""
        self._tidy(self._ready[behind])
        return bool(self._ready[behind])

    def next_at(self) -> float | None:
        """Return when the next entry becomes ready."""
        while self._later and self._counts.get(self._later[0][2]) != self._later[0][1]:
            heappop(self._later)
        return self._later[0][0] if self._later else None

    def _tidy(self, ready: list[tuple[Rank, int, E]]) -> None:
        while ready and self._counts.get(ready[0][2]) != ready[0][1]:
            heappop(ready)
