"""Told: what the provider was told of a conversation, and whether that is what stands there."""

import re
from collections.abc import Sequence

from tests.crash.essay import asked, mentioned

_SUMMED = re.compile(r"Summed up:((?: \d+)*)")
_NUMBER = re.compile(r"^User: (?:(?!^Assistant: ).)*?Question (\d+), ", re.MULTILINE | re.DOTALL)  # after its files

Pair = tuple[int, list[int | None]]  # a question and the places of the words in its answer
Messages = Sequence[tuple[str, str]]


def pairs(messages: Messages) -> list[Pair]:
    """Return the questions and the places of the words in their answers, the last question apart."""
    earlier = [text for role, text in messages[:-1] if role != "system"]
    found = []
    for prompt, answer in zip(earlier[::2], earlier[1::2], strict=False):
        meant = asked(prompt)
        found.append((meant[0] if meant else 0, [word.place for word in mentioned(answer)]))
    return found


def summary(prompt: str) -> str:
    """Return the summary of what a model is given to sum up: the numbers of its questions, in their order."""
    return "Summed up:" + "".join(f" {number}" for number in [*_numbers(prompt), *_NUMBER.findall(prompt)])


def summed(messages: Messages) -> list[int]:
    """Return the questions that a summary stands for."""
    return [int(number) for role, text in messages if role == "system" for number in _numbers(text)]


def is_right(told: Sequence[Pair], before: Sequence[int], stands: Sequence[Pair], *, is_loose: bool) -> bool:
    """Tell whether a summary of the questions `before`, and what was told, are the two ends of what `stands`.

    `is_loose`: not all of it goes on from the last answer.
    """
    numbers = [number for number, _ in stands]
    if is_loose:
        return _is_chain(told, stands) and _is_chain(before, numbers)
    begins, ends = numbers[: len(before)] == [*before], [*told] == [*stands[len(stands) - len(told) :]]
    return begins and ends and len(before) + len(told) <= len(stands)


def _numbers(text: str) -> list[str]:
    match = _SUMMED.search(text)
    return match[1].split() if match else []


def _is_chain(told: Sequence[object], stands: Sequence[object]) -> bool:
    """Tell whether all that was told stands, in that order."""
    later = iter(stands)
    return all(pair in later for pair in told)
