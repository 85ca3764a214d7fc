"""Thoughts: which models of a service are asked to tell what they think: as their refusals taught."""

import re

from providers.base import Clock
from providers.errors import ServiceFailed

FORGET_S = 3600.0  # what a refusal taught: another model may be served under the name

_REFUSED = re.compile(
    r"think|thought|reasoning|adaptive|display|summarized|temperature|top_p|extra input|unrecognized|not permitted"
    r"|unknown (name|field|param|arg)|unsupported (field|param|value)|invalid json payload",
    re.IGNORECASE,
)


class Thoughts:
    """What is known of a service's models; one that nothing is known of is asked, and its refusal is not told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused_until: dict[str, float] = {}

    def willing(self, model: str) -> bool:
        """Tell whether a model may be asked for its thoughts."""
        return self._clock.now() >= self._refused_until.get(model, 0.0)

    def learn(self, model: str, error: ServiceFailed) -> bool:
        """Tell whether an error may be the refusal of what was asked; then the model is not asked for long."""
        is_refusal = error.status in (400, 422) and _REFUSED.search(error.reason) is not None
        if is_refusal:
            self._refused_until[model] = self._clock.now() + FORGET_S
        return is_refusal
