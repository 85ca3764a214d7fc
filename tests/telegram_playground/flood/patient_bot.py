"""A bot that streams by edits, one a second and chat; or, told `hasty`, as fast as the words come."""

import asyncio
import json
import os
import sys
import time
from typing import Any

import aiohttp

API = f"{os.environ['TELEGRAM_API_URL']}/bot{os.environ['BOT_TOKEN']}"
EVERY_S = 0.0 if "hasty" in sys.argv else 1.0


async def call(http: aiohttp.ClientSession, method: str, **parameters: object) -> Any:
    async with http.post(f"{API}/{method}", json=parameters) as response:
        return await response.json()


async def answer(http: aiohttp.ClientSession, message: dict[str, Any]) -> None:
    chat, text, sent, next_at = message["chat"]["id"], "", None, 0.0

    async def show() -> None:
        nonlocal sent
        if sent is None:
            sent = (await call(http, "sendMessage", chat_id=chat, text=text))["result"]["message_id"]
        else:
            await call(http, "editMessageText", chat_id=chat, message_id=sent, text=text)

    body = {"model": "small", "stream": True, "messages": [{"role": "user", "content": message["text"]}]}
    async with http.post(f"{os.environ['OPENAI_BASE_URL']}/chat/completions", json=body) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                text += json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
                if text.strip() and time.monotonic() >= next_at:
                    next_at = time.monotonic() + EVERY_S
                    await show()
    await show()


async def main() -> None:
    offset = 0
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
        while True:
            for update in (await call(http, "getUpdates", offset=offset, timeout=30))["result"]:
                offset = update["update_id"] + 1
                tasks.create_task(answer(http, update["message"]))


asyncio.run(main())
