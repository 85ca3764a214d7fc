"""Let many people talk to the bot without pause and amid trouble: `python -m tests.soak --minutes M`.

At the end everybody has got what they asked for, and the bot holds what it held after the first minute.
"""

import argparse
import asyncio
import itertools
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from telegram_playground.client import PlaygroundClient
from telegram_playground.server import Playground
from tests.crash.checker import ALSO_BAD, BAD, Findings, check
from tests.crash.essayist import Essayist, library
from tests.crash.scene import Scene, build
from tests.crash.screen import Screen
from tests.crash.talker import Talker
from tests.soak.moods import Moods
from tests.soak.process import Bot, Ended, running
from tests.soak.trouble import make_trouble
from tests.soak.usage import Row, Usage, compare, measure

TOKEN = "101:soak-test-needs-no-token-from-BotFather-at-all"
GROUPS = 5  # of the conversations
WARM_UP_S = 60.0  # caches fill, connections are made
DRAIN_S = 180.0
IDLE_S = 20.0  # connections are kept open 15 s for the next call
OURS = ("unsettled", "stop")


@dataclass(slots=True)
class Result:
    """What was measured and found."""

    findings: Findings = field(default_factory=Findings)
    rows: list[Row] = field(default_factory=list)
    telegram: Counter[str] = field(default_factory=Counter)  # faults, by kind
    provider: Counter[str] = field(default_factory=Counter)
    calls: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0 if nothing was lost and nothing has grown."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    bad = _report(asyncio.run(_run(folder, given.chats, 60 * given.minutes, given.seed)))
    if bad:
        _say(f"database and log: {folder}")
    else:
        shutil.rmtree(folder)
    return int(bad)


async def _run(folder: Path, chats: int, seconds: float, seed: int) -> Result:
    telegram = Playground(latency_s=0.06, jitter_s=0.03, random=Random(seed))
    essayist = Essayist()
    moods = Moods(essayist, Random(f"{seed} moods"))
    async with telegram, PlaygroundClient(telegram.url) as people, library(moods) as model:
        account = await people.bot(TOKEN, username="delta_bot")
        scene = await build(people, account, private=chats - GROUPS)
        soak = Soak(scene, telegram, people, seed)
        environment = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "ACCESS": "open",
            "OPENAI_BASE_URL": model.url,
            "MAX_PARTS": "3",
            "FIRST_TOKEN_TIMEOUT": "5",
            "TOKEN_TIMEOUT": "5",
        }
        result = soak.result
        try:
            async with running(folder, **environment) as bot:
                await bot.meanwhile(soak.run(min(WARM_UP_S, seconds / 2)))
                before = await soak.measured(bot)
                await bot.meanwhile(soak.run(seconds))
                result.rows = compare(before, await soak.measured(bot))
                if wrong := await bot.stop():
                    result.findings.wrong("stop", wrong)
        except Ended as error:
            result.findings.wrong("stop", str(error))
        for talk in scene.conversations:
            transcript = await people.transcript(talk.chat)
            result.findings.add(check(talk, Screen(telegram).messages(talk), transcript, essayist.sent))
        result.provider = moods.faults
        result.calls = telegram.calls.last(1)[-1].id
        return result


class Soak:
    """People who talk, and trouble; `run` may be called again."""

    def __init__(self, scene: Scene, telegram: Playground, people: PlaygroundClient, seed: int) -> None:
        numbers = itertools.count(1)
        self._screen = Screen(telegram)
        self._talkers = [
            Talker(talk, self._screen, people, numbers, Random(f"{seed} talker {place}"))
            for place, talk in enumerate(scene.conversations)
        ]
        self._scene = scene
        self._calls = telegram.calls
        self._people = people
        self._random = Random(f"{seed} trouble")
        self.result = Result()

    async def run(self, seconds: float) -> None:
        """Let all talk for so long, and wait until everything asked is answered and connections have been closed."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            talking = [group.create_task(talker.run(over)) for talker in self._talkers]
            trouble = group.create_task(make_trouble(self._people, self._calls, self._random, over))
            await asyncio.sleep(seconds)
            over.set()
            await asyncio.wait(talking, timeout=DRAIN_S)
            for task, talk in zip(talking, self._scene.conversations, strict=True):
                if task.cancel():
                    self.result.findings.wrong("unsettled", f"{talk.chat.title or talk.chat.key} {talk.asked[-1:]}")
        self.result.telegram += trouble.result()
        await self._screen.quiet(self._scene.conversations)
        await asyncio.sleep(IDLE_S)

    async def measured(self, bot: Bot) -> Usage:
        """Return what the bot holds."""
        pending = int((await self._people.bot(TOKEN)).raw["pending"])
        return await asyncio.to_thread(measure, bot.pid, bot.report, bot.database, pending)


def _report(result: Result) -> bool:
    """Print what was found; return whether anything is bad."""
    counts = result.findings.counts
    for line in result.findings.lines:
        _say(line)
    _say(f"questions {counts['questions']}, calls {result.calls}")
    for who, faults in (("telegram", result.telegram), ("provider", result.provider)):
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(faults.items()))
        _say(f"faults of the {who}: {faults.total()} ({kinds})")
    _say(", ".join(f"{name} {counts[name]}" for name in (*BAD, *ALSO_BAD, *OURS)))
    _say(f"\n{'':14}{'after warm-up':>14}{'at the end':>14}{'allowed':>14}")
    for row in result.rows:
        _say(str(row))
    return bool(result.findings.lines) or not result.rows or any(row.has_grown for row in result.rows)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
