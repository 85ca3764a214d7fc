"""/new: a new conversation."""

from aiogram import Router
from aiogram.types import Message

from bot.intake.batch import Changed
from bot.intake.handlers.filters import Named
from bot.intake.middlewares.rights import CHOICE
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import notice
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat
from bot.texts import Texts


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(new, Named("new", "reset", "clear"), flags=JOINS | CHOICE)


async def new(message: Message, chat: Chat, texts: Texts) -> Changed:
    """Leave what was said so far out of the history."""
    return Changed(Change(chat.id, is_new=True), (notice(message, texts.new),))
