"""Let many people talk to the bot without pause and amid trouble: `python -m tests.soak --minutes M`.

At the end everybody has got what he asked for, and the bot holds what it held after the first minute.
"""

import argparse
import asyncio
import itertools
import os
import shutil
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from playground.client import PlaygroundClient
from playground.server import Playground
from tests.crash.checker import ALSO_BAD, BAD, Findings, check
from tests.crash.scene import Scene, build
from tests.crash.screen import Screen
from tests.crash.service import Service
from tests.crash.talker import Talker
from tests.soak.trouble import make_trouble
from tests.soak.usage import Usage, measure

TOKEN = "101:soak-test-needs-no-token-from-BotFather-at-all"
ROOT = Path(__file__).parents[2]
GROUPS = 5  # of the conversations
STOP_S = 10.0
WARM_UP_S = 60.0  # caches fill, connections are made
DRAIN_S = 300.0
MORE_MEMORY = 1.15  # times that after the warm-up
MORE_OBJECTS = 1.10
MORE_FILES = 5  # connections that are kept open for the next call


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured and found."""

    before: Usage
    after: Usage
    faults: int
    calls: int
    findings: Findings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0 if nothing was lost and nothing has grown."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    result = asyncio.run(_run(folder, given.chats, 60 * given.minutes, given.seed))
    bad = _report(result)
    if bad:
        _say(f"database and log: {folder}")
    else:
        shutil.rmtree(folder)
    return int(bool(bad))


async def _run(folder: Path, chats: int, seconds: float, seed: int) -> Result:
    telegram = Playground(latency_s=0.06, jitter_s=0.03, random=Random(seed))
    async with telegram, PlaygroundClient(telegram.url) as people, Service() as service:
        bot = await people.bot(TOKEN, username="delta_bot")
        scene = await build(people, bot, private=chats - GROUPS)
        soak = Soak(scene, Screen(telegram), people, seed)
        report, database = folder / "held.json", folder / "data" / "bot.db"
        async with _bot(folder, telegram, service) as process:
            await soak.run(min(WARM_UP_S, seconds / 2))
            before = await asyncio.to_thread(measure, process.pid, report, database)
            _say(f"after the warm-up: {before}")
            await soak.run(seconds)
            after = await asyncio.to_thread(measure, process.pid, report, database)
            _say(f"at the end:        {after}")
            process.terminate()
            code = await asyncio.wait_for(process.wait(), STOP_S)
        findings = Findings()
        if code:
            findings.wrong("stop", f"SIGTERM ended it with {code}")
        for talk in scene.conversations:
            transcript = await people.transcript(talk.chat)
            findings.add(check(talk, Screen(telegram).messages(talk), transcript, service.requests))
        return Result(before, after, soak.faults, telegram.calls.last(1)[-1].id, findings)


class Soak:
    """People who talk, and trouble; `run` may be called again."""

    def __init__(self, scene: Scene, screen: Screen, people: PlaygroundClient, seed: int) -> None:
        numbers = itertools.count(1)
        self._talkers = [
            Talker(talk, screen, people, numbers, Random(f"{seed} talker {place}"))
            for place, talk in enumerate(scene.conversations)
        ]
        self._screen = screen
        self._people = people
        self._random = Random(f"{seed} trouble")
        self.faults = 0

    async def run(self, seconds: float) -> None:
        """Let all talk for so long, and wait until everything asked is answered."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            talking = [group.create_task(talker.run(over)) for talker in self._talkers]
            trouble = group.create_task(make_trouble(self._people, self._random, over))
            await asyncio.sleep(seconds)
            over.set()
            _, unsettled = await asyncio.wait(talking, timeout=DRAIN_S)
            for task in unsettled:
                task.cancel()
        self.faults += trouble.result()
        await self._screen.quiet()


@asynccontextmanager
async def _bot(folder: Path, telegram: Playground, service: Service) -> AsyncIterator[Process]:
    """Run the bot; what it logs goes into a file."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "ACCESS": "open",
        "OPENAI_BASE_URL": service.url,
        "MAX_PARTS": "3",
    }
    command = (sys.executable, "-m", "tests.soak.launcher", "held.json")
    with (folder / "bot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**kept, **environment}, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _report(result: Result) -> list[str]:
    """Print what was found; return what is bad."""
    counts, before, after = result.findings.counts, result.before, result.after
    for line in result.findings.lines:
        _say(line)
    _say(f"questions {counts['questions']}, calls {result.calls}, faults {result.faults}")
    _say(", ".join(f"{name} {counts[name]}" for name in (*BAD, *ALSO_BAD, "stop")))
    grown = {
        "memory": after.memory > before.memory * MORE_MEMORY,
        "objects": after.objects > before.objects * MORE_OBJECTS,
        "tasks": after.tasks > before.tasks,
        "threads": after.threads > before.threads,
        "files": after.files > before.files + MORE_FILES,
        "queue": after.queue > 0,
    }
    bad = [f"{name} has grown" for name, has_grown in grown.items() if has_grown]
    _say("; ".join(bad) or "nothing has grown")
    return bad + result.findings.lines


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
