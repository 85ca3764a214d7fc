"""Noted: what is written down of calls and answers, so that the next process knows them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

NOTED_S = 300.0  # for which calls are noted: far longer than the usual budgets take to fill


class Kind(IntEnum):
    """What is noted, for the next process."""

    MESSAGE = 0  # a send or an edit
    DRAFT = 1  # a draft or a chat action
    DRAFTS_PAUSED = 2  # until a time
    BEGUN = 3  # an answer: its first delta
    ENDED = 4  # its last one


@dataclass(frozen=True, slots=True)
class Noted:
    """A call, the end of a pause, or an answer's beginning or end, in Unix seconds."""

    kind: Kind
    chat_id: int
    at: float


AHEAD_S = {
    Kind.MESSAGE: 5.0,
    Kind.DRAFT: 5.0,
    Kind.DRAFTS_PAUSED: 3600.0,
    Kind.BEGUN: 5.0,
    Kind.ENDED: 5.0,
}  # that a noted time may lie in the future
CALLS = frozenset({Kind.MESSAGE, Kind.DRAFT, Kind.DRAFTS_PAUSED})

Recall = Callable[[Iterable[Noted], float, float], None]  # now, and in Unix seconds
Note = Callable[[Kind, int, float | None], None]  # at a time in seconds from now, None: now


def forget(_kind: Kind, _chat_id: int, _in_s: float | None) -> None:
    """Note nothing."""
