"""What a turn takes of the database: `python -m bench.turns [--turns 400] [--folder /dev/shm]`.

The bot's own intake takes a message, and what the work stores of a short answer follows: it is claimed, its part is
noted before and after it is sent, it ends and stands, the buttons of the one before it are gone. No Telegram and no
provider; each commit is synced.
"""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median

from aiogram.types import User
from pydantic import SecretStr

from bot.app.build import build
from bot.clock import Clock
from bot.settings import AccessMode, Settings
from bot.storage.answers.answers import Answers
from bot.storage.answers.backlog import Backlog
from bot.storage.answers.ending import Ending
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.engine.database import open_database
from bot.storage.signals import Signals
from bot.storage.tables import Outcome
from providers.blocks import Text

TOKEN = "4000:" + "A" * 35
ME = User(id=4000, is_bot=True, first_name="Delta", username="delta_bot", can_read_all_group_messages=True)
PERSON, ROUND = 1_001, 20


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.turns", description=__doc__)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="where the rows lie meanwhile, another one than the usual")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.folder) as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bot.db'}"
        common = {"bot_token": SecretStr(TOKEN), "database_url": url, "demo_provider": "on", "webhook_url": None}
        async with build(Settings.load(**common, access=AccessMode.OPEN)) as app, open_database(url) as sessions:
            clock, signals = Clock(), Signals()
            backlog, answers = Backlog(sessions, clock, signals), Answers(sessions, clock, signals)
            parts, replies = Parts(sessions, clock, signals), Replies(sessions, clock, signals)
            intake = app.entrance.intake(ME)
            costs, rates = list[float](), list[float]()
            for first in range(1, given.turns + 1, ROUND):
                cost, began = time.process_time(), time.monotonic()
                for number in range(first, first + ROUND):
                    await intake.receive(_said(number))
                    await _answered(number, backlog, answers, parts, replies)
                costs.append((time.process_time() - cost) / ROUND)
                rates.append(ROUND / (time.monotonic() - began))
    print(f"processor ms a turn: median {median(costs) * 1e3:.2f}, least {min(costs) * 1e3:.2f}")
    print(f"turns a second: median {median(rates):.0f}, most {max(rates):.0f}")


async def _answered(number: int, backlog: Backlog, answers: Answers, parts: Parts, replies: Replies) -> None:
    """Store all that is stored of an answer that comes at once."""
    (claimed,) = (await backlog.claim(places=100, places_per_provider=100)).claimed
    job = claimed.job
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=number)
    content = (Text("An answer of about thirty characters"),)
    ending = Ending(Outcome.ANSWERED, content, provider="demo", prompt_tokens=50, completion_tokens=9)
    ended = await answers.ended(job, ending)
    await parts.opened(job.reply_id, 0, 1_000_000 + number)
    if ended is None:
        raise RuntimeError("it was not being made")
    await replies.stands(ended)
    await parts.stripped(PERSON, 1_000_000 + number - 1)


def _said(number: int) -> dict[str, object]:
    who = {"id": PERSON, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    chat = {"id": PERSON, "type": "private", "first_name": "Ann"}
    text = "A question of ten words or so, as people ask them"
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return {"update_id": number, "message": message}


if __name__ == "__main__":
    asyncio.run(main())
