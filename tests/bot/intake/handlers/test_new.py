"""/new: what was said before is no longer sent."""

import pytest

from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import said


async def answer(door: Door, prompt: str) -> None:
    await door.knock(said(prompt))
    turn = await door.store.begin()
    assert turn
    await door.store.made(turn, text=f"re: {prompt}")
    await door.store.replies.stands(turn)


@pytest.mark.parametrize("command", ["/new", "/reset", "/clear"])
async def test_a_new_conversation_knows_nothing_of_the_old_one(door: Door, command: str) -> None:
    await answer(door, "one")

    assert await door.told(said(command)) == [EN.new]

    await door.knock(said("two"))
    *_, turn = await door.queue()
    assert await door.store.history(turn) == [("user", "two")]


async def test_a_replayed_command_does_not_begin_another_one(door: Door) -> None:
    update = said("/new")
    await door.knock(update)
    await answer(door, "one")

    assert await door.knock(update) == []

    await door.knock(said("two"))
    *_, turn = await door.queue()
    assert await door.store.history(turn) == [("user", "one"), ("assistant", "re: one"), ("user", "two")]
