"""/export: conversations as a file, Markdown or JSON: the present one or all of the chat."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.intake.export import FORMATS
from bot.intake.exports import Exports, Wish
from bot.intake.handlers.filters import Matches, Named
from bot.intake.message.mention import Author
from bot.intake.middlewares.rights import CHOICE
from bot.intake.notice import Method, notice, thread_id, toast
from bot.storage.conversations.conversations import Conversations
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"export:(md|json):([0-9]{1,15}|all)")


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("export"), flags=CHOICE)
    router.callback_query.register(press, Matches(DATA), flags=CHOICE)


async def command(message: Message, chat: Chat, texts: Texts, conversations: Conversations) -> Method:
    """Ask which conversations are wanted, and how."""
    present, count = await conversations.present(chat.id), await conversations.count(chat.id)
    if not count:
        return notice(message, texts.export_nothing)
    choices = [(texts.export_all_button, "all")] if present is None or count > 1 else []
    if present is not None:
        choices.insert(0, (texts.export_one_button, str(present.id)))
    rows = [
        [
            InlineKeyboardButton(text=label.format(format=name), callback_data=f"export:{form}:{which}")
            for form, name in FORMATS.items()
        ]
        for label, which in choices
    ]
    return notice(message, texts.export_which, InlineKeyboardMarkup(inline_keyboard=rows))


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    author: Author,
    pressed: Message,
    chat: Chat,
    texts: Texts,
    conversations: Conversations,
    exports: Exports,
) -> Method:
    """Have the file made; it comes when it is ready."""
    which = None if match[2] == "all" else int(match[2])
    is_there = await conversations.get(chat.id, which) if which is not None else await conversations.count(chat.id)
    if not is_there:
        return toast(query, texts.history_gone if which is not None else texts.export_nothing)
    wish = Wish(chat.id, which, match[1], pressed.chat.id, thread_id(pressed), author.id, texts)
    return toast(query, texts.export_begun if exports.want(wish) else texts.export_busy)
