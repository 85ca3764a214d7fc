"""How far proofs by chance and by exhaustion go: a short way in `make test`, all the way in `make prove`."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

IS_THOROUGH = os.environ.get("THOROUGH", "0") != "0"


def times(short: int, whole: int) -> int:
    """Return how often something is tried."""
    return whole if IS_THOROUGH else short


def chosen(whole: Sequence[T], *short: T) -> Sequence[T]:
    """Return what is tried: these few of them, or all."""
    assert set(short) <= set(whole)
    return whole if IS_THOROUGH else short
