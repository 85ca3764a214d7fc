"""/forget: all conversations of a chat, or topic, are deleted, once a button has confirmed it."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import Text

from bot.clock import Clock
from bot.intake.handlers.filters import Matches, Named
from bot.intake.message.mention import is_group
from bot.intake.middlewares.rights import CHOICE
from bot.intake.notice import Method, edit, filled, notice, toast
from bot.storage.conversations.conversations import Conversations
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"forget:([0-9]{1,12})|forget-not")
VALID_S = 600.0  # what a person confirms later than that, he may have forgotten himself


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("forget"), flags=CHOICE)
    router.callback_query.register(press, Matches(DATA), flags=CHOICE)


async def command(message: Message, chat: Chat, texts: Texts, conversations: Conversations, clock: Clock) -> Method:
    """Ask whether all is to be deleted, and say what stays."""
    if not (count := await conversations.count(chat.id)):
        return notice(message, texts.forget_nothing)
    sure = InlineKeyboardButton(text=texts.forget_button, callback_data=f"forget:{int(clock.wall())}")
    not_at_all = InlineKeyboardButton(text=texts.cancel_button, callback_data="forget-not")
    asked = texts.forget_sure_group if is_group(message) else texts.forget_sure
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[sure], [not_at_all]])
    return notice(message, Text(filled(asked, count=count), _only_here(message, chat, texts)), keyboard)


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    pressed: Message,
    chat: Chat,
    texts: Texts,
    conversations: Conversations,
    clock: Clock,
) -> list[Method]:
    """Delete all, or nothing."""
    if match[1] is None:
        return [toast(query), edit(pressed, texts.forget_cancelled)]
    if abs(clock.wall() - int(match[1])) > VALID_S:
        return [toast(query, texts.forget_old), edit(pressed, texts.forget_old)]
    deleted = await conversations.delete(chat.id)
    told = texts.deleted if deleted.conversations else texts.forget_nothing  # as where a kill came before these words
    dropped = texts.dropped.format(count=deleted.dropped)
    forgotten = texts.forgotten + _only_here(pressed, chat, texts)
    said = f"{forgotten}\n\n{dropped}" if deleted.dropped else forgotten
    return [toast(query, told), edit(pressed, said)]


def _only_here(message: Message, chat: Chat, texts: Texts) -> str:
    """Say that the other topics of a chat keep their conversations, where there may be some."""
    return f"\n\n{texts.forget_topic}" if chat.thread_id or message.chat.is_forum else ""
