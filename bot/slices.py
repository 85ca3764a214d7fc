"""Slices: work that is done piece by piece, so that others have their turn between."""

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

T = TypeVar("T")


def finished(work: Generator[None, None, T]) -> T:
    """Do all slices of `work` at once and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


async def in_turns(work: Generator[None, None, T], pause: Callable[[], Awaitable[None]]) -> T:
    """Do all slices of `work`, with a pause between two in which others have their turn; return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        await pause()
