"""What a message costs to be accepted, 1,000 people known and limits on, beside a bot of one: `python -m bench.accept`.

Both are the bot's own intake on its own database, without Telegram and with nobody who answers. They take their
messages in turn, and what counts is processor time, so that other work on the machine weighs on both alike.
"""

import argparse
import asyncio
import os
import platform
import sqlite3
import tempfile
import time
from contextlib import AsyncExitStack, closing
from pathlib import Path
from statistics import median
from typing import Any

from aiogram.types import User
from pydantic import SecretStr
from sqlalchemy import insert

from bot.app.build import build
from bot.settings import AccessMode, Settings
from bot.storage.engine.database import open_database
from bot.storage.people.usage import KEPT_DAYS, day_of
from bot.storage.tables import Access, Account, Rule, Usage

TOKEN = "4000:" + "A" * 35
ME = User(id=4000, is_bot=True, first_name="Delta", username="delta_bot", can_read_all_group_messages=True)
PEOPLE, ROUNDS, AT_A_TIME = 1_000, 40, 10  # a person may have 20 questions waiting
FIRST = 1_001  # a person's id

Raw = dict[str, Any]


class Side:
    """One of the two bots: its people, and what each of its rounds took."""

    def __init__(self, title: str, people: int, **settings: Any) -> None:
        self.title = title
        self.people = people
        self.settings = settings
        self.took_ms: list[float] = []
        self._taken = 0

    async def begin(self, stack: AsyncExitStack, folder: Path) -> None:
        """Open the bot, and have each of its people have written once."""
        self._file = folder / f"{self.people}.db"
        url = f"sqlite+aiosqlite:///{self._file}"
        if self.people > 1:
            await _know(url, self.people)
        common = {"bot_token": SecretStr(TOKEN), "database_url": url, "demo_provider": "on", "webhook_url": None}
        app = await stack.enter_async_context(build(Settings.load(**common, **self.settings)))
        self._intake = app.entrance.intake(ME)
        await self._take(self.people)
        self._answer()

    async def play(self) -> None:
        """Take a few messages, each by itself."""
        before = time.process_time()
        for _ in range(AT_A_TIME):
            await self._take(1)
        self.took_ms.append((time.process_time() - before) * 1e3 / AT_A_TIME)
        self._answer()

    async def _take(self, count: int) -> None:
        """Take messages by one commit, from one person after the other."""
        numbers = range(self._taken, self._taken + count)
        await self._intake.receive(*(_said(each + 1, FIRST + each % self.people) for each in numbers))
        self._taken += count

    def _answer(self) -> None:
        """Have all that was asked be done."""
        with closing(sqlite3.connect(self._file, timeout=30)) as rows, rows:
            rows.execute("UPDATE answers SET state = 'done', outcome = 'answered' WHERE state <> 'done'")


async def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(prog="python -m bench.accept", description=__doc__).parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start, {ROUNDS} rounds of {AT_A_TIME} messages, in turn\n")
    limits = {"limit_messages": 100_000, "limit_tokens": 10**9, "limit_cost": 1_000}
    sides = (
        Side("one person, no limits", 1, access=AccessMode.OPEN),
        Side(f"{PEOPLE} people, limits on", PEOPLE, access=AccessMode.PAIRING, **limits),
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with AsyncExitStack() as stack:
            for side in sides:
                await side.begin(stack, Path(folder))
            for turn in range(2 * ROUNDS):
                await sides[(turn + turn // 2) % 2].play()  # each is first in every second round
    print(f"{'':30}{'processor ms a message, median':>32}{'least':>8}")
    for side in sides:
        print(f"{side.title:30}{median(side.took_ms):32.2f}{min(side.took_ms):8.2f}")
    ratios = [with_people / alone for alone, with_people in zip(*(side.took_ms for side in sides), strict=True)]
    print(f"\nwith people and limits × alone, median of the rounds: {median(ratios):.2f}")


async def _know(url: str, people: int) -> None:
    """Have people be let in, and have used the bot on all days that are kept."""
    today, ids = day_of(time.time()), range(FIRST, FIRST + people)
    async with open_database(url) as sessions, sessions.begin() as session:
        let_in = [
            {"telegram_id": each, "rule": Rule.ALLOW, "at": time.time(), "name": f"Person {each}"} for each in ids
        ]
        await session.execute(insert(Access), let_in)
        await session.execute(insert(Account), [{"telegram_id": each, "name": f"Person {each}"} for each in ids])
        used = {"provider": "demo", "messages": 5, "tokens": 5_000}
        for day in range(today - KEPT_DAYS + 1, today + 1):
            await session.execute(insert(Usage), [{"telegram_id": each, "day": day, **used} for each in ids])


def _said(number: int, person: int) -> Raw:
    who = {"id": person, "is_bot": False, "first_name": f"Person {person}", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": who["first_name"]}
    text = "A question of ten words or so, as people ask them"
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return {"update_id": number, "message": message}


if __name__ == "__main__":
    asyncio.run(main())
