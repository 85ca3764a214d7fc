"""The buttons under a finished answer that give more than its text: it comes when it is ready, beside all else."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message, Update

from bot.intake.handlers.filters import Matches
from bot.intake.message.mention import Author
from bot.intake.middlewares.rights import GUARD, AskerOrAdmin
from bot.intake.notice import Method, toast
from bot.storage.answers.orders import Orders, Taken
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"(?:file|voice):([0-9]{1,15}):[0-9]{1,2}")


def register(router: Router) -> None:
    """Register the handlers."""
    router.callback_query.register(
        press, Matches(DATA), flags={GUARD: AskerOrAdmin(lambda data: int(data["match"][1]))}
    )


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    event_update: Update,
    author: Author,
    pressed: Message,
    chat: Chat,
    texts: Texts,
    orders: Orders,
) -> Method:
    """Have it made."""
    taken = await orders.order(
        event_update.update_id,
        chat.id,
        int(match[1]),
        match[0],
        user_id=author.id,
        message_id=pressed.message_id,
        language=texts.code,
    )
    sentences = {Taken.WAITING: texts.order_waiting, Taken.STALE: texts.button_too_old}
    return toast(query, sentences.get(taken, texts.order_begun))
