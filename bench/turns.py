"""What a turn takes of the database: `python -m bench.turns [--turns 400] [--chats 1] [--folder /dev/shm]`.

The bot's own intake takes the messages that have come, and what the work stores of short answers follows: they are
claimed, the part of each is noted before and after it is sent, it ends and stands, the buttons of the one before it are
gone. No Telegram and no provider. In each chat one turn follows the other, in `--chats` at once.
"""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from aiogram.types import User
from pydantic import SecretStr

from bot.app.build import build
from bot.clock import Clock
from bot.intake.updates.intake import Intake
from bot.settings import AccessMode, Settings
from bot.storage.answers.answers import Answers
from bot.storage.answers.backlog import Backlog
from bot.storage.answers.ending import Ending
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.engine.database import open_database
from bot.storage.exchanges.jobs import Job
from bot.storage.signals import Signals
from bot.storage.tables import Outcome
from providers.blocks import Text

TOKEN = "4000:" + "A" * 35
ME = User(id=4000, is_bot=True, first_name="Delta", username="delta_bot", can_read_all_group_messages=True)
PERSON, ROUND = 1_001, 20  # of the first chat; turns of each chat in a round

Said = dict[str, object]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.turns", description=__doc__)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--chats", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the rows lie meanwhile, another one than the usual")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.folder) as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bot.db'}"
        common = {"bot_token": SecretStr(TOKEN), "database_url": url, "demo_provider": "on", "webhook_url": None}
        async with build(Settings.load(**common, access=AccessMode.OPEN)) as app, open_database(url) as sessions:
            clock, signals = Clock(), Signals()
            shared = (sessions, clock, signals)
            work = Work(signals, Backlog(*shared), Answers(*shared), Parts(*shared), Replies(*shared))
            said = asyncio.Queue[Said]()
            costs, rates = list[float](), list[float]()
            async with asyncio.TaskGroup() as tasks:
                runs = [tasks.create_task(each) for each in (_take(app.entrance.intake(ME), said, signals), work.run())]
                for first in range(1, given.turns + 1, ROUND * given.chats):
                    cost, began = time.process_time(), time.monotonic()
                    async with asyncio.TaskGroup() as chats:
                        for number in range(given.chats):
                            chats.create_task(_talk(PERSON + number, first + number * ROUND, said, work))
                    costs.append((time.process_time() - cost) / ROUND / given.chats)
                    rates.append(ROUND * given.chats / (time.monotonic() - began))
                for run in runs:
                    run.cancel()
    print(f"processor ms a turn: median {median(costs) * 1e3:.2f}, least {min(costs) * 1e3:.2f}")
    print(f"turns a second: median {median(rates):.0f}, most {max(rates):.0f}")


async def _talk(person: int, first: int, said: asyncio.Queue[Said], work: "Work") -> None:
    """Ask one question after the other, each when the one before it is answered."""
    for number in range(first, first + ROUND):
        said.put_nowait(_said(person, number))
        await work.answered[person].get()


async def _take(intake: Intake, said: asyncio.Queue[Said], signals: Signals) -> None:
    """Take what people say, all at once that has come meanwhile."""
    while True:
        await intake.receive(await said.get(), *(said.get_nowait() for _ in range(said.qsize())))
        signals.work.set()


@dataclass(frozen=True)
class Work:
    """Answers what was taken."""

    signals: Signals
    backlog: Backlog
    answers: Answers
    parts: Parts
    replies: Replies
    answered: defaultdict[int, asyncio.Queue[None]] = field(default_factory=lambda: defaultdict(asyncio.Queue))

    async def run(self) -> None:
        """Claim what waits and answer it, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while await self.signals.work.wait():
                self.signals.work.clear()
                for claimed in (await self.backlog.claim(places=1_000, places_per_provider=1_000)).claimed:
                    tasks.create_task(self._answer(claimed.job))

    async def _answer(self, job: Job) -> None:
        """Store all that is stored of an answer that comes at once."""
        await self.parts.intend(job.reply_id, 0, answer_id=job.id, after=job.id)
        content = (Text("An answer of about thirty characters"),)
        ending = Ending(Outcome.ANSWERED, content, provider="demo", prompt_tokens=50, completion_tokens=9)
        ended = await self.answers.ended(job, ending)
        await self.parts.opened(job.reply_id, 0, 1_000_000 + job.id)
        if ended is None:
            raise RuntimeError("it was not being made")
        await self.replies.stands(ended)
        self.answered[job.chat.telegram_id].put_nowait(None)
        if before := self.signals.spent.get_nowait() if self.signals.spent.qsize() else None:
            await self.parts.stripped(*before)


def _said(person: int, number: int) -> Said:
    who = {"id": person, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": "Ann"}
    text = "A question of ten words or so, as people ask them"
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return {"update_id": number, "message": message}


if __name__ == "__main__":
    asyncio.run(main())
