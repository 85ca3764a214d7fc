"""/start, /help: who the bot is and what it can."""

from aiogram import Router
from aiogram.types import Message, User
from aiogram.utils.formatting import Text

from bot.catalog.catalog import GUIDE, Catalog
from bot.intake.batch import Batch
from bot.intake.handlers.choices import along
from bot.intake.handlers.choices.role import Personas
from bot.intake.handlers.filters import Named
from bot.intake.handlers.menu import Place, admin_menus, descriptions, typed
from bot.intake.handlers.question.example import offered
from bot.intake.message.mention import Author, is_group
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, filled, notice
from bot.settings import Settings
from bot.storage.tables import Chat
from bot.texts import Texts


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(start, Named("start", "help"), flags=JOINS)


async def start(
    message: Message,
    called: str,
    me: User,
    author: Author,
    is_admin: bool,
    chat: Chat,
    texts: Texts,
    settings: Settings,
    catalog: Catalog,
    batch: Batch,
    personas: Personas,
    has_paired: bool = False,
) -> list[Method]:
    """Say who answers here, how, and which commands there are; or welcome a new owner, with his own menu."""
    provider = catalog.resolve(chat.provider)
    examples = offered(me, texts, guide=provider == GUIDE)
    if has_paired:
        who = texts.paired_guide if provider == GUIDE else texts.paired_provider
        welcome = Text(texts.paired, "\n\n", filled(who, provider=catalog.label(provider)), "\n\n", texts.paired_people)
        return [
            notice(message, welcome, examples),
            *admin_menus(settings.language, author.id, has_roles=bool(personas)),
        ]
    place = Place.GROUP if is_group(message) else Place.ADMIN if is_admin else Place.PRIVATE
    if place is Place.GROUP:
        how = filled(texts.help_group, username=Text(me.username or ""), provider=catalog.label(provider))
    else:
        how = filled(texts.help_private, provider=catalog.label(provider))
    if place is Place.GROUP and settings.bot_names:
        how = Text(how, " ", filled(texts.help_names, names=", ".join(settings.bot_names)))
    if place is Place.GROUP and (count := batch.read_along(message.chat.id)):
        how = Text(how, "\n\n", along.privacy(count, chat, texts, catalog))
    if provider == GUIDE:
        how = Text(how, "\n\n", filled(texts.help_guide, provider=catalog.label(provider)))
    listed = (descriptions(texts, place, has_roles=bool(personas)), typed(texts, place))
    commands = "\n\n".join("\n".join(f"/{name} – {meaning}" for name, meaning in rows) for rows in listed)
    shown = examples if called == "start" and place is not Place.GROUP else None
    hello = texts.hello_group if place is Place.GROUP else texts.hello
    return [notice(message, Text(filled(hello, bot=Text(me.full_name)), "\n\n", how, "\n\n", commands), shown)]
