"""The buttons go from answers that are no longer the last; which ones those are outlives the process."""

import asyncio

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import EditMessageReplyMarkup, SendMessage

from bot.delivery.delivery import Delivery
from bot.reply.spent_buttons import SpentButtons
from bot.storage.answers.parts import Parts
from bot.storage.chats import Chats
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ANN = 7
GONE = TelegramBadRequest(SendMessage(chat_id=ANN, text="x"), "Bad Request: message to edit not found")


async def test_the_buttons_under_older_answers_go_after_a_kill_too(
    calls: Delivery, chats: Chats, store: Store, parts: Parts, session: Telegram, clock: FakeClock
) -> None:
    chat = await chats.get(ANN, provider="alpha")
    for message_id in (101, 102, 103):  # the process that showed these died at once
        job = await store.ask(chat)
        await store.show(job, message_id)
        await store.replies.stands(await store.made(job))
    session.answers(EditMessageReplyMarkup, GONE, True)

    running = asyncio.ensure_future(SpentButtons(calls, parts, store.signals).run())
    while await parts.spent():
        await clock.advance(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    bared = [(call.message_id, call.reply_markup) for call in session.made(EditMessageReplyMarkup)]
    assert bared == [(101, None), (102, None)]


async def test_the_buttons_under_an_answer_that_is_forgotten_go(chats: Chats, store: Store, parts: Parts) -> None:
    chat = await chats.get(ANN, provider="alpha")
    for message_id in (101, 102):
        job = await store.ask(chat)
        await store.show(job, message_id)
        await store.replies.stands(await store.made(job))
    await parts.stripped(ANN, 101)
    await store.conversations.delete(chat.id)

    while await store.purge.step():
        pass

    assert await parts.spent() == [(ANN, 102)]
