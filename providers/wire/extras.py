"""Extras: what is sent beside a question, and which models of a service refuse it: as their refusals taught."""

import logging
import re
from collections.abc import Collection, Mapping

from providers.base import Clock
from providers.errors import ServiceFailed

FORGET_S = 3600.0  # what a refusal taught: another model may be served under the name

# What a refusal speaks of, the narrower first. Thoughts are asked for by fields that have many names.
_REFUSED: Mapping[str, re.Pattern[str]] = {
    "cache": re.compile(r"cache_control", re.IGNORECASE),
    "temperature": re.compile(r"temperature", re.IGNORECASE),
    "top_p": re.compile(r"top_?p\b", re.IGNORECASE),
    "effort": re.compile(r"effort|output_config|thinking[ _]?level|\bthink(ing)?\b", re.IGNORECASE),
    "thoughts": re.compile(
        r"think|thought|reasoning|adaptive|display|summarized|extra input|unrecognized|not permitted"
        r"|unknown (name|field|param|arg)|unsupported (field|param|value)|invalid json payload",
        re.IGNORECASE,
    ),
}

log = logging.getLogger(__name__)


class Extras:
    """What is known of a service's models; one that nothing is known of is sent all, and its refusal is not told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused_until: dict[tuple[str, str], float] = {}

    def willing(self, model: str, wanted: Collection[str]) -> frozenset[str]:
        """Return those of the wanted extras that a model may be sent."""
        now = self._clock.now()
        return frozenset(extra for extra in wanted if now >= self._refused_until.get((model, extra), 0.0))

    def without(self, model: str, sent: frozenset[str], error: ServiceFailed) -> frozenset[str] | None:
        """Return what is left to send after a refusal of one extra, None where an error is none."""
        if error.status not in (400, 422):
            return None
        refused = next(
            (extra for extra, words in _REFUSED.items() if extra in sent and words.search(error.reason)), None
        )
        if refused is None:
            return None
        self._refused_until[model, refused] = self._clock.now() + FORGET_S
        if refused not in ("cache", "thoughts"):  # the operator asked for it
            log.warning("options not taken provider=%s model=%s options=%s", error.provider, model, refused)
        return sent - {refused}
