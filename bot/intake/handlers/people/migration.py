"""A group that becomes a supergroup keeps its conversation."""

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from bot.settings import Settings
from bot.storage.chats import Chats
from bot.storage.people.access import Accesses


class Migrates(Filter):
    """Lets the message through that tells of it; a coroutine, as aiogram gives other filters to a thread."""

    async def __call__(self, message: Message) -> bool:
        """Tell whether the message says so."""
        return bool(message.migrate_to_chat_id or message.migrate_from_chat_id)


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(migrate, Migrates())


async def migrate(message: Message, settings: Settings, chats: Chats, accesses: Accesses) -> None:
    """Follow the group to its new id; told twice, in the old chat and in the new one, and done once."""
    old = message.migrate_from_chat_id or message.chat.id
    new = message.migrate_to_chat_id or message.chat.id
    await chats.migrate(old, new)
    await accesses.migrate(old, new, is_listed=old in settings.allowed_chats)
