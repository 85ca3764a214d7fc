"""A group that becomes a supergroup keeps its conversation."""

from aiogram import F, Router
from aiogram.types import Message

from bot.settings import Settings
from bot.storage.access import Accesses
from bot.storage.chats import Chats


def router() -> Router:
    """Build the router."""
    router = Router(name="migration")
    router.message.register(migrate, F.migrate_to_chat_id | F.migrate_from_chat_id)
    return router


async def migrate(message: Message, settings: Settings, chats: Chats, accesses: Accesses) -> None:
    """Follow the group to its new id; told twice, in the old chat and in the new one, and done once."""
    old = message.migrate_from_chat_id or message.chat.id
    new = message.migrate_to_chat_id or message.chat.id
    await chats.migrate(old, new)
    await accesses.migrate(old, new, is_listed=old in settings.allowed_chats)
