"""Moods: a script that fails at random, at most once a question, before it lets another script answer.

So a second try brings the answer, and what people see can still be judged. Connections that break in mid-answer, which
the other script makes itself, are left hanging every other time.
"""

from collections import Counter
from random import Random

from telegram_playground.model import Answer, Fault, Hang, Request, Reset, refusals
from tests.crash.essay import Kind, asked
from tests.crash.essayist import Essayist

CHANCE = 0.15  # of a fault
FAULTS: dict[str, Fault] = {
    "429": refusals.too_many(1),
    "500": refusals.broken(),
    "503html": refusals.maintenance(),
    "reset": Reset(),
    "hang": Hang(),
}
SPARED = frozenset({Kind.LATE, Kind.FAILING})  # silent or refused anyway


class Moods:
    """Stands before an essayist; `faults` counts what went wrong."""

    def __init__(self, essayist: Essayist, random: Random) -> None:
        self.faults: Counter[str] = Counter()
        self._essayist = essayist
        self._random = random
        self._met: set[int] = set()

    def __call__(self, request: Request) -> Answer:
        """Return a fault, or the essayist's answer."""
        meant = asked(request.prompt)
        if meant and meant[1] not in SPARED and meant[0] not in self._met and self._random.random() < CHANCE:
            self._met.add(meant[0])
            name = self._random.choice(list(FAULTS))
            self.faults[name] += 1
            return [FAULTS[name]]
        answer = self._essayist(request)
        if not answer or not isinstance(answer[-1], Reset):
            return answer
        is_silent = self._random.random() < 0.5
        self.faults["silence in mid-answer" if is_silent else "end in mid-answer"] += 1
        return [*answer[:-1], Hang()] if is_silent else answer
