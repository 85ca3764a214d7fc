"""Polling: what the tests of intake put before a server that says what is in their script."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.intake.updates.intake import Intake
from bot.intake.updates.poll import Poll as LongPolling
from bot.intake.updates.poll import Receive
from bot.settings import Settings
from bot.tally import Tally
from tests.bot.door import TOKEN, Door
from tests.clock import FakeClock

Poll = Callable[..., AbstractAsyncContextManager[asyncio.Future[None]]]


@asynccontextmanager
async def bot_at(url: str) -> AsyncIterator[Bot]:
    """Give a client of the server at an address."""
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    try:
        yield bot
    finally:
        await bot.session.close()


def polling(bot: Bot, clock: FakeClock) -> LongPolling:
    """Make what asks for updates as the bot has it."""
    return LongPolling(bot, Tally(), clock)


def receiver(bot: Bot, door: Door, clock: FakeClock, settings: Settings) -> Receive:
    """Make what handles them as the bot has it."""
    return Intake(bot, door.dispatcher, door.saying, settings, door.risks, clock).receive
