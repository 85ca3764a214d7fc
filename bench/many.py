"""How many questions a second many bots answer, in one process and in several: `python -m bench.many`.

Each bot of bots.toml has some chats that ask as soon as their last answer stands, all on one PostgreSQL, which syncs
each commit; nobody limits calls. The processes, the database, the server and the model share the machine. Needs
Debian's `postgresql`.
"""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench.answer import Answer
from bench.lean import RAISED
from bench.process import Process, running
from bench.servers import SAFE
from bench.stage import OURS, Stage, stage
from telegram_playground.client import Bot
from telegram_playground.limits.flood_limits import Limits
from tests.postgres import Postgres

FIRST = 700_000
PATIENCE_S = 120.0
WARM_S = 10.0


class Asked:
    """Questions that are asked until the end, one after the other in each chat."""

    def __init__(self, where: Stage, characters: int, per_s: float) -> None:
        self.answers = 0
        self._where = where
        self._characters = characters
        self._per_s = per_s
        self._is_over = False

    async def of(self, bot: Bot) -> None:
        """Have somebody ask a bot."""
        people = self._where.people
        user = await people.add_user("Ann", language="en")
        chat = await people.private(user, bot)
        while not self._is_over:
            answer = Answer(next(self._where.numbers), self._characters, self._per_s)
            await people.write(chat, user, answer.prompt)
            await people.wait(chat, text=f"{answer.ending}$", complete=True, by=bot, timeout=PATIENCE_S)
            self.answers += 1

    def end(self) -> None:
        """Have nobody ask any more."""
        self._is_over = True


async def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.many", description=__doc__)
    parser.add_argument("--bots", type=int, default=60)
    parser.add_argument("--chats", type=int, default=1, help="of each bot that ask at once")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 3, 1, 3], help="one round for each")
    parser.add_argument("--characters", type=int, default=30, help="of an answer")
    parser.add_argument("--per-s", type=float, default=1_000.0, help="deltas a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start; {given.bots} bots, {given.chats} chats each\n")
    print("| processes | questions/s | ms of a processor a question | MB |")
    print("|---|---|---|---|", flush=True)
    for count in given.processes:
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            Postgres.running(*SAFE, "max_connections=1000", at=tempfile.gettempdir()) as one,
        ):
            async with stage(Path(folder)) as where:
                await where.people.set(latency_s=0.0, jitter_s=0.0, limits=Limits.off())
                print(await _round(where, one.create("many"), count, given), flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


async def _round(where: Stage, url: str, count: int, given: argparse.Namespace) -> str:
    tokens = [f"{FIRST + number}:{'M' * 35}" for number in range(given.bots)]
    bots = [await where.people.bot(token, username=f"many{token[:6]}_bot") for token in tokens]
    file = where.folder / "bots.toml"
    file.write_text("".join(f'[b{token[:6]}]\ntoken = "{token}"\n' for token in tokens), encoding="utf-8")
    file.chmod(0o600)
    environment = {
        "BOT_TOKENS": str(file),
        "DATABASE_URL": url,
        "TELEGRAM_API_URL": where.telegram,
        "OPENAI_BASE_URL": where.model,
        "ACCESS": "open",
        "LOG_LEVEL": "WARNING",
        **RAISED,
    }
    async with AsyncExitStack() as stack:
        processes: Sequence[Process] = [
            await stack.enter_async_context(running(where.folder / f"process{number}", OURS, "run", **environment))
            for number in range(count)
        ]
        asked = Asked(where, given.characters, given.per_s)
        async with asyncio.TaskGroup() as group:
            for bot in bots * given.chats:
                group.create_task(asked.of(bot))
            while not asked.answers >= given.bots * given.chats:
                for each in processes:
                    each.check()
                await asyncio.sleep(0.2)
            await asyncio.sleep(WARM_S)
            begun, answers, cpu_s = time.monotonic(), asked.answers, sum(each.cpu_s for each in processes)
            await asyncio.sleep(given.seconds)
            seconds, answers = time.monotonic() - begun, asked.answers - answers
            cpu_s = sum(each.cpu_s for each in processes) - cpu_s
            memory_mb = sum(each.memory_mb for each in processes)
            asked.end()
    values = f"{answers / seconds:.1f} | {cpu_s / max(1, answers) * 1000:.1f} | {memory_mb:.0f}"
    return f"| {count} | {values} |"


if __name__ == "__main__":
    asyncio.run(main())
