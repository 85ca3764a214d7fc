"""/new: what was said before is no longer sent."""

import pytest

from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import said


async def answer(door: Door, prompt: str) -> None:
    await door.knock(said(prompt))
    job = await door.store.begin()
    assert job
    await door.store.made(job, text=f"re: {prompt}")
    await door.store.replies.stands(job)


@pytest.mark.parametrize("command", ["/new", "/reset", "/clear"])
async def test_a_new_conversation_knows_nothing_of_the_old_one(door: Door, command: str) -> None:
    await answer(door, "one")

    assert await door.told(said(command)) == [EN.new]

    await door.knock(said("two"))
    *_, job = await door.queue()
    assert await door.store.history(job) == [("user", "two")]


async def test_a_replayed_command_does_not_begin_another_one(door: Door) -> None:
    update = said("/new")
    await door.knock(update)
    await answer(door, "one")

    assert await door.knock(update) == []

    await door.knock(said("two"))
    *_, job = await door.queue()
    assert await door.store.history(job) == [("user", "one"), ("assistant", "re: one"), ("user", "two")]
