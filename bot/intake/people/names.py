"""Names: what the bot's admins read of a person or a chat; pure."""

from aiogram.utils.formatting import Code, Text, TextLink

from bot.intake.notice import MAX_FIELD, clipped
from bot.storage.ids import is_person


def linked(telegram_id: int, name: str | None) -> Text:
    """Return a name, or the id of who has none here; a tap on a person's opens the profile."""
    shown = clipped(name or str(telegram_id), MAX_FIELD)
    return TextLink(shown, url=f"tg://user?id={telegram_id}") if is_person(telegram_id) else Code(shown)


def identified(telegram_id: int, name: str | None) -> Text:
    """Return a name with the id, which a tap copies; the id alone of who has no name here."""
    id_ = Code(str(telegram_id))
    return Text(linked(telegram_id, name), " (", id_, ")") if name else Text(id_)
