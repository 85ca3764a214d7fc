"""Slices: work that is done piece by piece, so that others have their turn between."""

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

TURN_S = 0.002  # as most frames take whole; to change over to others takes a hundredth of it

T = TypeVar("T")


def finished(work: Generator[None, None, T]) -> T:
    """Do all slices of `work` at once and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


async def in_turns(work: Generator[None, None, T], pause: Callable[[], Awaitable[None]], now: Callable[[], float]) -> T:
    """Do all slices of `work`, with pauses between some in which others have their turn; return its result.

    After a pause slices are done for `TURN_S` and to the end of the one under way; `now` returns seconds.
    """
    until = now() + TURN_S
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        if now() >= until:
            await pause()
            until = now() + TURN_S
