"""/provider: who answers in this conversation."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog, Cause
from bot.intake.batch import Batch, Changed
from bot.intake.handlers.choices.choice import MAX_LABEL, Option, chosen, keyboard, way_back
from bot.intake.handlers.filters import Begins, Named
from bot.intake.middlewares.rights import CHOICE
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, clipped, edit, filled, notice, toast
from bot.storage.questions.choices import to_provider
from bot.storage.tables import Chat
from bot.texts import Texts

KIND = "provider"
FAILING = " ⚠️"
TENTHS_S = 10  # below it their tenths are told
MAX_STATES = 30  # lines; the listing must fit into one message


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("provider", "providers"), flags=JOINS | CHOICE)
    router.callback_query.register(press, Begins(f"{KIND}:", f"{KIND}#"), flags=JOINS | CHOICE)
    router.callback_query.register(turn_page, Begins(f"{KIND}-page:"), flags=JOINS | CHOICE)


async def command(
    message: Message, args: str, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch
) -> Method | Changed:
    """Switch to the provider that is named, else offer all of them."""
    if not args:
        return notice(message, listing(chat, texts, catalog), choices(chat.provider, catalog))
    provider = catalog.find(args)
    if provider is None:
        return notice(message, filled(texts.provider_unknown, provider=args), choices(chat.provider, catalog))
    model = catalog.model(provider, batch.models.get((chat.id, provider)))
    return Changed(to_provider(chat.id, provider), (notice(message, _switched(catalog.label(provider), model, texts)),))


async def press(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch
) -> list[Method] | Changed:
    """Switch to the provider on the button."""
    provider = chosen(KIND, query.data or "", catalog.ids)
    if provider is None:
        offered = choices(chat.provider, catalog, below=way_back(pressed, texts))
        return [toast(query, texts.menu_too_old), edit(pressed, listing(chat, texts, catalog), offered)]
    model = catalog.model(provider, batch.models.get((chat.id, provider)))
    switched = _switched(catalog.label(provider), model, texts)
    offered = choices(provider, catalog, below=way_back(pressed, texts))
    said = (toast(query, switched.render()[0]), edit(pressed, switched, offered))
    return Changed(to_provider(chat.id, provider), said)


async def turn_page(query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, catalog: Catalog) -> list[Method]:
    """Show another page of providers."""
    page = (query.data or "").partition(":")[2]
    number = int(page) if page.isdecimal() else 0
    offered = choices(chat.provider, catalog, page=number, below=way_back(pressed, texts))
    return [toast(query), edit(pressed, listing(chat, texts, catalog), offered)]


def listing(chat: Chat, texts: Texts, catalog: Catalog) -> Text:
    """Say who answers now, and how each fares of whom something is known."""
    shown = filled(texts.provider_list, provider=catalog.label(catalog.resolve(chat.provider)))
    known = states(texts, catalog)
    return Text(shown, "\n", *known) if known else shown


def states(texts: Texts, catalog: Catalog) -> list[Text]:
    """Return a line for each provider of which something is known: how long it takes, or why it fails."""
    told = [(catalog.label(provider), _state(provider, texts, catalog)) for provider in catalog.ids]
    return [Text("\n", clipped(label, MAX_LABEL), state) for label, state in told if state][:MAX_STATES]


def choices(
    stored: str, catalog: Catalog, *, page: int | None = None, below: Sequence[InlineKeyboardButton] = ()
) -> InlineKeyboardMarkup:
    """Offer the providers; the present one is marked, and those that fail now."""
    present = catalog.resolve(stored)
    options = [
        Option(
            provider,
            present=provider == present,
            marks=FAILING if catalog.failing(provider) else "",
            label=catalog.label(provider),
        )
        for provider in catalog.ids
    ]
    return keyboard(KIND, options, page=page, below=below)


def _state(provider: str, texts: Texts, catalog: Catalog) -> str:
    """Return how a provider fares, "" where nothing is known."""
    causes = {
        Cause.KEY: texts.cause_key,
        Cause.CREDIT: texts.cause_credit,
        Cause.LIMIT: texts.cause_limit,
        Cause.BLOCKED: texts.cause_blocked,
        Cause.SLOW: texts.cause_slow,
        Cause.UNREACHABLE: texts.cause_unreachable,
        Cause.FAILING: texts.cause_failing,
    }
    if cause := catalog.cause(provider):
        return f" · ⚠️ {causes[cause]}"
    took = catalog.first_text_s(provider)
    if took is None:
        return ""
    number = f"{took:.1f}".replace(".", texts.decimal_sign) if took < TENTHS_S else f"{took:.0f}"
    return f" · {texts.provider_seconds.format(seconds=number)} · {texts.provider_works}"


def _switched(provider: str, model: str | None, texts: Texts) -> Text:
    if model is None:
        return filled(texts.provider_switched, provider=provider)
    return filled(texts.provider_switched_model, provider=provider, model=model)
