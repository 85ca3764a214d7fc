"""What one bot takes while so many chats stream, of its process and of PostgreSQL: `python -m bench.crowd`.

Each chat asks as soon as its last answer stands. Needs Debian's `postgresql`; the server syncs each commit. What counts
are processor time, commits and bytes of the log by reply and by call: a busy machine makes the rest worse, not those.
"""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.answer import Answer
from bench.lean import Place, answered, place
from bench.servers import SAFE
from bench.stage import OURS, Player, Stage, stage
from tests.postgres import Postgres

NAME = "crowd"
WARM_S = 12.0
SERVED = "SELECT xact_commit || ' ' || pg_current_wal_lsn() - '0/0'::pg_lsn FROM pg_stat_database WHERE datname = '%s'"


@dataclass(frozen=True, slots=True)
class Count:
    """What there was until an instant: seconds, processor seconds, bytes."""

    at: float
    cpu_s: float
    server_cpu_s: float
    memory_mb: float
    replies: int
    calls: int
    commits: int
    log: int

    def line(self, since: Self, deltas: int) -> str:
        """Return what was added, as a line of the table."""
        seconds, replies, calls = self.at - since.at, self.replies - since.replies, self.calls - since.calls
        cpu_s, each = self.cpu_s - since.cpu_s, max(1, replies)
        values = (
            f"{replies / seconds:.2f}",
            f"{calls / seconds:.1f}",
            f"{replies * deltas / seconds:.0f}",
            f"{cpu_s / seconds:.3f}",
            f"{cpu_s / each * 1000:.0f}",
            f"{(self.server_cpu_s - since.server_cpu_s) / each * 1000:.0f}",
            f"{(self.commits - since.commits) / each:.1f}",
            f"{(self.log - since.log) / each / 1024:.1f}",
            f"{self.memory_mb:.0f}",
        )
        return " | ".join(values)


class Crowd:
    """Chats that ask without pause."""

    def __init__(self, where: Stage, player: Player, one: Postgres) -> None:
        self._where = where
        self._player = player
        self._one = one
        self._replies = 0

    @asynccontextmanager
    async def asking(self, places: Sequence[Place], characters: int, per_s: float) -> AsyncIterator[None]:
        """Have them ask until the end of the block; then each waits for its last answer."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number, each in enumerate(places):
                group.create_task(self._asks(each, characters, per_s, over, WARM_S * number / len(places)))
            yield
            over.set()

    async def count(self) -> Count:
        """Return what there was until now."""
        await asyncio.sleep(1.2)  # until the server's sessions have said what they did
        commits, log = self._one.sql(SERVED % NAME, database="postgres").split()
        made = await self._where.people.calls(bot=self._player.account)
        process = self._player.process
        return Count(
            *(time.monotonic(), process.cpu_s, _cpu_s(self._one), process.memory_mb, self._replies),
            *(sum(each["method"] not in ("getUpdates", "sendChatAction") for each in made), int(commits), int(log)),
        )

    async def _asks(self, at: Place, characters: int, per_s: float, over: asyncio.Event, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while not over.is_set():
            await answered(self._where, at, self._player, Answer(next(self._where.numbers), characters, per_s))
            self._replies += 1


async def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.crowd", description=__doc__)
    parser.add_argument("--chats", type=int, nargs="*", default=[1, 10, 30, 60, 100], help="how many stream at once")
    parser.add_argument("--characters", type=int, default=2_480, help="of an answer")
    parser.add_argument("--per-s", type=float, default=60.0, help="deltas a second")
    parser.add_argument("--seconds", type=float, default=40.0)
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start", flush=True)
    print("| chats | replies/s | calls/s | deltas/s | cores | ms a reply | server's | commits | KiB of log | MB |")
    print(f"|---{'|---' * 9}|", flush=True)
    deltas = len(Answer(1, given.characters, given.per_s).deltas)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Postgres.running(*SAFE, at=tempfile.gettempdir()) as one,
    ):
        url = one.create(NAME)
        async with stage(Path(folder)) as where, where.player(OURS, DATABASE_URL=url) as player:
            crowd = Crowd(where, player, one)
            begun = await crowd.count()
            await asyncio.sleep(given.seconds / 2)
            print(f"| 0 | {(await crowd.count()).line(begun, deltas)} |", flush=True)
            for chats in given.chats:
                places = [await place(where, player) for _ in range(chats)]
                async with crowd.asking(places, given.characters, given.per_s):
                    await asyncio.sleep(WARM_S)
                    begun = await crowd.count()
                    await asyncio.sleep(given.seconds)
                    print(f"| {chats} | {(await crowd.count()).line(begun, deltas)} |", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def _cpu_s(one: Postgres) -> float:
    """Return what all processes of the server have taken, as far as they run; 0 where there is no /proc."""
    file = one.folder / "data" / "postmaster.pid"
    parent = file.read_text(encoding="ascii").split()[0]
    ticks = 0
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if fields[1] == parent or each.parent.name == parent:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    asyncio.run(main())
