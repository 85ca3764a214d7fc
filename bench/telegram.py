"""Telegram: a Bot API server that carries out nothing: each call is answered as the real one words it.

What a bench wants to see of the calls it notes in methods of its own.
"""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.process import Process, running

Raw = dict[str, Any]
Params = Mapping[str, object]


class Telegram:
    """Answers each call by a bot with an id; subclasses say what it is given."""

    def __init__(self, bot_id: int) -> None:
        self._bot_id = bot_id
        self._message_ids = itertools.count(10_000_000)

    async def updates(self, offset: int) -> list[Raw]:
        """Return what getUpdates gives."""
        return []

    def shown(self, chat_id: int) -> None:
        """Note that a person was shown a message, or a further text of one."""

    async def result(self, method: str, params: Params) -> object:
        """Return what a call comes to."""
        if method == "getUpdates":
            return await self.updates(int(str(params.get("offset", 0))))
        if method == "getMe":
            who = {"id": self._bot_id, "is_bot": True, "first_name": "Delta", "username": "delta_bot"}
            return {**who, "can_read_all_group_messages": True}
        if method in ("sendMessage", "editMessageText"):
            chat_id = int(str(params["chat_id"]))
            self.shown(chat_id)
            chat = {"id": chat_id, "type": "private"}
            return {"message_id": next(self._message_ids), "date": 1, "chat": chat, "text": "x"}
        return True

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on loopback; gives the address."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        async with TestServer(app) as address:
            yield f"http://127.0.0.1:{address.port}"

    @asynccontextmanager
    async def asked_by(self, folder: Path, token: str, **environment: str) -> AsyncIterator[Process]:
        """Have the bot ask this server, with the built-in provider and a database in a folder."""
        async with self.serving() as address:
            given = {
                "BOT_TOKEN": token,
                "TELEGRAM_API_URL": address,
                "ACCESS": "open",
                "DEMO_PROVIDER": "on",
                "LOG_LEVEL": "WARNING",
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
            }
            async with running(folder, "bot", "run", **{**given, **environment}) as process:
                yield process

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        params: Params = await request.post() if request.method == "POST" else request.query
        return web.json_response({"ok": True, "result": await self.result(request.match_info["method"], params)})
