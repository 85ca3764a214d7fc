"""/usage: what was used today, and of how much; /id: the ids of person and chat."""

from aiogram import Router
from aiogram.types import Message
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog
from bot.intake.batch import Batch
from bot.intake.bill import duration, payers, sum_line, used_lines
from bot.intake.handlers.filters import Named
from bot.intake.message.mention import Author, is_group
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, filled, notice, thread_id
from bot.settings import Settings
from bot.storage.people.accounts import Accounts
from bot.storage.tables import Chat
from bot.texts import Texts

DAYS = 7  # that are told


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(usage, Named("usage", "status", "whoami"))
    router.message.register(ids, Named("id"), flags=JOINS)


async def usage(
    message: Message,
    author: Author,
    is_admin: bool,
    chat: Chat,
    texts: Texts,
    settings: Settings,
    catalog: Catalog,
    accounts: Accounts,
    batch: Batch,
) -> Method:
    """Say who answers here, and what the person, and the group, have used today."""
    who = payers(message, author, is_admin=is_admin, settings=settings)
    provider = catalog.resolve(chat.provider)
    model = catalog.model(provider, batch.models.get((chat.id, provider)))
    label = catalog.label(provider)
    answering = filled(texts.usage_model if model else texts.usage_provider, provider=label, model=model)
    lines: list[Text | str] = [answering, "\n", texts.usage_failing if catalog.failing(provider) else texts.usage_works]
    uses = await accounts.use(who)
    for payer, use in zip(who, uses, strict=True):
        of_group = is_group(message) and payer.telegram_id == message.chat.id
        limits = (use.most_messages, use.most_tokens, use.most_cost)
        lines += ["\n\n", filled(texts.usage_group if of_group else texts.usage_person, id=payer.telegram_id)]
        for line in used_lines(use, limits, texts):
            lines += ["\n", line]
        by_provider = await accounts.by_provider(payer.telegram_id)
        for total in by_provider if len(by_provider) > 1 else ():
            lines += ["\n", sum_line(total, catalog.label(total.name, painter=texts.painter), texts)]
        by_day = await accounts.by_day(payer.telegram_id, days=DAYS)
        for total in by_day if len(by_day) > 1 else ():
            lines += ["\n", sum_line(total, total.name, texts)]
    if any(limit is not None for use in uses for limit in (use.most_messages, use.most_tokens, use.most_cost)):
        lines += ["\n\n", filled(texts.usage_ends, time=Text(duration(uses[0].ends_in_s, texts)))]
    return notice(message, Text(*lines))


async def ids(message: Message, author: Author, texts: Texts) -> Method:
    """Tell the ids of who asks and of where that is."""
    text = filled(texts.id_person, id=author.id)
    if is_group(message):
        text = Text(text, "\n", filled(texts.id_chat, id=message.chat.id))
    if (topic := thread_id(message)) is not None:
        text = Text(text, "\n", filled(texts.id_topic, id=topic))
    return notice(message, text)
