"""What a reply takes of the machine, beside a bare aiogram bot: `python -m bench.lean [--before CHECKOUT]`.

All programs answer the same questions at the same time, so that other work on the machine weighs on all alike, and what
counts is processor time, of which other work takes little. `--before` names a checkout of another version of the bot.
"""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.answer import Answer
from bench.process import running
from bench.stage import OURS, REFERENCE, ROUND_TRIP_S, Player, Stage, stage
from telegram_playground.client import Chat, User
from telegram_playground.limits.flood_limits import Limits

CHARACTERS, PER_S = 2_480, 60.0  # of a long answer
SHORT, AT_ONCE = 30, 2_000.0
RAISED = {"CHAT_RATE": "1000", "CHAT_BURST": "1000", "BOT_RATE": "10000"}
PATIENCE_S = 180.0
SETTLE_S = 2.0

Place = tuple[Chat, User]


@dataclass(slots=True)
class Program:
    """One that is measured: processor seconds of a reply, by what was asked, round by round."""

    title: str
    module: str
    environment: Mapping[str, str] = field(default_factory=dict)
    polls_s: list[float] = field(default_factory=list)
    begins_mb: float = 0.0
    peak_mb: float = 0.0
    costs: dict[str, list[float]] = field(default_factory=dict)


async def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.lean", description=__doc__)
    parser.add_argument("--before", type=Path, help="a checkout of another version, measured beside this one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chats", type=int, nargs="*", default=[1, 20], help="how many stream at once")
    parser.add_argument("--instant", type=int, default=300, help="short answers, each asked for as the last one stands")
    parser.add_argument("--starts", type=int, default=5)
    given = parser.parse_args()
    programs = [Program("Deltagram", OURS), Program("bare aiogram bot", REFERENCE)]
    if given.before:
        programs.insert(0, Program("before", OURS, {"PYTHONPATH": str(given.before.resolve())}))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with stage(Path(folder)) as where:
            await _starts(programs, where, given.starts)
            await _long(programs, where, given.chats, given.rounds)
            await _instant(programs, where, given.instant)
    print(f"load {os.getloadavg()[0]:.1f} at the end\n")
    print("\n".join(_table(programs)))


async def _starts(programs: Sequence[Program], where: Stage, count: int) -> None:
    """Start the programs one after the other."""
    for turn in range(count):
        for number, program in enumerate(programs):
            token = f"{9_000 + turn * len(programs) + number}:{'L' * 35}"
            account = await where.people.bot(token, username=f"start{turn}x{number}_bot")
            given = {"BOT_TOKEN": token, "TELEGRAM_API_URL": where.telegram, "OPENAI_BASE_URL": where.model}
            folder = where.folder / f"start{turn}x{number}"
            began = time.monotonic()
            async with running(folder, program.module, *_arguments(program), **given, **program.environment) as process:
                while not (calls := await where.people.calls(bot=account, method="getUpdates")):
                    process.check()
                    await asyncio.sleep(0.02)
                program.polls_s.append(calls[0]["started"] - began)


async def _long(programs: Sequence[Program], where: Stage, crowds: Sequence[int], rounds: int) -> None:
    """Have long answers stream in so many chats at once."""
    async with AsyncExitStack() as stack:
        players = await _started(programs, where, stack)
        places = [[await place(where, player) for _ in range(max(crowds))] for player in players]
        for chats in crowds:
            for _ in range(rounds + 1):
                costs = await streamed(where, players, [theirs[:chats] for theirs in places])
                for program, cost in zip(programs, costs, strict=True):
                    program.costs.setdefault(f"{chats} at once", []).append(cost)
            print(f"{chats} at once: done", flush=True)
        for program, player in zip(programs, players, strict=True):
            program.peak_mb = player.process.peak_mb


async def _instant(programs: Sequence[Program], where: Stage, count: int) -> None:
    """Ask for short answers that come at once, one after the other in ten chats, from one program at a time."""
    await where.people.set(latency_s=0.0, jitter_s=0.0, limits=Limits(enabled=False))
    async with AsyncExitStack() as stack:
        players = await _started(programs, where, stack, **RAISED)
        for turn in range(4):
            for program, player in zip(programs, players, strict=True):
                places = [await place(where, player) for _ in range(10)]
                before = player.process.cpu_s
                each = count // 4 // len(places)
                await asyncio.gather(*(in_a_row(where, place, player, each) for place in places))
                cost = (player.process.cpu_s - before) / (each * len(places))
                program.costs.setdefault("instant", []).append(cost)
            print(f"instant: {turn + 1} of 4", flush=True)
    await where.people.set(latency_s=ROUND_TRIP_S, jitter_s=0.03, limits=Limits(absorb_s=0, absorb_typing_s=0))


async def streamed(where: Stage, players: Sequence[Player], places: Sequence[Sequence[Place]]) -> list[float]:
    """Have all stream the same long answers at once; return what a reply took of the processor, by player."""
    answers = [Answer(next(where.numbers), CHARACTERS, PER_S) for _ in places[0]]
    before = [player.process.cpu_s for player in players]
    asked = (
        answered(where, at, player, answer)
        for player, theirs in zip(players, places, strict=True)
        for at, answer in zip(theirs, answers, strict=True)
    )
    await asyncio.gather(*asked)
    return [(player.process.cpu_s - was) / len(answers) for player, was in zip(players, before, strict=True)]


async def in_a_row(where: Stage, place: Place, player: Player, count: int) -> None:
    for _ in range(count):
        await answered(where, place, player, Answer(next(where.numbers), SHORT, AT_ONCE))


async def _started(programs: Sequence[Program], where: Stage, stack: AsyncExitStack, **more: str) -> list[Player]:
    """Start all; note what memory they begin with."""
    starting = (where.player(each.module, **{**each.environment, **more}) for each in programs)
    players = [await stack.enter_async_context(each) for each in starting]
    await asyncio.sleep(SETTLE_S)
    for program, player in zip(programs, players, strict=True):
        program.begins_mb = player.process.memory_mb
    return players


async def place(where: Stage, player: Player) -> Place:
    user = await where.people.add_user("Ann", language="en")
    return await where.people.private(user, player.account), user


async def answered(where: Stage, place: Place, player: Player, answer: Answer) -> None:
    """Ask, and wait until the answer stands."""
    chat, user = place
    await where.people.write(chat, user, answer.prompt)
    text = f"{answer.ending}$"
    await where.people.wait(chat, text=text, complete=True, by=player.account, timeout=PATIENCE_S)
    player.process.check()


def _arguments(program: Program) -> Sequence[str]:
    return ["run"] if program.module == OURS else []


def _table(programs: Sequence[Program]) -> list[str]:
    """Return the lines of the table; the first round of each kind warms up."""
    lasts_s = len(Answer(1, CHARACTERS, PER_S).deltas) / PER_S
    lines = [f"| | {' | '.join(program.title for program in programs)} |", f"|---{'|---' * len(programs)}|"]

    def line(title: str, values: Sequence[str]) -> None:
        lines.append(f"| {title} | {' | '.join(values)} |")

    line("start to the first getUpdates, s", [f"{median(each.polls_s):.2f}" for each in programs])
    line("resident memory at the start, MB", [f"{each.begins_mb:.0f}" for each in programs])
    line("at most, while answers stream, MB", [f"{each.peak_mb:.0f}" for each in programs])
    base = programs[-1].costs
    for what in base:
        costs = [each.costs[what][1:] for each in programs]
        ratios = [median(a / b for a, b in zip(cost, base[what][1:], strict=True)) for cost in costs]
        if what == "instant":
            line("short answers in a processor second", [f"{1 / median(cost):.1f}" for cost in costs])
            continue
        values = [f"{median(cost) * 1000:.0f} ({ratio:.2f} ×)" for cost, ratio in zip(costs, ratios, strict=True)]
        line(f"a reply of {lasts_s:.1f} s, {what}, ms of processor time", values)
        line(f"chats that a core carries, by {what}", [f"{lasts_s / median(cost):.0f}" for cost in costs])
    return lines


if __name__ == "__main__":
    asyncio.run(main())
