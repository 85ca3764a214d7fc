"""Figures: what a process among several has seen since it began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Figures:
    """Which bots it has, and what became of it and others; `left_s`: how long its leases surely hold."""

    name: str
    live: int = 1  # members
    bots: Sequence[int] = ()
    left_s: float = 0.0
    taken: int = 0  # bots
    failovers: int = 0  # members that it found to be over
    lost: int = 0  # bots, to others
    confessed: int = 0  # late calls
    others: Mapping[str, Sequence[int]] = field(default_factory=dict)  # members, and the bots that each has
