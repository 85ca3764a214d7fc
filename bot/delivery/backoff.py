"""Backoff: how long an answer is waited for, and how long it is until a call without one is made again."""

CALL_TIMEOUT_S = 20
BACKOFF_S = (0.3, 1.0, 2.0, 4.0)  # after calls without an answer; the last one repeats: an outage's end is seen in 5 s


def backoff_s(failures: int) -> float:
    """Return how long to pause before the next try, after so many before that had no answer."""
    return BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
