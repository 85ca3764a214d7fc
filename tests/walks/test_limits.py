"""The smallest limits that can be set still let an answer grow."""

import asyncio

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Item, Model
from tests.walks.conftest import Start

pytestmark = pytest.mark.walk


@pytest.mark.parametrize("changes", [{"chat_burst": 1}, {"bot_rate": 1}])
async def test_an_answer_grows_at_the_smallest_limits(
    changes: dict[str, float], start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    words = [f"word{number} " for number in range(50)]
    gates = {at: asyncio.Event() for at in (10, 20, 30, 40)}
    said: list[Item] = []
    for at, gate in gates.items():
        said += [*words[at - 10 : at], gate]
    model.says("hello", *said, *words[40:])

    async with start(**changes):
        await people.write(chat, ann, "hello")
        for at, gate in gates.items():
            await people.wait(chat, text=f"word{at - 1}\\b")
            gate.set()
        answer = await people.wait(chat, text="word49$", complete=True)

    edits = [entry for entry in await people.transcript(chat) if entry["kind"] == "edit"]
    assert len(edits) >= 3
    assert answer.text.startswith("word0 word1 ")
