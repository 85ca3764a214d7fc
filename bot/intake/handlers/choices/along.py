"""Reading along in a group: what its people say to each other is kept for questions about it, where admins wish that.

It is said aloud when it begins and when it ends, in the group, and in /help as long as it is on.
"""

from aiogram.types import Message, User
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog
from bot.clock import Clock
from bot.intake.batch import Batch
from bot.intake.notice import Method, filled, notice
from bot.storage.people.access import Accesses
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat
from bot.texts import Texts

NAME = "along"
CHOICES = (0, 20, 50)  # messages


def to_reading(chat: Chat, count: int) -> Change:
    """Have so many messages of a group be kept, 0 for none, in all of its topics."""
    return Change(chat.id, {"read_along": count}, everywhere=chat.telegram_id)


def following(count: int) -> int:
    """Return what a press chooses."""
    return CHOICES[(CHOICES.index(count) + 1) % len(CHOICES)] if count in CHOICES else 0


async def sees_all(place: Message, me: User, accesses: Accesses, clock: Clock) -> bool:
    """Tell whether Telegram shows the bot all messages of a group: without privacy mode, or as one of its admins."""
    if me.can_read_all_group_messages:
        return True
    return bool(await accesses.administers(place.chat.id, me.id, within_s=clock.wall()))


def privacy(count: int, chat: Chat, texts: Texts, catalog: Catalog) -> Text:
    """Say what is kept of what people say, for how long, who gets it, and how that ends."""
    provider = catalog.label(catalog.resolve(chat.provider))
    return filled(texts.along_on, count=Text(str(count)), provider=provider)


def announced(place: Message, count: int, chat: Chat, texts: Texts, catalog: Catalog, batch: Batch) -> list[Method]:
    """Say aloud in the group what is new for its people; nothing where nothing is."""
    before = batch.read_along(chat.telegram_id)
    if count == before:
        return []
    return [notice(place, privacy(count, chat, texts, catalog) if count else texts.along_ended)]
