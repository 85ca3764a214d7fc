"""What a turn takes with PostgreSQL, beside SQLite: `python -m bench.servers [--rounds 5]`.

Two bots answer the same questions at the same time, one with its rows in a file, one with them on a server of the
bench's own, with Debian's settings, on the same disk; so other work on the machine weighs on both alike. Needs Debian's
`postgresql`. What counts are the ratios; seconds are those of the machine as it is.
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
from statistics import median

from bench.answer import Answer
from bench.lean import CHARACTERS, PER_S, RAISED, Place, answered, in_a_row, place, streamed
from bench.stage import OURS, Player, Stage, stage
from telegram_playground.limits.flood_limits import Limits
from tests.postgres import Postgres

SAFE = ("fsync=on", "full_page_writes=on", "shared_buffers=128MB", "synchronous_commit=on")
IN_A_ROW = 10  # chats that ask for short answers at once
GOALS = "goals: first text at most 15 ms later, processor time at most 1.15 times, at least 25 turns a second"


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.servers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--firsts", type=int, default=20, help="questions whose first text is timed")
    parser.add_argument("--chats", type=int, default=5, help="how many long answers stream at once")
    parser.add_argument("--instant", type=int, default=200, help="short answers, each asked for as the last one stands")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start; {GOALS}\n", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Postgres.running(*SAFE, at=tempfile.gettempdir()) as one,
    ):
        async with stage(Path(folder)) as where:
            async with AsyncExitStack() as stack:
                players = await _players(where, one, "usual", stack)
                _say("first text, ms after the question", await _firsts(where, players, given.firsts), 1000, "{:.0f}")
                costs = await _long(where, players, given.chats, given.rounds)
                _say(f"a reply of {CHARACTERS:,} characters, ms of processor time", costs, 1000, "{:.0f}")
            await where.people.set(latency_s=0.0, jitter_s=0.0, limits=Limits(enabled=False))
            async with AsyncExitStack() as stack:
                players = await _players(where, one, "fast", stack, **RAISED)
                costs, rates = await _instant(where, players, given.instant, given.rounds)
                _say("a short answer, ms of processor time", costs, 1000, "{:.1f}")
                _say("short answers a second", rates, 1, "{:.1f}")
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


async def _players(where: Stage, one: Postgres, name: str, stack: AsyncExitStack, **more: str) -> list[Player]:
    databases: Sequence[dict[str, str]] = ({}, {"DATABASE_URL": one.create(name)})
    return [await stack.enter_async_context(where.player(OURS, **{**each, **more})) for each in databases]


async def _firsts(where: Stage, players: Sequence[Player], count: int) -> list[list[float]]:
    """Ask one after the other; return how long each first text took, by bot."""
    places = [await place(where, player) for player in players]
    took: list[list[float]] = [[] for _ in players]
    for turn in range(count + 1):
        for player, at, times in zip(players, places, took, strict=True):
            seconds = await _first(where, at, player)
            if turn:
                times.append(seconds)
    return took


async def _first(where: Stage, at: Place, player: Player) -> float:
    answer = Answer(next(where.numbers), 120, PER_S)
    began = time.monotonic()
    await answered(where, at, player, answer)
    calls = await where.people.calls(bot=player.account, method="sendMessage")
    return float(min(call["started"] for call in calls if call["started"] > began) - began)


async def _long(where: Stage, players: Sequence[Player], chats: int, rounds: int) -> list[list[float]]:
    """Have long answers stream; return what a reply took of the processor, by bot and round."""
    places = [[await place(where, player) for _ in range(chats)] for player in players]
    costs: list[list[float]] = [[] for _ in players]
    for turn in range(rounds + 1):
        spent = await streamed(where, players, places)
        if turn:
            for cost, each in zip(costs, spent, strict=True):
                cost.append(each)
    return costs


async def _instant(
    where: Stage, players: Sequence[Player], count: int, rounds: int
) -> tuple[list[list[float]], list[list[float]]]:
    """Have short answers follow each other, one bot at a time; return their costs and how many came a second."""
    costs: list[list[float]] = [[] for _ in players]
    rates: list[list[float]] = [[] for _ in players]
    each = max(1, count // IN_A_ROW)
    for turn in range(rounds + 1):
        for player, cost, rate in zip(players, costs, rates, strict=True):
            places = [await place(where, player) for _ in range(IN_A_ROW)]
            was, began = player.process.cpu_s, time.monotonic()
            await asyncio.gather(*(in_a_row(where, at, player, each) for at in places))
            if turn:
                cost.append((player.process.cpu_s - was) / (each * IN_A_ROW))
                rate.append(each * IN_A_ROW / (time.monotonic() - began))
    return costs, rates


def _say(what: str, values: Sequence[Sequence[float]], factor: float, shape: str) -> None:
    """Print a line: both medians, the median of the differences, and that of the ratios."""
    file, server = values
    medians = " and ".join(shape.format(median(each) * factor) for each in (file, server))
    later = median(b - a for a, b in zip(file, server, strict=True)) * factor
    ratio = median(b / a for a, b in zip(file, server, strict=True))
    print(f"{what}: SQLite and PostgreSQL {medians}; {later:+.1f}, {ratio:.2f} times", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
