"""The profile: filled where its owner wrote nothing, left alone where he did."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import GetMyDescription, GetMyShortDescription, SetMyDescription, SetMyShortDescription
from aiogram.types import BotDescription, BotShortDescription

from bot.app.profile import fill
from bot.texts import LANGUAGES, texts
from tests.bot.door import TOKEN
from tests.bot.telegram import Telegram


class Profile(Telegram):
    """A Bot API server with the texts of a profile, by language."""

    def __init__(self, **written: str) -> None:
        super().__init__()
        self.long = dict(written)
        self.short = dict(written)

    async def make_request(self, bot: Bot, method: Any, timeout: int | None = None) -> Any:
        code = method.language_code or "all"
        match method:
            case GetMyDescription():
                return BotDescription(description=self.long.get(code, ""))
            case GetMyShortDescription():
                return BotShortDescription(short_description=self.short.get(code, ""))
            case SetMyDescription():
                self.long[code] = method.description or ""
            case SetMyShortDescription():
                self.short[code] = method.short_description or ""
        return True


def bot_of(session: BaseSession) -> Bot:
    return Bot(TOKEN, session=session)


@pytest.mark.parametrize("again", [False, True])
async def test_an_empty_profile_is_filled_in_each_language(again: bool) -> None:
    profile = Profile()

    await fill(bot_of(profile), "auto")
    if again:
        await fill(bot_of(profile), "auto")

    assert profile.long == {"all": texts("en").profile, "de": texts("de").profile, "ru": texts("ru").profile}
    assert profile.short == {
        "all": texts("en").profile_short,
        "de": texts("de").profile_short,
        "ru": texts("ru").profile_short,
    }


async def test_what_the_owner_wrote_stays_and_nothing_stands_before_it() -> None:
    everybodys, germans = Profile(all="Mine"), Profile(de="Meins")

    await fill(bot_of(everybodys), "auto")
    await fill(bot_of(germans), "auto")

    assert everybodys.long == everybodys.short == {"all": "Mine"}
    assert (germans.long["de"], germans.short["de"]) == ("Meins", "Meins")


async def test_a_chosen_language_is_that_of_everybody() -> None:
    profile = Profile()

    await fill(bot_of(profile), "de")

    assert profile.long == {"all": texts("de").profile}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_fit(language: str) -> None:
    assert len(LANGUAGES[language].profile) <= 512  # core.telegram.org/bots/api#setmydescription
    assert len(LANGUAGES[language].profile_short) <= 120
