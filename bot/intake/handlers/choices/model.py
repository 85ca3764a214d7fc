"""/model: which of the provider's models answers in this conversation."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog
from bot.intake.batch import Batch, Changed
from bot.intake.handlers.choices.choice import Option, chosen, keyboard, way_back
from bot.intake.handlers.filters import Begins, Named
from bot.intake.middlewares.rights import CHOICE
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, edit, filled, notice, toast
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat
from bot.texts import Texts

KIND = "model"


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("model", "models"), flags=JOINS | CHOICE)
    router.callback_query.register(press, Begins(f"{KIND}:", f"{KIND}#"), flags=JOINS | CHOICE)
    router.callback_query.register(turn_page, Begins(f"{KIND}-page:"), flags=JOINS | CHOICE)


async def command(
    message: Message, args: str, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch
) -> Method | Changed:
    """Choose the model that is named, else offer all of them."""
    provider = catalog.resolve(chat.provider)
    present = catalog.model(provider, batch.models.get((chat.id, provider)))
    model = catalog.find_model(provider, args) if args else None
    if model is None:
        text, offered = listing(provider, present, texts, catalog)
        unknown = filled(texts.model_unknown, model=args, provider=catalog.label(provider))
        return notice(message, unknown if args and offered else text, offered)
    said = notice(message, filled(texts.model_switched, model=model))
    return Changed(Change(chat.id, model=(provider, model)), (said,))


async def press(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch
) -> list[Method] | Changed:
    """Choose the model on the button, if it is still one of the present provider's; the button names both."""
    provider = catalog.resolve(chat.provider)
    values = {_value(provider, model): model for model in catalog.models(provider)}
    value = chosen(KIND, query.data or "", values)
    if value is None:
        return _renewed(query, pressed, chat, texts, catalog, batch)
    model = values[value]
    switched = filled(texts.model_switched, model=model)
    offered = _choices(provider, model, catalog, below=way_back(pressed, texts))
    said = (toast(query, switched.render()[0]), edit(pressed, switched, offered))
    return Changed(Change(chat.id, model=(provider, model)), said)


async def turn_page(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch
) -> list[Method]:
    """Show another page of models."""
    provider = catalog.resolve(chat.provider)
    page, _, of = (query.data or "").partition(":")[2].partition(":")
    if of != provider:
        return _renewed(query, pressed, chat, texts, catalog, batch)
    present = catalog.model(provider, batch.models.get((chat.id, provider)))
    number, below = int(page) if page.isdecimal() else 0, way_back(pressed, texts)
    text, offered = listing(provider, present, texts, catalog, page=number, below=below)
    return [toast(query), edit(pressed, text, offered)]


def _renewed(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch
) -> list[Method]:
    """Put the present menu in place of one of another provider, or with models that are gone."""
    provider = catalog.resolve(chat.provider)
    present = catalog.model(provider, batch.models.get((chat.id, provider)))
    text, offered = listing(provider, present, texts, catalog, below=way_back(pressed, texts))
    return [toast(query, texts.menu_too_old), edit(pressed, text, offered)]


def listing(
    provider: str,
    present: str | None,
    texts: Texts,
    catalog: Catalog,
    *,
    page: int | None = None,
    below: Sequence[InlineKeyboardButton] = (),
) -> tuple[Text, InlineKeyboardMarkup | None]:
    """Say which model answers now, and offer the others where there are some."""
    if not catalog.models(provider):
        return filled(texts.model_no_choice, provider=catalog.label(provider)), keyboard(
            KIND, [], below=below
        ) if below else None
    shown = Text(texts.model_default) if present is None else present
    text = filled(texts.model_list, provider=catalog.label(provider), model=shown)
    return text, _choices(provider, present, catalog, page=page, below=below)


def _choices(
    provider: str,
    present: str | None,
    catalog: Catalog,
    *,
    page: int | None = None,
    below: Sequence[InlineKeyboardButton] = (),
) -> InlineKeyboardMarkup:
    options = [
        Option(_value(provider, model), present=model == present, label=model) for model in catalog.models(provider)
    ]
    return keyboard(KIND, options, page=page, below=below, of=provider)


def _value(provider: str, model: str) -> str:
    return f"{provider}:{model}"
