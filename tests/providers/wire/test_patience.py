"""A silent member is left; one that shows life, thinks or has begun is waited for."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from providers.base import Alive, Delta, Reasoning
from providers.errors import TimedOut
from providers.wire.patience import patient, share
from tests.leap import leap


async def answer_of(*steps: Delta | float) -> AsyncGenerator[Delta, None]:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            yield step


def read(answer: AsyncGenerator[Delta, None], first_s: float, next_s: float) -> list[Delta]:
    async def all_of_it() -> list[Delta]:
        return [delta async for delta in patient(answer, "a", first_s, next_s)]

    return leap(all_of_it())


def test_a_silent_member_is_left_after_its_patience() -> None:
    with pytest.raises(TimedOut, match="silent for 30 s") as caught:
        read(answer_of(31.0, "late"), 30, 30)

    assert caught.value.provider == "a"


def test_a_member_that_shows_life_or_thinks_is_waited_for() -> None:
    steps = [step for _ in range(40) for step in (20.0, Alive(), 20.0, Reasoning("Hm"))]

    assert read(answer_of(*steps, "Hi"), 30, 30)[-1] == "Hi"


def test_after_its_first_text_a_member_has_the_callers_patience() -> None:
    assert read(answer_of("Hel", 3_600.0, "lo"), 30, 30) == ["Hel", "lo"]


@pytest.mark.parametrize(
    ("first_token_s", "members", "share_s"), [(60, 2, 30), (60, 3, 20), (15, 3, 10), (None, 2, 30)]
)
def test_the_callers_patience_is_shared_out(first_token_s: float | None, members: int, share_s: float) -> None:
    assert share(first_token_s, 60, members) == share_s
