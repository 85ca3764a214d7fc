"""All that the bot says by itself, in each of its languages: a file of this package is a language, and needs no other.

Words of the user or of a service come in by named fields (`str.format`).
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module

from bot.texts.en import EN
from bot.texts.texts import Texts

__all__ = ["AUTO", "LANGUAGES", "Texts", "texts"]

AUTO = "auto"  # the language of the person's Telegram


def _languages() -> dict[str, Texts]:
    modules = [import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)]
    found = {each.code: each for module in modules for each in vars(module).values() if isinstance(each, Texts)}
    return {EN.code: EN, **found}


LANGUAGES: Mapping[str, Texts] = _languages()  # by code; English, the first, is for who reads none of them
_READERS = {reader: each for each in LANGUAGES.values() for reader in (each.code, *each.readers)}


def texts(*languages: str | None) -> Texts:
    """Choose the texts for the first language tag that says something: `auto` does not, None does not."""
    tag = next((language for language in languages if language and language != AUTO), "")
    return _READERS.get(tag.replace("_", "-").partition("-")[0].lower(), EN)
