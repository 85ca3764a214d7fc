"""Work in slices: when others have their turn."""

from collections.abc import Generator

import pytest

from bot.slices import TURN_S, in_turns


@pytest.mark.parametrize(("takes_s", "pauses"), [(TURN_S / 10, 0), (TURN_S, 4), (TURN_S * 0.6, 2)])
async def test_others_have_their_turn_after_some_time_and_not_after_each_slice(takes_s: float, pauses: int) -> None:
    now, paused = 0.0, 0

    def work() -> Generator[None, None, str]:
        nonlocal now
        for _ in range(4):
            now += takes_s
            yield
        return "done"

    async def pause() -> None:
        nonlocal paused
        paused += 1

    assert await in_turns(work(), pause, lambda: now) == "done"
    assert paused == pauses
