"""Profile: what an empty chat and the bot's page say, set where its owner has written nothing."""

import logging

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.methods import GetMyDescription, GetMyShortDescription, SetMyDescription, SetMyShortDescription

from bot.texts import AUTO, LANGUAGES
from bot.texts import texts as texts_in

log = logging.getLogger(__name__)


async def fill(bot: Bot, language: str) -> None:
    """Set both texts in each language; `language` is the operator's choice. An owner's own text is for everybody.

    A server that does not know them costs nothing but the texts.
    """
    try:
        await _fill_description(bot, language)
        await _fill_short_description(bot, language)
    except (TelegramAPIError, ClientDecodeError) as error:
        log.info("profile not filled error=%s", type(error).__name__)


async def _fill_description(bot: Bot, language: str) -> None:
    words = texts_in(language)
    written = (await bot(GetMyDescription())).description
    if written not in ("", words.profile):
        return
    if not written:
        await bot(SetMyDescription(description=words.profile))
    for other in _others(language):
        if (await bot(GetMyDescription(language_code=other))).description in ("", words.profile):
            await bot(SetMyDescription(description=LANGUAGES[other].profile, language_code=other))


async def _fill_short_description(bot: Bot, language: str) -> None:
    words = texts_in(language)
    written = (await bot(GetMyShortDescription())).short_description
    if written not in ("", words.profile_short):
        return
    if not written:
        await bot(SetMyShortDescription(short_description=words.profile_short))
    for other in _others(language):
        if (await bot(GetMyShortDescription(language_code=other))).short_description in ("", words.profile_short):
            await bot(SetMyShortDescription(short_description=LANGUAGES[other].profile_short, language_code=other))


def _others(language: str) -> list[str]:
    """Return the languages with a text of their own, beside the one for everybody."""
    return [code for code in LANGUAGES if code != texts_in(language).code] if language == AUTO else []
