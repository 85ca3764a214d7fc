"""Edited questions: they are answered anew. Whatever else is edited is passed over in silence."""

from aiogram import Router
from aiogram.types import Message, Update, User

from bot.intake.handlers.prompt import worded
from bot.intake.mention import Author, command, is_group
from bot.intake.notice import Method, notice
from bot.storage.prompts import Prompts
from bot.storage.questions import Verdict
from bot.storage.tables import Chat
from bot.texts import Texts


def router() -> Router:
    """Build the router."""
    router = Router(name="edit")
    router.edited_message.register(revise)
    return router


async def revise(
    message: Message,
    me: User,
    event_update: Update,
    author: Author,
    chat: Chat,
    texts: Texts,
    prompts: Prompts,
    left_out: frozenset[str],
) -> Method | None:
    """Have a question say what its message says now; a question that became a command stays what it was."""
    if command(message, me):
        return None
    piece = worded(message, me, texts, left_out, is_question=True)
    if piece is None:
        return None
    verdict = await prompts.revise(
        event_update.update_id,
        chat.id,
        piece,
        user_id=author.id,
        language=texts.code,
        group=is_group(message),
    )
    return notice(message, texts.busy, reply=True) if verdict is Verdict.BUSY else None
