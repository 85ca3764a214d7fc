"""/retry, and the 🔄 button: the last prompt is answered again."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message, Update

from bot.catalog.catalog import Catalog
from bot.intake.batch import Asked, Batch, Denied, Limited
from bot.intake.bill import bill
from bot.intake.handlers.choices.role import Personas
from bot.intake.handlers.filters import Matches, Named
from bot.intake.handlers.question.prompt import ask, limited
from bot.intake.message.mention import Author, is_group
from bot.intake.message.piece import piece_of
from bot.intake.middlewares.rights import GUARD, AskerOrAdmin
from bot.intake.notice import Method, notice, toast
from bot.settings import Settings
from bot.storage.questions.prompts import Prompts
from bot.storage.questions.questions import Verdict
from bot.storage.questions.taking import Spent
from bot.storage.questions.versions import Versions
from bot.storage.tables import Chat
from bot.texts import Texts
from providers.blocks import Text

DATA = re.compile(r"retry:([0-9]{1,15})")


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(
        command, Named("retry", "resend", "redo", "regenerate"), flags={GUARD: AskerOrAdmin(lambda _data: None)}
    )
    router.callback_query.register(
        press, Matches(DATA), flags={GUARD: AskerOrAdmin(lambda data: int(data["match"][1]))}
    )


async def command(
    message: Message,
    args: str,
    event_update: Update,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    personas: Personas,
    is_admin: bool,
    prompts: Prompts,
    batch: Batch,
) -> Method | Asked | Denied | Limited | None:
    """Answer the last prompt again, in a new reply; with a text, in that wording. With none before, the text is one."""
    said = f"{author.name}: {args}" if is_group(message) else args
    wording = piece_of(message, (Text(said),)) if args else None
    provider = catalog.resolve(chat.provider)
    counts = bill(message, author, provider=provider, is_admin=is_admin, settings=settings)
    verdict = batch.refused.get(chat.id) or await prompts.again(
        event_update.update_id, chat.id, user_id=author.id, language=texts.code, wording=wording, bill=counts
    )
    if verdict is Verdict.LIMITED:
        return Limited(Spent(counts), lambda reached: limited(message, reached, author, texts))
    if verdict in (Verdict.ACCEPTED, Verdict.BUSY):
        batch.refused[chat.id] = Verdict.BUSY
        batch.idle.clear()
    elif verdict is Verdict.NOTHING:
        batch.refused[chat.id] = verdict
    if wording and verdict is Verdict.NOTHING:
        return ask(
            message,
            wording,
            author=author,
            chat=chat,
            texts=texts,
            catalog=catalog,
            personas=personas,
            counts=counts,
        )
    if wording and verdict is Verdict.BUSY:
        return notice(message, texts.retry_not_taken, reply=True)
    told = sentence(verdict, texts)
    return Denied(notice(message, told)) if told else None


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    event_update: Update,
    author: Author,
    pressed: Message,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    is_admin: bool,
    versions: Versions,
) -> Method:
    """Answer the last prompt again, in the messages of its answer."""
    provider = catalog.resolve(chat.provider)
    counts = bill(pressed, author, provider=provider, is_admin=is_admin, settings=settings)
    verdict = await versions.anew(
        event_update.update_id, chat.id, user_id=author.id, answer_id=int(match[1]), bill=counts
    )
    return toast(query, sentence(verdict, texts))


def sentence(verdict: Verdict, texts: Texts) -> str | None:
    """Return why nothing is answered again, None where something is."""
    sentences = {
        Verdict.BUSY: texts.retry_busy,
        Verdict.NOTHING: texts.nothing_to_retry,
        Verdict.STALE: texts.retry_stale,
        Verdict.LIMITED: texts.limit_toast,
    }
    return sentences.get(verdict)
