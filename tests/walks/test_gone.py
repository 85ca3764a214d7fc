"""Who blocks the bot is left alone, and costs nothing."""

import asyncio

import pytest

from bot.app.app import App
from bot.storage.tables import Outcome
from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.conftest import all_taken

pytestmark = pytest.mark.walk


async def test_what_waits_in_a_chat_that_is_gone_is_never_asked_and_what_comes_later_is(
    app: App, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("one", "The beginning", go_on, " and the end.")
    await people.write(chat, ann, "one")
    await people.wait(chat, text="The beginning")
    await people.write(chat, ann, "two")
    await people.write(chat, ann, "three")

    await people.block(chat)
    await all_taken(people)
    go_on.set()
    while (answer := await app.rows.answers.get(1)) is None or answer.outcome is not Outcome.UNDELIVERABLE:
        pass
    await people.unblock(chat)
    await people.write(chat, ann, "I am back")
    await people.wait(chat, text="You said: I am back", complete=True)

    assert model.prompts() == ["one", "I am back"]
