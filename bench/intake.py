"""How fast a backlog is taken, and how long others wait behind it: `python -m bench.intake [--updates N]`.

The real bot starts against a server that has one person's updates for it, and at the end a question of somebody else.
Every figure counts from the first answer to getUpdates.
"""

import argparse
import asyncio
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.telegram import Raw, Telegram

BOT_ID = 4_000
TOKEN = f"{BOT_ID}:{'I' * 35}"
CROWD, OTHER = 11, 12  # who writes so much, and who waits behind
PAGE = 100  # what one answer to getUpdates holds at the most, core.telegram.org/bots/api#getupdates
PATIENCE_S = 300.0
QUESTION = "Is anybody there?"


class Server(Telegram):
    """A Bot API server with a backlog; it notes when it was asked for it, when all was confirmed, when `OTHER` read."""

    def __init__(self, updates: list[Raw]) -> None:
        super().__init__(BOT_ID)
        self._updates = updates
        self.first = 0.0
        self.confirmed = 0.0
        self.read = 0.0
        self.cpu_s: Callable[[], float] = lambda: 0.0  # of the bot
        self.spent_s = 0.0  # processor time from the first answer until all was confirmed
        self.done = asyncio.Event()

    def shown(self, chat_id: int) -> None:
        """Note when the other one read."""
        if chat_id == OTHER and not self.read:
            self.read = time.monotonic()
            self._look()

    async def updates(self, offset: int) -> list[Raw]:
        """Return the next page; note when there is none."""
        if not self.first:
            self.first, self.spent_s = time.monotonic(), -self.cpu_s()
        left = [update for update in self._updates if update["update_id"] >= offset]
        if not left:
            if not self.confirmed:
                self.confirmed, self.spent_s = time.monotonic(), self.spent_s + self.cpu_s()
            self._look()
            await asyncio.sleep(1)
        return left[:PAGE]

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
    allowed = {"ACCESS": "allowlist", "ALLOWED_USERS": f"{CROWD},{OTHER}"}
    async with server.asked_by(folder, TOKEN, **allowed) as process:
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
