"""The smallest limits that can be set still let an answer grow."""

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.conftest import Start

pytestmark = pytest.mark.walk


@pytest.mark.parametrize("changes", [{"chat_burst": 1}, {"bot_rate": 1}])
async def test_an_answer_grows_at_the_smallest_limits(
    changes: dict[str, float], start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("hello", *(item for number in range(50) for item in (f"word{number} ", 0.1)))

    async with start(**changes):
        await people.write(chat, ann, "hello")
        answer = await people.wait(chat, text="word49$", complete=True)

    edits = [entry for entry in await people.transcript(chat) if entry["kind"] == "edit"]
    assert len(edits) >= 3
    assert answer.text.startswith("word0 word1 ")
