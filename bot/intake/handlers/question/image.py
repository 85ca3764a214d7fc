"""/image: a picture of what somebody writes, or a changed one, as the answer to that."""

from aiogram import Router
from aiogram.types import Message

from bot.catalog.catalog import Catalog
from bot.intake.batch import Asked, Denied
from bot.intake.bill import bill
from bot.intake.handlers.choices.role import Personas
from bot.intake.handlers.filters import Named
from bot.intake.handlers.question.prompt import ask
from bot.intake.message.attached import pictures
from bot.intake.message.mention import Author
from bot.intake.message.piece import piece_of
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import notice
from bot.settings import Settings
from bot.storage.tables import Chat
from bot.texts import Texts
from providers.blocks import Draw, Text


def register(router: Router) -> None:
    """Register the handler."""
    router.message.register(command, Named("image"), flags=JOINS)


async def command(
    message: Message,
    args: str,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    personas: Personas,
    is_admin: bool,
) -> Denied | Asked:
    """Queue it as a question; a service makes the picture beside the chat's provider.

    Those that the command stands under or replies to are changed as it says.
    """
    if not catalog.can_draw:
        return Denied(notice(message, texts.image_nobody))
    if not args:
        return Denied(notice(message, texts.image_usage))
    counts = bill(message, author, provider=catalog.painter.id, is_admin=is_admin, settings=settings)
    piece = piece_of(message, (Draw(), *pictures(message), Text(args)))
    return ask(message, piece, author=author, chat=chat, texts=texts, catalog=catalog, personas=personas, counts=counts)
