"""Kill the bot again and again while updates are posted to its webhook: `python -m tests.crash.hook --kills N`.

A Bot API server posts as Telegram does: an update comes again until it is answered with 200, the next one of a chat
after that. Each one that was confirmed must be among the rows at the end, once.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.crash.process import BotProcess

BOT_ID = 4_200
TOKEN = f"{BOT_ID}:crash-test-needs-no-token-from-BotFather"
SECRET = "crash-test"
PEOPLE = 40  # as many as Telegram has connections
GAP_S = 0.1  # between two messages of a person, so that 400 are posted a second at the most
AGAIN_S = 0.05  # after a post that was not confirmed
LIVES_S = (0.1, 1.5)  # from the first confirmed post to the kill
END_S = 120.0

Raw = dict[str, Any]


@dataclass(slots=True)
class Telegram:
    """The server: what it knows of the webhook, and what was confirmed."""

    url: str = ""
    confirmed: list[int] = field(default_factory=list)
    is_over: bool = False
    wakes: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(10_000_000))
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a call."""
        params = await request.post() if request.method == "POST" else request.query
        method, result = request.match_info["method"], object()
        if method == "getMe":
            result = {"id": BOT_ID, "is_bot": True, "first_name": "Delta", "username": "delta_bot"}
        elif method == "getWebhookInfo":
            result = {"url": self.url, "has_custom_certificate": False, "pending_update_count": 0}
        elif method in ("sendMessage", "editMessageText"):
            chat = {"id": int(str(params["chat_id"])), "type": "private"}
            result = {"message_id": next(self._ids), "date": 1, "chat": chat, "text": "x"}
        else:
            result = True
            self.url = str(params["url"]) if method == "setWebhook" else self.url
        return web.json_response({"ok": True, "result": result})

    async def talk(self, person: int, http: aiohttp.ClientSession, hook: str) -> None:
        """Post what a person writes, one message after the other."""
        while not self.is_over:
            number = next(self._numbers)
            who = {"id": person, "is_bot": False, "first_name": "Person", "language_code": "en"}
            chat = {"id": person, "type": "private", "first_name": "Person"}
            message = {
                "message_id": number,
                "date": int(time.time()),
                "chat": chat,
                "from": who,
                "text": f"No {number}",
            }
            while not await self._post(http, hook, {"update_id": number, "message": message}):  # noqa: ASYNC110  # as Telegram does
                await asyncio.sleep(AGAIN_S)
            self.confirmed.append(number)
            self.wakes.set()
            await asyncio.sleep(GAP_S)

    async def _post(self, http: aiohttp.ClientSession, hook: str, update: Raw) -> bool:
        with suppress(aiohttp.ClientError):
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            async with http.post(hook, json=update, headers=headers) as response:
                return response.status == web.HTTPOk.status_code
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0 if nothing was lost and nothing taken twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.hook", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    confirmed, counts = asyncio.run(_run(folder, given.kills, random.Random(given.seed)))
    lost = [number for number in confirmed if not counts[number]]
    doubled = [number for number, count in counts.items() if count > 1]
    _say(f"kills {given.kills}, confirmed {len(confirmed)}, lost {len(lost)}, doubled {len(doubled)}")
    if not (is_bad := bool(lost or doubled or not confirmed)):
        shutil.rmtree(folder)
    else:
        _say(f"database and log: {folder}; lost: {lost[:10]}; doubled: {doubled[:10]}")
    return int(is_bad)


async def _run(folder: Path, kills: int, rng: random.Random) -> tuple[list[int], Counter[int]]:
    telegram, app, port = Telegram(), web.Application(), _free_port()
    app.router.add_route("*", "/bot{token}/{method}", telegram.answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        process = BotProcess(folder, _environment(folder, str(server.make_url("/")), port))
        hook = f"http://127.0.0.1:{port}/telegram/{BOT_ID}"
        people = [asyncio.ensure_future(telegram.talk(1_000 + each, http, hook)) for each in range(PEOPLE)]
        try:
            for kill in range(kills):
                telegram.wakes.clear()
                await process.start()
                await telegram.wakes.wait()
                await asyncio.sleep(rng.uniform(*LIVES_S))
                await process.kill()
                _say(f"kill {kill + 1}/{kills}, confirmed {len(telegram.confirmed)}")
            telegram.is_over = True
            await process.start()
            await asyncio.gather(*people)
            counts = await _stored(folder / "bot.db", telegram.confirmed)
            await process.stop()
        finally:
            for person in people:
                person.cancel()
            await process.close()
    return telegram.confirmed, counts


async def _stored(file: Path, confirmed: Sequence[int]) -> Counter[int]:
    """Return how often each message is a question's, once all that was confirmed has had the time to get there."""
    until = time.monotonic() + END_S
    while True:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as rows:
            taken = {number for (number,) in rows.execute("SELECT update_id FROM updates")}
            counts = Counter(number for (number,) in rows.execute("SELECT message_id FROM messages"))
            busy = rows.execute("SELECT count(*) FROM busy").fetchone()[0]
        if taken.issuperset(confirmed) or time.monotonic() > until:
            if busy:
                raise RuntimeError("too many wait in a chat: ask more slowly")
            return Counter({number: counts[number] if number in taken else 0 for number in confirmed})
        await asyncio.sleep(0.5)


def _environment(folder: Path, telegram: str, port: int) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.rstrip("/"),
        "ACCESS": "open",
        "DEMO_PROVIDER": "on",
        "LOG_LEVEL": "WARNING",
        "WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "WEBHOOK_PORT": str(port),
        "WEBHOOK_SECRET": SECRET,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
    }


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
