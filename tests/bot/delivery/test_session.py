"""The way to the Bot API server."""

import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetMe

from bot.build import make_bot
from bot.settings import Settings

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1", "socks5://me:secret@127.0.0.1:1"])
async def test_a_dead_proxy_is_an_outage_like_any_other_and_its_password_is_not_told(proxy: str) -> None:
    bot = make_bot(Settings.load(bot_token=TOKEN, telegram_proxy=proxy))

    with pytest.raises(TelegramNetworkError) as caught:
        await bot(GetMe())

    await bot.session.close()
    assert "secret" not in str(caught.value)
