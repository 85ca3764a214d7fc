"""A bare aiogram bot, the one of the textbooks: the first text at once, then an edit each second, plain text."""

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

import aiohttp
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import Message

EVERY_S = 1.0
PART = 4096
T = TypeVar("T")


async def stream(http: aiohttp.ClientSession, prompt: str) -> AsyncGenerator[str, None]:
    """Yield the deltas of the answer."""
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": prompt}]}
    async with http.post(f"{os.environ['OPENAI_BASE_URL']}/chat/completions", json=body) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"].get("content", "")


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call; a refused one is made again when Telegram allows it."""
    while True:
        try:
            return await call()
        except TelegramRetryAfter as refused:
            await asyncio.sleep(refused.retry_after)


async def answer(prompt: Message, http: aiohttp.ClientSession) -> None:
    """Answer one message, in as many messages as it takes."""
    text, shown, edited_at = "", "", 0.0
    reply: Message | None = None

    async def show(part: str) -> None:
        nonlocal reply, shown, edited_at
        edited_at = time.monotonic()
        if part.strip() in ("", shown):
            return
        if (there := reply) is None:
            reply = await patiently(lambda: prompt.answer(part))
        else:
            await patiently(lambda: there.edit_text(part))
        shown = part.strip()

    async with aclosing(stream(http, prompt.text or "")) as deltas:
        async for delta in deltas:
            text += delta
            if len(text) > PART:
                await show(text[:PART])
                text, shown, reply, edited_at = text[PART:], "", None, 0.0
            if time.monotonic() - edited_at >= EVERY_S:
                await show(text)
    await show(text)


async def main() -> None:
    """Poll until the process is stopped."""
    api = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    dispatcher = Dispatcher()
    dispatcher.message.register(answer)
    async with (
        Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=api)) as bot,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout()) as http,
    ):
        await dispatcher.start_polling(bot, http=http)


if __name__ == "__main__":
    asyncio.run(main())
