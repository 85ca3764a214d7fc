"""How far proofs by chance and by exhaustion go: a short way in `make test`, all the way in `make prove`.

What takes long and shows for more cases what a shorter test shows bears the mark `proof`: `make test` leaves it out.
`make prove` runs those, what Hypothesis tries, and all tests of a module that uses what stands here.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

IS_THOROUGH = os.environ.get("THOROUGH", "0") != "0"
GOES_FURTHER = {"IS_THOROUGH", "times", "chosen"}  # a module that has one of these names tries more in `make prove`


def times(short: int, whole: int) -> int:
    """Return how often something is tried."""
    return whole if IS_THOROUGH else short


def is_due(item: pytest.Item) -> bool:
    """Tell whether a test is one of this run."""
    is_proof = item.get_closest_marker("proof") is not None
    if not IS_THOROUGH:
        return not is_proof
    module = item.getparent(pytest.Module)
    goes_further = module is not None and not GOES_FURTHER.isdisjoint(vars(module.obj))
    return is_proof or goes_further or hasattr(getattr(item, "function", None), "hypothesis")


def chosen(whole: Sequence[T], *short: T) -> Sequence[T]:
    """Return what is tried: these few of them, or all."""
    assert set(short) <= set(whole)
    return whole if IS_THOROUGH else short
