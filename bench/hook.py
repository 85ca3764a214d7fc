"""How long a post to the webhook waits until its update is stored: `python -m bench.hook [--rate 200 --seconds 20]`.

The real bot, and a Bot API server that posts to it as Telegram does: by up to 40 connections that are kept, the next
update of a chat after the answer to the one before. Posts come at random (Poisson), at so many a second. What is
measured is the time from the first byte sent to the answer 200, which comes when the update is committed.
"""

import argparse
import asyncio
import itertools
import os
import platform
import random
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from bench.answer import Answer
from bench.process import Process, running
from bench.telegram import Params, Telegram

BOT_ID = 4_100
TOKEN = f"{BOT_ID}:{'W' * 35}"
SECRET = "the-secret-of-a-bench"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CONNECTIONS = 40  # core.telegram.org/bots/api#setwebhook, max_connections
WARM_S = 14.0  # for what was said of the warming up, 30 a second
START_S = 60.0
ANSWERED = 20  # at once, where answers stream meanwhile


@dataclass(frozen=True, slots=True)
class Kind:
    """What is posted: the text of an update by its number, by how many people, and how many answers run meanwhile."""

    title: str
    text: Callable[[int], str]
    people: int
    turns: int = 1
    known: bool = True


KINDS = (
    Kind("questions of people who are known", lambda number: f"Question {number}", 300),
    Kind("questions of people who are new", lambda number: f"Question {number}", 1_000_000, known=False),
    Kind("commands", lambda number: ("/help", "/new", "/usage", "/settings")[number % 4], 300),
    Kind(f"questions while {ANSWERED} answers stream", lambda number: f"Question {number}", 300, ANSWERED),
)


class Server(Telegram):
    """A Bot API server that has a webhook set."""

    def __init__(self) -> None:
        super().__init__(BOT_ID)
        self.is_set = asyncio.Event()
        self._url = ""

    async def result(self, method: str, params: Params) -> object:
        """Set the webhook, and say which one is set."""
        if method == "setWebhook":
            self._url = str(params["url"])
            self.is_set.set()
        elif method == "getWebhookInfo":
            return {"url": self._url, "has_custom_certificate": False, "pending_update_count": 0}
        return await super().result(method, params)


@dataclass(slots=True)
class Poster:
    """Posts, and notes how long each took and what was answered."""

    http: aiohttp.ClientSession
    url: str
    took_s: list[float] = field(default_factory=list)
    refused: int = 0
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def post(self, person: int, text: str) -> None:
        """Post the update of a message."""
        number = next(self._ids)
        who = {"id": person, "is_bot": False, "first_name": "Person", "language_code": "en"}
        chat = {"id": person, "type": "private", "first_name": "Person"}
        message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        began = time.monotonic()
        async with self.http.post(
            self.url, json={"update_id": number, "message": message}, headers={HEADER: SECRET}
        ) as response:
            await response.read()
            self.took_s.append(time.monotonic() - began)
            self.refused += response.status != web.HTTPOk.status_code


async def main() -> None:
    """Post each kind and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.hook", description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--database", help="a PostgreSQL in place of an SQLite file: the address of an empty database")
    parser.add_argument("--folder", help="on which disk; the default is that of temporary files")
    parser.add_argument("--only", default="", help="kinds whose title contains this")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start; {given.rate:g} posts a second for {given.seconds:g} s\n")
    print(f"the disk itself, 4 KiB and fdatasync, 200 times a second, ms: {_disk(given.folder)}\n")
    print(
        f"{'ms from a post to its 200':44}{'p50':>8}{'p90':>8}{'p99':>8}{'most':>8}{'refused':>9}{'ms CPU':>8}",
        flush=True,
    )
    for kind in KINDS:
        if given.only not in kind.title:
            continue
        with tempfile.TemporaryDirectory(prefix="bench-", dir=given.folder) as folder:
            poster, cpu_s = await _play(kind, Path(folder), given.rate, given.seconds, given.database)
        shown = "".join(f"{each:8.1f}" for each in _spread(poster.took_s))
        print(f"{kind.title:44}{shown}{poster.refused:>9}{cpu_s / len(poster.took_s) * 1000:>8.2f}", flush=True)


async def _play(kind: Kind, folder: Path, rate: float, seconds: float, database: str | None) -> tuple[Poster, float]:
    """Run a bot and post to it; return what was posted, and the processor time that the bot took."""
    server, port = Server(), _free_port()
    script = ("--port", "0", "--models", "scripted", "--script", "bench.script:script")
    async with (
        server.serving() as address,
        running(folder / "model", "telegram_playground.model", *script) as model,
    ):
        environment = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": address,
            "OPENAI_BASE_URL": await model.address(),
            "ACCESS": "open",
            "LOG_LEVEL": "WARNING",
            "MAX_TURNS": str(kind.turns),
            "WEBHOOK_URL": f"http://127.0.0.1:{port}",
            "WEBHOOK_PORT": str(port),
            "WEBHOOK_SECRET": SECRET,
            "DATABASE_URL": database or f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        }
        async with running(folder, "bot", "run", **environment) as process:
            async with asyncio.timeout(START_S):
                await server.is_set.wait()
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            async with aiohttp.ClientSession(connector=connector) as http:
                poster = Poster(http, f"http://127.0.0.1:{port}/telegram/{BOT_ID}")
                return poster, await _post(kind, poster, process, rate, seconds)


async def _post(kind: Kind, poster: Poster, process: Process, rate: float, seconds: float) -> float:
    for turn in range(kind.turns):  # each keeps a turn busy to the end
        await poster.post(900_000_000 + turn, Answer(turn + 1, 20_000, 20).prompt)
    people = [100_000 + each for each in range(min(kind.people, 100_000))]
    if kind.known:
        for some in _some(people):
            await asyncio.gather(*(poster.post(person, "/new") for person in some))
        await asyncio.sleep(WARM_S)
    poster.took_s.clear()
    rng, before = random.Random(1), process.cpu_s
    began = time.monotonic()
    at = 0.0
    async with asyncio.TaskGroup() as group:
        for number in itertools.count():
            if (at := at + rng.expovariate(rate)) > seconds:
                break
            await asyncio.sleep(max(0.0, began + at - time.monotonic()))
            group.create_task(poster.post(people[number % len(people)], kind.text(number)))
    process.check()
    return process.cpu_s - before


def _some(people: Sequence[int]) -> list[Sequence[int]]:
    return [people[at : at + CONNECTIONS] for at in range(0, len(people), CONNECTIONS)]


def _disk(folder: str | None) -> str:
    """Return what the disk takes by itself: what no bot could be quicker than."""
    took_s: list[float] = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(600):
            file.write(b"x" * 4_096)
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            took_s.append(time.monotonic() - began)
            time.sleep(max(0.0, 0.005 - took_s[-1]))
    return "p50 {:.1f}, p90 {:.1f}, p99 {:.1f}, most {:.1f}".format(*_spread(took_s))


def _spread(seconds: Sequence[float]) -> list[float]:
    """Return the p50, p90, p99 and greatest of some times, in ms."""
    ordered = sorted(seconds)
    return [ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 for part in (0.5, 0.9, 0.99, 1.0)]


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
