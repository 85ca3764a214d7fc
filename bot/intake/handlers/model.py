"""/model: which of the provider's models answers in this conversation."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from aiogram.utils.formatting import Text

from bot.catalog import Catalog
from bot.intake.handlers.choice import Option, chosen, keyboard, way_back
from bot.intake.handlers.command import Named
from bot.intake.notice import Method, edit, filled, notice, toast
from bot.storage.chats import Chats
from bot.storage.tables import Chat
from bot.texts import Texts

KIND = "model"


def router() -> Router:
    """Build the router."""
    router = Router(name=KIND)
    router.message.register(command, Named("model", "models"))
    router.callback_query.register(press, F.data.startswith((f"{KIND}:", f"{KIND}#")))
    router.callback_query.register(turn_page, F.data.startswith(f"{KIND}-page:"))
    return router


async def command(
    message: Message, args: str, event_update: Update, chat: Chat, texts: Texts, catalog: Catalog, chats: Chats
) -> Method | None:
    """Choose the model that is named, else offer all of them."""
    provider = catalog.resolve(chat.provider)
    present = catalog.model(provider, await chats.model(chat.id, provider))
    model = catalog.find_model(provider, args) if args else None
    if model is None:
        text, offered = listing(provider, present, texts, catalog)
        unknown = filled(texts.model_unknown, model=args, provider=provider)
        return notice(message, unknown if args and offered else text, offered)
    if not await chats.set_model(event_update.update_id, chat.id, provider, model):
        return None
    return notice(message, filled(texts.model_switched, model=model))


async def press(
    query: CallbackQuery,
    event_update: Update,
    pressed: Message,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    chats: Chats,
) -> list[Method]:
    """Choose the model on the button, if it is still one of the present provider's."""
    provider = catalog.resolve(chat.provider)
    model = chosen(KIND, query.data or "", catalog.models(provider))
    if model is None:
        return [toast(query, texts.button_too_old)]
    if not await chats.set_model(event_update.update_id, chat.id, provider, model):
        return [toast(query)]
    switched = filled(texts.model_switched, model=model)
    offered = _choices(provider, model, catalog, below=way_back(pressed, texts))
    return [toast(query, switched.render()[0]), edit(pressed, switched, offered)]


async def turn_page(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, catalog: Catalog, chats: Chats
) -> list[Method]:
    """Show another page of models."""
    provider = catalog.resolve(chat.provider)
    present = catalog.model(provider, await chats.model(chat.id, provider))
    page = (query.data or "").partition(":")[2]
    number, below = int(page) if page.isdecimal() else 0, way_back(pressed, texts)
    text, offered = listing(provider, present, texts, catalog, page=number, below=below)
    return [toast(query), edit(pressed, text, offered)]


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
        return filled(texts.model_no_choice, provider=provider), keyboard(KIND, [], below=below) if below else None
    shown = Text(texts.model_default) if present is None else present
    text = filled(texts.model_list, provider=provider, model=shown)
    return text, _choices(provider, present, catalog, page=page, below=below)


def _choices(
    provider: str,
    present: str | None,
    catalog: Catalog,
    *,
    page: int | None = None,
    below: Sequence[InlineKeyboardButton] = (),
) -> InlineKeyboardMarkup:
    options = [Option(model, present=model == present) for model in catalog.models(provider)]
    return keyboard(KIND, options, page=page, below=below)
