"""All that the bot says by itself, in each of its languages.

Words of the user or of a service come in by named fields (`str.format`).
"""

from bot.texts.en import EN
from bot.texts.ru import RU
from bot.texts.texts import Texts

__all__ = ["EN", "RU", "Texts", "texts"]

READ_RUSSIAN = frozenset({"ru", "be", "kk", "ky"})


def texts(*languages: str | None) -> Texts:
    """Choose the texts for the first language tag that says something: `auto` does not, None does not.

    Russian also for the languages whose speakers mostly read it; who set Telegram to Ukrainian did not ask for Russian.
    """
    tag = next((language for language in languages if language and language != "auto"), "")
    language = tag.replace("_", "-").partition("-")[0].lower()
    return RU if language in READ_RUSSIAN else EN
