"""Priority: who goes first where budget is short."""

from enum import IntEnum


class Priority(IntEnum):
    """The least goes first; equal ones: PROGRESS by greatest visible lag, others by longest wait."""

    NOTICE = 0
    FINAL = 1
    OPEN = 2
    PROGRESS = 3
    IDLE = 4  # what nobody waits for
