"""What tests wait for: a bot that asks for updates, words that are gone."""

import asyncio

import pytest

from telegram_playground.client import Bot, Chat, NothingCame, PlaygroundClient, User
from tests.telegram_playground.raw_bot import RawBot


async def test_a_bot_that_waits_since_before_a_reset_is_awake(raw: RawBot, people: PlaygroundClient, bot: Bot) -> None:
    polling = asyncio.create_task(raw.updates(timeout=50))
    await people.awake(bot)
    await people.command("reset")

    await people.awake(bot, timeout=0.2)

    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)


async def test_a_bot_is_awake_when_it_asks_for_updates_or_has_a_webhook(
    raw: RawBot, people: PlaygroundClient, bot: Bot
) -> None:
    with pytest.raises(NothingCame, match="did not ask for updates"):
        await people.awake(bot, timeout=0)
    waiting = asyncio.create_task(people.awake(bot, timeout=60))
    await raw.updates(timeout=0)
    await waiting

    await people.command("reset")
    with pytest.raises(NothingCame):
        await people.awake(bot, timeout=0)
    await raw("setWebhook", url="http://127.0.0.1:9/")
    await people.awake(bot, timeout=0)


async def test_words_are_looked_for_in_all_messages(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="an error")
    for number in range(120):
        await raw("sendMessage", chat_id=chat.id, text=str(number))

    with pytest.raises(NothingCame, match="the chat has 'an error'"):
        await people.gone(chat, "error", timeout=0)
    gone = asyncio.create_task(people.gone(chat, "error", timeout=60))
    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="well")
    await gone
