"""Edited questions: they go to the rows, where `storage/questions/edits.py` says what becomes of each.

Whatever else is edited is passed over in silence.
"""

from aiogram import Router
from aiogram.types import Message, Update, User

from bot.catalog.catalog import Catalog
from bot.intake.batch import Batch, Limited
from bot.intake.bill import bill
from bot.intake.handlers.question.prompt import heard, limited, worded
from bot.intake.message.mention import ASK, Author, command, is_group
from bot.intake.message.piece import piece_of
from bot.intake.notice import Method, notice
from bot.settings import Settings
from bot.storage.overheard import Heard
from bot.storage.questions.prompts import Prompts
from bot.storage.questions.questions import Verdict
from bot.storage.questions.taking import Spent
from bot.storage.tables import Chat
from bot.texts import Texts
from providers.blocks import Text


def register(router: Router) -> None:
    """Register the handlers."""
    router.edited_message.register(revise)


async def revise(
    message: Message,
    me: User,
    event_update: Update,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    is_admin: bool,
    prompts: Prompts,
    left_out: frozenset[str],
    batch: Batch,
) -> Method | Limited | Heard | None:
    """Have a question say what its message says now; a question that became a command stays what it was."""
    called = command(message, me)
    if called and called.name != ASK:
        return None
    piece = worded(message, me, texts, left_out, settings.bot_names, is_question=True)
    if piece is None:
        return None
    provider = catalog.resolve(chat.provider)
    counts = bill(message, author, provider=provider, is_admin=is_admin, settings=settings)
    verdict = await prompts.revise(
        event_update.update_id,
        chat.id,
        piece,
        user_id=author.id,
        language=texts.code,
        group=is_group(message),
        bill=counts,
        rest=piece_of(message, (Text(message.text),)) if is_group(message) and message.text else None,
    )
    if verdict is Verdict.LIMITED:
        return Limited(Spent(counts), lambda reached: limited(message, reached, author, texts))
    if verdict is Verdict.NOTHING and is_group(message) and batch.read_along(message.chat.id):
        return heard(message, author, chat, is_edit=True)
    return notice(message, texts.busy, reply=True) if verdict is Verdict.BUSY else None
