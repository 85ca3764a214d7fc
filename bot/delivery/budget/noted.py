"""Noted: what is written down of calls, so that the budgets of the next process know them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

NOTED_S = 300.0  # for which calls are noted: far longer than the usual budgets take to fill


class Kind(IntEnum):
    """What is noted of calls, for the next process."""

    MESSAGE = 0  # a send or an edit
    DRAFT = 1  # a draft or a chat action
    DRAFTS_PAUSED = 2  # until a time


@dataclass(frozen=True, slots=True)
class Noted:
    """A call, or the end of a pause, in Unix seconds."""

    kind: Kind
    chat_id: int
    at: float


AHEAD_S = {Kind.MESSAGE: 5.0, Kind.DRAFT: 5.0, Kind.DRAFTS_PAUSED: 3600.0}  # that a noted time may lie in the future

Note = Callable[[Kind, int, float | None], None]  # at a time in seconds from now, None: now


def forget(_kind: Kind, _chat_id: int, _in_s: float | None) -> None:
    """Note nothing."""
