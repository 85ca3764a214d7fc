"""Kill the bot again and again while updates are posted to its webhook: `python -m tests.crash.hook --kills N`.

A Bot API server posts as Telegram does: an update comes again until it is answered with 200, the next one of a chat
after that. Each one that was confirmed must be among the rows at the end, once. People write as fast as they can until
`WAITING` of their questions have no answer: of more, the bot would take none.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.exc import DBAPIError

from tests.crash.process import BotProcess
from tests.database import KINDS, SQLITE, Database, databases
from tests.ports import free_port

BOT_ID = 4_200
TOKEN = f"{BOT_ID}:crash-test-needs-no-token-from-BotFather"
SECRET = "crash-test"
PEOPLE = 1_500
CONNECTIONS = 40  # core.telegram.org/bots/api#setwebhook, max_connections
GAP_S = 4.0  # between two messages of a person, so that 375 are posted a second at the most
WAITING = 12  # questions of a person; the bot takes 20
LOOK_S = 0.25  # how often it is looked up how many were answered
AGAIN_S = 0.05  # after a post that was not confirmed
LIVES_S = (0.1, 1.5)  # from the first confirmed post to the kill
END_S = 120.0  # in which none of the updates that were kept became rows
UNLIMITED = ("BOT_RATE", "CHAT_RATE", "CHAT_BURST")

TAKEN = "SELECT update_id FROM updates"
ASKED = "SELECT message_id FROM messages"
ANSWERED = (
    "SELECT c.telegram_id, count(*) FROM answers a JOIN chats c ON c.id = a.chat_id WHERE a.state = 'done'"
    " GROUP BY c.telegram_id"
)

Raw = dict[str, Any]


@dataclass(slots=True)
class Telegram:
    """The server: what it knows of the webhook, and what was confirmed."""

    url: str = ""
    confirmed: list[int] = field(default_factory=list)
    is_over: bool = False
    wakes: asyncio.Event = field(default_factory=asyncio.Event)
    asked: Counter[int] = field(default_factory=Counter)
    answered: dict[int, int] = field(default_factory=dict)
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
            if self.asked[person] - self.answered.get(person, 0) >= WAITING:
                await asyncio.sleep(LOOK_S)
                continue
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
            self.asked[person] += 1
            self.wakes.set()
            await asyncio.sleep(GAP_S)

    async def look(self, database: Database) -> None:
        """Look up again and again how many questions were answered."""
        while True:
            with suppress(DBAPIError):  # there are no tables before the first start
                self.answered = dict(await database.ask(ANSWERED))
            await asyncio.sleep(LOOK_S)

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
    parser.add_argument("--database", choices=KINDS, default=SQLITE, help="a file, or a PostgreSQL of the run's own")
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    with databases(given.database) as make:
        confirmed, counts = asyncio.run(_run(make(folder), given.kills, random.Random(given.seed)))
    lost = [number for number in confirmed if not counts[number]]
    doubled = [number for number, count in counts.items() if count > 1]
    _say(f"kills {given.kills}, confirmed {len(confirmed)}, lost {len(lost)}, doubled {len(doubled)}")
    if not (is_bad := bool(lost or doubled or not confirmed)):
        shutil.rmtree(folder)
    else:
        _say(f"database and log: {folder}; lost: {lost[:10]}; doubled: {doubled[:10]}")
    return int(is_bad)


async def _run(database: Database, kills: int, rng: random.Random) -> tuple[list[int], Counter[int]]:
    telegram, app, port = Telegram(), web.Application(), free_port()
    app.router.add_route("*", "/bot{token}/{method}", telegram.answer)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with TestServer(app) as server, aiohttp.ClientSession(connector=connector) as http:
        process = BotProcess(database.folder, _environment(database, str(server.make_url("/")), port))
        hook = f"http://127.0.0.1:{port}/telegram/{BOT_ID}"
        people = [asyncio.ensure_future(telegram.talk(1_000 + each, http, hook)) for each in range(PEOPLE)]
        looking = asyncio.ensure_future(telegram.look(database))
        try:
            for kill in range(kills):
                telegram.wakes.clear()
                await process.start()
                await _begun(telegram, process)
                await asyncio.sleep(rng.uniform(*LIVES_S))
                await process.kill()
                _say(f"kill {kill + 1}/{kills}, confirmed {len(telegram.confirmed)}")
            telegram.is_over = True
            await process.start()
            await asyncio.gather(*people)
            counts = await _stored(database, telegram.confirmed)
            await process.stop()
        finally:
            for task in (looking, *people):
                task.cancel()
            await process.close()
    return telegram.confirmed, counts


async def _begun(telegram: Telegram, process: BotProcess) -> None:
    """Wait until a new process has confirmed an update. Raises RuntimeError where it ends by itself."""
    while not telegram.wakes.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(telegram.wakes.wait(), LOOK_S)
        if process.is_over:
            raise RuntimeError(f"the bot ended by itself: {process.log}")


async def _stored(database: Database, confirmed: Sequence[int]) -> Counter[int]:
    """Return how often each message is a question's, once all that was confirmed is there, or nothing more comes."""
    count, until = -1, time.monotonic() + END_S
    while True:
        taken = {number for (number,) in await database.ask(TAKEN)}
        if len(taken) > count:
            count, until = len(taken), time.monotonic() + END_S
        if taken.issuperset(confirmed) or time.monotonic() > until:
            counts = Counter(number for (number,) in await database.ask(ASKED))
            ((busy,),) = await database.ask("SELECT count(*) FROM busy")
            if busy:
                raise RuntimeError("too many wait in a chat: ask more slowly")
            return Counter({number: counts[number] if number in taken else 0 for number in confirmed})
        await asyncio.sleep(0.5)


def _environment(database: Database, telegram: str, port: int) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.rstrip("/"),
        "ACCESS": "open",
        "DEMO_PROVIDER": "on",
        "LOG_LEVEL": "WARNING",
        "MAX_TURNS": "4",  # what is looked at is how updates are taken
        **dict.fromkeys(UNLIMITED, "1000"),  # so that room for further questions comes soon
        "WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "WEBHOOK_PORT": str(port),
        "WEBHOOK_SECRET": SECRET,
        "DATABASE_URL": database.url,
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
