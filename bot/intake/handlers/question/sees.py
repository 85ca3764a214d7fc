"""The buttons under an answer whose model did not see the pictures: another one takes over, and answers again."""

import re
from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message, Update

from bot.catalog.catalog import Catalog
from bot.intake.batch import Batch
from bot.intake.bill import bill
from bot.intake.handlers.filters import Matches
from bot.intake.handlers.question.retry import sentence
from bot.intake.message.mention import Author
from bot.intake.middlewares.rights import GUARD, AskerOrAdmin, Each, MayChange
from bot.intake.notice import Method, filled, toast
from bot.settings import Settings
from bot.storage.questions.choices import to_provider
from bot.storage.questions.questions import Verdict
from bot.storage.questions.versions import Versions
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"sees:([0-9]{1,15}):([0-9a-f]{12})")


def register(router: Router) -> None:
    """Register the handlers."""
    by_asker = AskerOrAdmin(lambda data: int(data["match"][1]))  # it answers again, and chooses for the chat
    router.callback_query.register(press, Matches(DATA), flags={GUARD: Each(MayChange(), by_asker)})


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    event_update: Update,
    author: Author,
    chat: Chat,
    texts: Texts,
    pressed: Message,
    catalog: Catalog,
    settings: Settings,
    is_admin: bool,
    versions: Versions,
    batch: Batch,
) -> Method:
    """Switch to the model on the button, and have it answer the last prompt in the messages of its answer."""
    if (choice := catalog.named(match[2])) is None:
        return toast(query, texts.button_too_old)
    provider, model = choice
    chosen = replace(to_provider(chat.id, provider), model=choice if model else None)
    counts = bill(pressed, author, provider=provider, is_admin=is_admin, settings=settings)
    verdict = await versions.anew(
        event_update.update_id, chat.id, user_id=author.id, answer_id=int(match[1]), chosen=chosen, bill=counts
    )
    if verdict is not Verdict.ACCEPTED:
        return toast(query, sentence(verdict, texts))
    batch.apply(chosen)
    template = texts.provider_switched_model if model else texts.provider_switched
    return toast(query, filled(template, provider=catalog.label(provider), model=model).render()[0])
