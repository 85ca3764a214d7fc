"""/new: a new conversation."""

from aiogram import Router
from aiogram.types import Message, Update

from bot.intake.handlers.command import Named
from bot.intake.notice import Method, notice
from bot.intake.rights import MayChange
from bot.storage.chats import Chats
from bot.storage.tables import Chat
from bot.texts import Texts


def router() -> Router:
    """Build the router."""
    router = Router(name="new")
    router.message.register(new, Named("new", "reset", "clear"))
    router.message.middleware(MayChange())
    return router


async def new(message: Message, event_update: Update, chat: Chat, texts: Texts, chats: Chats) -> Method | None:
    """Leave what was said so far out of the history."""
    began = await chats.start_new(event_update.update_id, chat.id)
    return notice(message, texts.new) if began else None
