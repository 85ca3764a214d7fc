"""How fast a backlog is taken, and how long others wait behind it: `python -m bench.intake [--updates N]`.

The real bot starts against a server that has one person's updates for it, and at the end a question of somebody else.
Every figure counts from the first answer to getUpdates.
"""

import argparse
import asyncio
import itertools
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.process import running

BOT_ID = 4_000
TOKEN = f"{BOT_ID}:{'I' * 35}"
CROWD, OTHER = 11, 12  # who writes so much, and who waits behind
PAGE = 100  # what one answer to getUpdates holds at the most, core.telegram.org/bots/api#getupdates
PATIENCE_S = 300.0
QUESTION = "Is anybody there?"

Raw = dict[str, Any]


@dataclass(slots=True)
class Server:
    """A Bot API server with a backlog; it notes when it was asked for it, when all was confirmed, when `OTHER` read."""

    updates: list[Raw]
    first: float = 0.0
    confirmed: float = 0.0
    read: float = 0.0
    cpu_s: Callable[[], float] = lambda: 0.0  # of the bot
    spent_s: float = 0.0  # processor time from the first answer until all was confirmed
    done: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1_000_000))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a call."""
        params = await request.post() if request.method == "POST" else request.query
        method = request.match_info["method"]
        if method == "getUpdates":
            return await self._next(int(str(params.get("offset", 0))))
        result: object = True
        if method == "getMe":
            result = {"id": BOT_ID, "is_bot": True, "first_name": "Delta", "username": "delta_bot"}
            result |= {"can_read_all_group_messages": True}
        elif method in ("sendMessage", "editMessageText"):
            chat_id = int(str(params["chat_id"]))
            if chat_id == OTHER and not self.read:
                self.read = time.monotonic()
                self._look()
            result = {"message_id": next(self._ids), "date": 1, "chat": {"id": chat_id, "type": "private"}, "text": "x"}
        return web.json_response({"ok": True, "result": result})

    async def _next(self, offset: int) -> web.StreamResponse:
        if not self.first:
            self.first, self.spent_s = time.monotonic(), -self.cpu_s()
        left = [update for update in self.updates if update["update_id"] >= offset]
        if not left:
            if not self.confirmed:
                self.confirmed, self.spent_s = time.monotonic(), self.spent_s + self.cpu_s()
            self._look()
            await asyncio.sleep(1)
        return web.json_response({"ok": True, "result": left[:PAGE]})

    def _look(self) -> None:
        if self.confirmed and self.read:
            self.done.set()


def _message(number: int, person: int, **content: object) -> Raw:
    who = {"id": person, "is_bot": False, "first_name": "Person", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": "Person"}
    message = {"message_id": number, "date": 1_800_000_000, "chat": chat, "from": who, **content}
    return {"update_id": number, "message": message}


def _press(number: int, data: str = "nothing") -> Raw:
    above = _message(number, CROWD, text="menu")["message"]
    above["from"] = {"id": BOT_ID, "is_bot": True, "first_name": "Delta"}
    who = {"id": CROWD, "is_bot": False, "first_name": "Person"}
    query = {"id": str(number), "from": who, "message": above, "chat_instance": "1", "data": data}
    return {"update_id": number, "callback_query": query}


KINDS: dict[str, Callable[[int], Raw]] = {
    "questions of one person": lambda number: _message(number, CROWD, text=f"Question {number}"),
    "strangers": lambda number: _message(number, 100_000 + number, text="Hello"),
    "/new": lambda number: _message(number, CROWD, text="/new"),
    "/provider": lambda number: _message(number, CROWD, text="/provider demo"),
    "/settings": lambda number: _message(number, CROWD, text="/settings"),
    "/settings prompt": lambda number: _message(number, CROWD, text=f"/settings prompt {number}"),
    "/model": lambda number: _message(number, CROWD, text="/model"),
    "/help": lambda number: _message(number, CROWD, text="/help"),
    "switches": lambda number: _press(number, f"set:streaming:{'on' if number % 2 else 'off'}"),
    "questions and /new": lambda number: _message(number, CROWD, text="/new" if number % 2 else "?"),
    "/stop": lambda number: _message(number, CROWD, text="/stop"),
    "/retry": lambda number: _message(number, CROWD, text="/retry"),
    "stickers": lambda number: _message(number, CROWD, sticker={"file_id": "s"}),
    "presses": _press,
}


async def main() -> None:
    """Have the bot take each kind of backlog and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--updates", type=int, default=5_000)
    count = parser.parse_args().updates
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start; {count} updates, then one question of somebody else\n")
    heads = f"{'backlog':32}{'updates/s':>12}{'all stored, s':>16}{'the other reads, s':>20}{'answers':>9}"
    print(f"{heads}{'processor, ms each':>20}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number, (title, make) in enumerate(KINDS.items()):
            place = Path(folder) / str(number)
            place.mkdir()
            server, answers = await _play(
                [*map(make, range(1, count + 1)), _message(count + 1, OTHER, text=QUESTION)], place
            )
            stored, read = server.confirmed - server.first, server.read - server.first
            print(
                f"{title:32}{(count + 1) / stored:>12.0f}{stored:>16.2f}{read:>20.2f}{answers:>9}"
                f"{server.spent_s / (count + 1) * 1000:>20.2f}",
                flush=True,
            )


async def _play(updates: list[Raw], folder: Path) -> tuple[Server, int]:
    """Have a bot take these updates; return what the server saw, and how many answers there are to make."""
    server = Server(updates)
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", server.answer)
    async with TestServer(app) as address:
        environment = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": f"http://127.0.0.1:{address.port}",
            "ACCESS": "allowlist",
            "ALLOWED_USERS": f"{CROWD},{OTHER}",
            "DEMO_PROVIDER": "on",
            "LOG_LEVEL": "WARNING",
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        }
        async with running(folder, "bot", "run", **environment) as process:
            server.cpu_s = lambda: process.cpu_s
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await server.done.wait()
            except TimeoutError as error:
                raise RuntimeError(f"not done: {process.said()}") from error
    with closing(sqlite3.connect(folder / "bot.db")) as rows:
        (answers,) = rows.execute("SELECT count(*) FROM answers").fetchone()
    return server, int(answers)


if __name__ == "__main__":
    asyncio.run(main())
