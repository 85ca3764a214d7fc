"""Bill: for whom a question counts, and what is said where a limit of the day is reached; pure."""

from aiogram.types import Message
from aiogram.utils.formatting import Text

from bot.intake.mention import Author, is_group
from bot.intake.notice import filled
from bot.settings import Settings
from bot.storage.usage import Bill, Payer, Reached
from bot.texts import Texts

MINUTE_S, HOUR_S = 60, 3600


def bill(place: Message, author: Author, *, provider: str, is_admin: bool, settings: Settings) -> Bill:
    """Return for whom counts what a person asks of a provider where a message stands: the person, and the group.

    An anonymous admin writes as the group, and is nobody besides. Admins of the bot are not held to limits.
    """
    return Bill(payers(place, author, is_admin=is_admin, settings=settings), provider)


def payers(place: Message, author: Author, *, is_admin: bool, settings: Settings) -> tuple[Payer, ...]:
    """Return who pays for what a person does where a message stands."""
    limits = (settings.limit_messages, settings.limit_tokens)
    person = Payer(author.id, author.name, *limits, is_exempt=is_admin)
    if not is_group(place):
        return (person,)
    name = " ".join((place.chat.title or "").split()) or str(place.chat.id)
    group = Payer(place.chat.id, name, settings.group_limit_messages, settings.group_limit_tokens)
    return (group,) if author.id == place.chat.id else (person, group)


def limit_reached(reached: Reached, author: Author, texts: Texts) -> Text:
    """Say which limit is reached, the person's or the group's, and when it ends."""
    if reached.telegram_id == author.id:
        template = texts.limit_tokens if reached.of_tokens else texts.limit_messages
    else:
        template = texts.group_limit_tokens if reached.of_tokens else texts.group_limit_messages
    used, limit = Text(str(reached.used)), Text(str(reached.limit))
    return filled(template, used=used, limit=limit, time=Text(duration(reached.ends_in_s, texts)))


def duration(seconds: float, texts: Texts) -> str:
    """Say how long something takes, in whole minutes that are not less."""
    minutes = max(1, -int(-seconds // MINUTE_S))
    hours, left = divmod(minutes, HOUR_S // MINUTE_S)
    return texts.hours.format(hours=hours, minutes=left) if hours else texts.minutes.format(minutes=left)
