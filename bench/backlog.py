"""How long an update waits until it is stored, thousands of answers queued: `python -m bench.backlog [--queued 12000]`.

The real bot starts with so many questions of others in its rows, all of which its work takes up. Then a stranger writes
once a second. What is measured is the time from the instant in which the server has a message to the call that confirms
it, which the bot makes when it is stored.
"""

import argparse
import asyncio
import os
import platform
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.telegram import Raw, Telegram
from bot.storage.engine.database import open_database
from providers.blocks import Text
from providers.notation import to_json

BOT_ID = 4_200
TOKEN = f"{BOT_ID}:{'Q' * 35}"
POLL_S = 5.0
FIRST, STRANGERS = 1_000_000, 1_000  # ids of people: of those who wait, of those who write then
LONGEST_S = 60.0  # for the last ones to be stored


class Server(Telegram):
    """A Bot API server that notes when each update was given to it, and when it was confirmed."""

    def __init__(self) -> None:
        super().__init__(BOT_ID)
        self.given: list[float] = []
        self.stored: dict[int, float] = {}  # seconds, by update
        self.calls = 0
        self.polled = asyncio.Event()
        self._updates: list[Raw] = []
        self._more = asyncio.Event()

    def give(self, update: Raw) -> None:
        """Have the bot be given an update."""
        self.given.append(time.monotonic())
        self._updates.append(update)
        self._more.set()

    def shown(self, chat_id: int) -> None:
        """Count the calls that people see."""
        self.calls += 1

    async def updates(self, offset: int) -> list[Raw]:
        """Note what is confirmed; return the rest, for which a bot without news waits."""
        self.polled.set()
        for known in range(len(self.stored) + 1, offset):
            self.stored[known] = time.monotonic() - self.given[known - 1]
        if offset > len(self._updates):
            self._more.clear()
            await asyncio.wait([asyncio.ensure_future(self._more.wait())], timeout=POLL_S)
        return self._updates[max(offset, 1) - 1 :]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.backlog", description=__doc__)
    parser.add_argument("--queued", type=int, default=12_000)
    parser.add_argument("--chats", type=int, default=600, help="whose questions those are; 20 wait in one at the most")
    parser.add_argument("--seconds", type=int, default=40)
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "bot.db"
        async with open_database(f"sqlite+aiosqlite:///{file}"):
            pass  # migrated
        _fill(file, given.queued, given.chats)
        server = await _play(Path(folder), given.seconds)
    took = sorted(server.stored.values())
    half, most = took[len(took) // 2], took[-1]
    print(f"{given.queued} answers of {given.chats} chats queued; an update is stored after, s:", end=" ")
    print(f"median {half:.2f}, at most {most:.2f}; not stored: {len(server.given) - len(took)}")
    print(f"calls to Telegram a second: {server.calls / given.seconds:.1f}")


async def _play(folder: Path, seconds: int) -> Server:
    server = Server()
    async with server.asked_by(folder, TOKEN) as process:
        await server.polled.wait()
        for number in range(1, seconds + 1):
            await asyncio.sleep(1.0)
            server.give(_message(number, "/help" if number % 2 else "A question of somebody else"))
        process.check()
        for _ in range(int(LONGEST_S)):
            if len(server.stored) == seconds:
                break
            await asyncio.sleep(1.0)
    return server


def _message(number: int, text: str) -> Raw:
    person = STRANGERS + number
    who = {"id": person, "is_bot": False, "first_name": "Person", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": "Person"}
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return {"update_id": number, "message": message}


def _fill(file: Path, queued: int, chats: int) -> None:
    """Have so many answers be queued, of one chat after the other."""
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        rows.execute("BEGIN")
        rows.executemany(
            "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, conversation_id)"
            " VALUES (?1, ?1 + ?2, 0, 'demo', 1, ?1)",
            [(chat, FIRST) for chat in range(1, chats + 1)],
        )
        rows.execute("INSERT INTO conversations (id, chat_id) SELECT id, id FROM chats")
        asked = [
            {
                "id": number,
                "chat": number % chats + 1,
                "person": FIRST + number % chats + 1,
                "content": to_json((Text(f"Question {number}"),)),
                "at": time.time(),
            }
            for number in range(1, queued + 1)
        ]
        rows.executemany("INSERT INTO replies (id, chat_id, message_id) VALUES (:id, :chat, :id)", asked)
        rows.executemany(
            "INSERT INTO prompts"
            " (id, conversation_id, chat_id, reply_id, user_id, language, content, created_at)"
            " VALUES (:id, :chat, :chat, :id, :person, 'en', :content, :at)",
            asked,
        )
        rows.executemany(
            "INSERT INTO answers (id, prompt_id, chat_id, user_id, state, attempt, stop, created_at)"
            " VALUES (:id, :id, :chat, :person, 'queued', 0, 0, :at)",
            asked,
        )
        rows.execute("UPDATE replies SET wanted_id = id")
        rows.execute("COMMIT")


if __name__ == "__main__":
    asyncio.run(main())
