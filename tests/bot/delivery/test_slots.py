"""Which of the waiting claims goes next, on the clock of a simulation."""

import random

import pytest

from bench.bounds import Lengths
from bench.pace_simulation import Reply, alone
from bench.streams import STREAMS, durations


@pytest.mark.timeout(20)
def test_a_wait_that_the_clock_cannot_tell_from_none_is_none() -> None:
    rng = random.Random(3)  # in the last of these runs a wait of 1e-15 s is met: the clock stands still at such a step

    for chat, tokens in ((1, 5.0), (-1, 20.0)):
        for name in ("60/s", "one in 2 s", "60/s, pauses"):
            replies = [Reply(STREAMS[name](rng, seconds)) for seconds in durations(rng, 20, Lengths())]
            done, refusals = alone(chat, replies, tokens=tokens, rng=rng)

            assert all(reply.finished_at for reply in done)
            assert refusals == 0
