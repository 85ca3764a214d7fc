"""Kill the bot again and again, and count what people got: `python -m tests.crash --kills N --seed S`."""

import argparse
import asyncio
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.crash.arena import Arena, Outcome
from tests.crash.checker import ALSO_BAD, BAD, OF_CALLS
from tests.crash.cluster import Cluster
from tests.crash.essayist import Essayist, library
from tests.crash.faults import KINDS as FAULTS
from tests.crash.nodes import Times
from tests.database import KINDS, POSTGRES, SQLITE, Make, databases

QUESTIONS = ("whole", "error", "broken", "beginning", "sentence", "dropped")


OF_VISITORS = ("chosen", "turned away", "guests", "guests lost")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 0 if no promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bots", type=int, help="at once, each on its own database")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs")
    parser.add_argument("--database", choices=KINDS, default=SQLITE, help="files, or a PostgreSQL of the run's own")
    parser.add_argument("--nodes", type=int, default=1, help="processes of each bot, on a PostgreSQL")
    parser.add_argument("--shared", type=int, default=1, help="bots that the processes of --nodes have together")
    parser.add_argument("--only", choices=tuple(dict.fromkeys(FAULTS)), help="what happens, with --nodes")
    given = parser.parse_args(arguments)
    if given.nodes > 1:
        given.database = POSTGRES
    bots = given.bots or (max(1, min(4, os.cpu_count() or 1, given.kills // 12)) if given.shared == 1 else 1)
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    started = time.monotonic()
    with databases(given.database) as make:
        times = Times()
        kinds = (given.only,) if given.only else FAULTS
        cluster = partial(Cluster, times=times, nodes=given.nodes, bots=given.shared, kinds=kinds)
        kind = cluster if given.nodes > 1 else Arena
        outcomes = asyncio.run(_run(given.kills, given.seed, bots, kind, folder, make))
    for line in times.lines():
        _say(line)
    is_bad = _report(outcomes, given.seed, time.monotonic() - started)
    if given.keep or is_bad:
        _say(f"databases and logs: {folder}")
    else:
        shutil.rmtree(folder)
    return int(is_bad)


async def _run(kills: int, seed: int, bots: int, kind: Callable[..., Arena], folder: Path, make: Make) -> list[Outcome]:
    numbers = itertools.count(1)
    done = itertools.count(1)

    def died(what: str) -> None:
        _say(f"kill {next(done)}/{kills} {what}")

    essayist = Essayist()
    async with library(essayist) as model:
        arenas = [
            kind(
                f"{101 + place}:crash-test-needs-no-token-from-BotFather",
                folder / str(place),
                model,
                essayist,
                database=make(folder / str(place)),
                seed=f"{seed} arena {place}",
                numbers=numbers,
            )
            for place in range(bots)
        ]
        shares = [kills // bots + (place < kills % bots) for place in range(bots)]
        return await asyncio.gather(*(arena.run(share, died) for arena, share in zip(arenas, shares, strict=True)))


def _report(outcomes: Sequence[Outcome], seed: int, seconds: float) -> bool:
    counts: Counter[str] = Counter()
    kills: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.findings.counts)
        kills.update(outcome.kills)
        for line in outcome.findings.lines:
            _say(line)
    for what, times in sorted(kills.items()):
        _say(f"{times:5} {what}")
    total, questions = kills.total(), counts["questions"]
    _say(f"kills {total}, questions {questions}, seed {seed}, {seconds:.0f} s")
    told = (
        "edits",
        "pictures or pastes",
        "documents",
        "voices",
        "branches",
        "summaries",
        "cut",
        "thoughts",
        "calls",
        "leaves",
        "unknown calls",
        *OF_VISITORS,
    )
    _say(", ".join(f"{name} {counts[name]}" for name in told))
    _say("questions: " + ", ".join(f"{name} {counts[name]}" for name in QUESTIONS))
    probes, calls = sum(outcome.probes for outcome in outcomes), sum(outcome.calls for outcome in outcomes)
    refused = sum(outcome.refused for outcome in outcomes)
    inline = sum(outcome.refused_inline for outcome in outcomes)
    _say(
        f"calls {calls}, probes and read-backs {probes} ({probes / max(1, total):.1f} a kill), "
        f"429 {refused}, of them {inline} of inline messages"
    )
    _say(", ".join(f"{name} {counts[name]}" for name in (*BAD, *ALSO_BAD, *OF_CALLS, "died", "stop")))
    return any(counts[name] for name in (*BAD, *ALSO_BAD, *OF_CALLS, "died", "stop")) or not questions


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
