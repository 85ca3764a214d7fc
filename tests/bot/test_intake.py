"""Intake: every update is stored before it is acknowledged, and none holds up the others."""

from tests.bot.door import Door
from tests.bot.raw import said


async def test_a_text_is_queued(door: Door) -> None:
    assert await door.knock(said("Hello")) == []

    assert await door.asked() == ["Hello"]
