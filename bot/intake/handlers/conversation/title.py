"""/title: what the present conversation is called."""

from aiogram import Router
from aiogram.types import Message
from aiogram.utils.formatting import Bold

from bot.intake.glimpse import named
from bot.intake.handlers.filters import Named
from bot.intake.message.mention import is_group
from bot.intake.middlewares.rights import CHOICE
from bot.intake.notice import Method, filled, notice
from bot.storage.conversations.conversations import Conversations
from bot.storage.conversations.title import title
from bot.storage.tables import Chat
from bot.texts import Texts


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("title"), flags=CHOICE)


async def command(message: Message, args: str, chat: Chat, texts: Texts, conversations: Conversations) -> Method:
    """Name the present conversation, or say how it is called."""
    nothing = texts.title_nothing_group if is_group(message) else texts.title_nothing
    if name := title(args):
        if not await conversations.rename(chat.id, name):
            return notice(message, nothing)
        return notice(message, filled(texts.titled, title=Bold(named(name, texts))))
    present = await conversations.present(chat.id)
    if present is None:
        return notice(message, nothing)
    return notice(message, filled(texts.title_shown, title=Bold(named(present.title, texts))))
