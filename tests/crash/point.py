"""Points: where a process is killed."""

from dataclasses import dataclass
from random import Random
from typing import Self

STATES = ("queued", "generating", "done", "started")

COMMITS = (
    "insert answers",
    "update answers generating",
    "update answers done",
    "update replies",
    "delete parts",
    *["insert parts"] * 2,
    *["update parts"] * 2,
    "insert notices",
    "insert updates",
    "insert calls",
    "update calls started",
    *["update calls done"] * 2,
)
CALLS = (
    *["sendMessage"] * 6,
    *["editMessageText"] * 4,
    *["editMessageReplyMarkup"] * 2,
    "getUpdates",
    "deleteMessage",
)
RARE = frozenset({"editMessageReplyMarkup", "deleteMessage"})  # made after a kill only, so waited for from the start

LIFE_S = 4.0  # of a process that is killed at an instant
CALM_S = 10.0  # of some, so that long answers are finished


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment, in seconds from the start of the process or, `ready`, from its first look for updates."""

    seconds: float
    ready: bool

    def __str__(self) -> str:
        return "an instant" if self.ready else "an instant of the start"


@dataclass(frozen=True, slots=True)
class CallPoint:
    """A Bot API call, held by the server while the process is killed; `executed`: only its answer is lost."""

    method: str
    executed: bool
    seconds: float  # before the trap is set, from the first look for updates

    def __str__(self) -> str:
        return f"{self.method}, {'carried out' if self.executed else 'not carried out'}"


@dataclass(frozen=True, slots=True)
class CommitPoint:
    """A commit; `after`: it is done."""

    label: str
    nth: int
    after: bool

    def __str__(self) -> str:
        return f"commit of {self.label}, {'after' if self.after else 'before'}"

    def written(self) -> str:
        """Return the point as one line."""
        return f"{'after' if self.after else 'before'} {self.nth} {self.label}"

    @classmethod
    def read(cls, line: str) -> Self:
        """Return the point that a line names."""
        side, nth, label = line.split(maxsplit=2)
        return cls(label, int(nth), side == "after")


Point = Instant | CallPoint | CommitPoint


def choose(random: Random) -> Point:
    """Choose where the next process dies: a third each at instants, calls and commits."""
    match random.randrange(3):
        case 0:
            lives = ((1.5, False), (LIFE_S, True), (LIFE_S, True), (CALM_S, True))
            life_s, is_ready = random.choice(lives)
            return Instant(CALM_S if life_s == CALM_S else random.uniform(0, life_s), is_ready)
        case 1:
            method = random.choice(CALLS)
            return CallPoint(method, random.random() < 0.6, 0.0 if method in RARE else random.uniform(0, 2))
        case _:
            return CommitPoint(random.choice(COMMITS), random.choice((1, 1, 1, 2, 3)), random.random() < 0.6)
