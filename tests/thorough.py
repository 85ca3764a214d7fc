"""How far proofs by chance and by exhaustion go: a short way in `make test`, all the way in `make prove`.

What takes long, beside a shorter test of the same promise, bears the mark `proof`: `make test` leaves it out, `make
proofs` runs it alone, as `.ci/run` does. `make prove` runs it too, and with it what Hypothesis tries, and all tests of
a module that uses what stands here, each as far as it goes.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

IS_THOROUGH = os.environ.get("THOROUGH", "0") != "0"
ONLY, TOO = "only", "too"
PROOFS = os.environ.get("PROOFS", "")  # ONLY them, TOO, or none
GOES_FURTHER = {"IS_THOROUGH", "times", "chosen"}  # a module that has one of these names tries more in `make prove`


def times(short: int, whole: int) -> int:
    """Return how often something is tried."""
    return whole if IS_THOROUGH else short


def is_due(item: pytest.Item) -> bool:
    """Tell whether a test is one of this run."""
    is_proof = item.get_closest_marker("proof") is not None
    if not IS_THOROUGH:
        return PROOFS != ONLY if not is_proof else PROOFS in (ONLY, TOO)
    module = item.getparent(pytest.Module)
    goes_further = module is not None and not GOES_FURTHER.isdisjoint(vars(module.obj))
    return is_proof or goes_further or hasattr(getattr(item, "function", None), "hypothesis")


def chosen(whole: Sequence[T], *short: T) -> Sequence[T]:
    """Return what is tried: these few of them, or all."""
    assert set(short) <= set(whole)
    return whole if IS_THOROUGH else short
