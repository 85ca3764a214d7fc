"""A silent member is left; one that shows life, thinks or has begun is waited for."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from providers.base import Alive, Delta, Reasoning
from providers.errors import TimedOut
from providers.wire.patience import patient, share


async def answer_of(*steps: Delta | float) -> AsyncGenerator[Delta, None]:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            yield step


async def test_a_silent_member_is_left_after_its_patience() -> None:
    with pytest.raises(TimedOut, match="silent for") as caught:
        async for _ in patient(answer_of(1.0, "late"), "a", 0.05, 0.05):
            pass

    assert caught.value.provider == "a"


async def test_a_member_that_shows_life_or_thinks_is_waited_for() -> None:
    steps = [step for _ in range(4) for step in (0.03, Alive(), 0.03, Reasoning("Hm"))]

    found = [delta async for delta in patient(answer_of(*steps, "Hi"), "a", 0.1, 0.1)]

    assert found[-1] == "Hi"


async def test_after_its_first_text_a_member_has_the_callers_patience() -> None:
    found = [delta async for delta in patient(answer_of("Hel", 0.2, "lo"), "a", 0.05, 0.05)]

    assert found == ["Hel", "lo"]


@pytest.mark.parametrize(
    ("first_token_s", "members", "share_s"), [(60, 2, 30), (60, 3, 20), (15, 3, 10), (None, 2, 30)]
)
def test_the_callers_patience_is_shared_out(first_token_s: float | None, members: int, share_s: float) -> None:
    assert share(first_token_s, 60, members) == share_s
