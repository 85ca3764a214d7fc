"""Print what many bots want, and what faults cost: `python -m bench.scale [--plots FOLDER]`, some minutes.

Prices are assumptions: `--core`, `--memory-gb` and `--disk-gb` take others, in dollars a month.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.scale.chart import Axis, Curve, chart
from bench.scale.cluster import Member, Rules
from bench.scale.costs import Costs, Prices
from bench.scale.simulation import Found, Simulation, World
from bench.scale.size import SERVER_CORES, Load, limits, server_cores, wanted

COSTS, PRICES = Costs(), Prices()
FULL = Load()
USUAL = Load(streams=1.0)
LOADS = (("a bot at its limit", FULL), ("the same at 60 deltas/s", Load(deltas_per_s=60.0)), ("a usual bot", USUAL))
FAULT_AT_S, LASTS_S, AWAY_S = 30.0, 120.0, 30.0
PART = 48  # of the bots of an installation: they share the database alone, and as large a part of it
FAULTS: Sequence[tuple[str, Callable[[Simulation], None]]] = (
    ("no fault", lambda _: None),
    ("a machine dies, back after 60 s", lambda run: run.machine_ends(FAULT_AT_S, 0, 60)),
    ("a machine dies each 30 s", lambda run: _deaths(run)),
    ("rolling upgrade, a tenth each 8 s", lambda run: run.restarted(FAULT_AT_S, -(-run.world.members // 10), 8, 3)),
    ("a zone of three gone for 60 s", lambda run: _zone(run)),
    ("the database away for 30 s", lambda run: run.database_away(FAULT_AT_S, AWAY_S)),
)
# From the moment a member was stopped until another one served its bot: `Member` on a PostgreSQL, 24 times.
STOPPED_S: Sequence[float] = (
    *(4.08, 4.09, 4.18, 4.19, 4.24, 4.44, 4.49, 4.51, 4.51, 4.52, 4.53, 4.55, 4.68, 4.71, 4.72, 4.74, 4.75),
    *(4.78, 4.93, 4.94, 5.05, 5.14, 5.22, 5.29),
)


def main() -> None:
    """Print the tables, and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--plots", type=Path, help="write the pictures into this folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--core", type=float, default=PRICES.core)
    parser.add_argument("--memory-gb", type=float, default=PRICES.memory_gb)
    parser.add_argument("--disk-gb", type=float, default=PRICES.disk_gb)
    given = parser.parse_args()
    _sizes(Prices(given.core, given.memory_gb, given.disk_gb))
    taken = _takeovers(given.seed)
    curves = [_faults(name, world, given.seed) for name, world in worlds().items()]
    if given.plots:
        for name, picture in (("limits", _limits_plot()), ("takeover", _takeover_plot(taken)), ("waits", curves[-1])):
            (given.plots / f"scale-{name}.svg").write_text(picture)


def worlds() -> dict[str, World]:
    """Return what is simulated: three processes, and a part of an installation of full bots and of its database."""
    full = wanted(FULL, COSTS, PRICES)
    cores = SERVER_CORES * PART * full.installations / FULL.bots
    tight = World(PART, PART, 9, FULL.asked_per_s, cores=cores)
    spare = replace(tight, members=FULL.members(PART, COSTS))
    return {
        "60 usual bots, 3 members": World(60, 3, 3, USUAL.asked_per_s, cores=2),
        f"{PART} bots at their limit, {tight.members} members": tight,
        f"{PART} bots at their limit, {spare.members} members": spare,
    }


def _sizes(prices: Prices) -> None:
    for name, load in LOADS:
        print(f"\n{name}: {load.streams:g} streams, {load.cores(COSTS):.4f} cores, {load.a_member(COSTS)} a member")
        for what, bots in limits(load, COSTS):
            print(f"  {bots:>9,} bots: {what}")
        for bots in (10, 100, 1_000):
            found = wanted(Load(bots, load.streams, load.deltas_per_s), COSTS, prices)
            print(
                f"  {bots:>5} bots: {found.installations} databases, {found.members} members, {found.cores:.1f} cores, "
                f"{found.memory_gb:.1f} GB, database {found.server_cores:.1f} cores ({found.beat_cores:.2f} beats), "
                f"{found.commits:,.0f} commits/s, log {found.log_mb_s:.1f} MB/s, {found.sessions} connections each, "
                f"{found.rows_tb:.2f} TB, ${found.dollars:,.0f}"
            )


def _takeovers(seed: int, runs: int = 300) -> dict[str, list[float]]:
    """Stop, and end, the one of three that has a bot."""
    found: dict[str, list[float]] = {"stopped": [], "told to end": []}
    for number in range(runs):
        for kind, each in found.items():
            run = Simulation(World(1, 3, 3, 0.01), seed * runs + number)
            what = run.cluster.kill if kind == "stopped" else run.cluster.end
            run.events.at(20 + number / runs, _to_owner, run, what)
            each += run.run(25).takeovers
    for kind, times in found.items():
        times.sort()
        print(f"{kind}: {len(times)}, p50 {times[len(times) // 2]:.2f}, {times[0]:.2f} to {times[-1]:.2f} s")
    return found


def _to_owner(run: Simulation, what: Callable[[Member], None]) -> None:
    what(next(each for each in run.cluster.members if each.row and each.row.bots))


def _faults(name: str, world: World, seed: int) -> str:
    """Print a line a fault; return the picture of the waits."""
    print(f"\n{name}\n| fault | asked | again | p50 | p99 | max | over 2 s | over 10 s | waiting | takeovers | most |")
    curves = []
    for fault, put in FAULTS:
        run = Simulation(world, seed)
        put(run)
        found = run.run(LASTS_S)
        _line(fault, found)
        curves.append(Curve(fault, [(at / 4, found.late(at / 4) / found.asked) for at in range(1, 161)]))
    run = Simulation(replace(world, rules=Rules(asked_s=0.0)), seed)
    run.database_away(FAULT_AT_S, AWAY_S)
    _line("the same, the first one takes all", run.run(LASTS_S))
    across, up = Axis("seconds", (0, 10, 20, 30, 40)), Axis("", (0, 0.25, 0.5, 0.75, 1), "{:.0%}")
    return chart(f"{name}: share of questions that wait longer, {LASTS_S:.0f} s around a fault", across, up, curves)


def _line(fault: str, found: Found) -> None:
    waits = [f"{found.wait(share):.2f}" for share in (0.5, 0.99, 1)]
    late = [f"{found.late(than_s) / found.asked:.1%}" for than_s in (2, 10)]
    longest = f"{len(found.takeovers)}, {found.takeovers[-1]:.1f} s" if found.takeovers else "0"
    cells = [fault, str(found.asked), str(found.again), *waits, *late, str(found.queued), longest, str(found.most)]
    print(f"| {' | '.join(cells)} |", flush=True)


def _deaths(run: Simulation) -> None:
    for number in range(3):
        run.machine_ends(FAULT_AT_S + 30 * number, number, 20)


def _zone(run: Simulation) -> None:
    for machine in range(0, run.world.machines, 3):
        run.machine_ends(FAULT_AT_S, machine, 60)


def _limits_plot() -> str:
    sizes = range(10, 1_001, 10)
    both = [(bots, *server_cores(FULL, bots, COSTS)) for bots in sizes]
    curves = [
        Curve("questions", [(bots, questions) for bots, questions, _ in both]),
        Curve("beats of the members", [(bots, beats) for bots, _, beats in both]),
        Curve("both", [(bots, questions + beats) for bots, questions, beats in both]),
        Curve("32 cores to 60%", [(0, SERVER_CORES * 0.6), (1_000, SERVER_CORES * 0.6)], "5 4"),
    ]
    across = Axis("bots at their limit on one database", range(0, 1_001, 200), "{:,}")
    return chart("Cores that one PostgreSQL takes", across, Axis("cores", range(0, 161, 40)), curves)


def _takeover_plot(taken: dict[str, list[float]]) -> str:
    curves = [Curve(f"{kind}, simulated", _shares(times)) for kind, times in taken.items()]
    curves.insert(1, Curve("stopped, measured", _shares(STOPPED_S), "5 4"))
    up = Axis("taken over", (0, 0.25, 0.5, 0.75, 1), "{:.0%}")
    return chart("Seconds until another process has the bot", Axis("seconds", range(9)), up, curves)


def _shares(times: Sequence[float]) -> list[tuple[float, float]]:
    return [(0, 0), *((at, (number + 1) / len(times)) for number, at in enumerate(sorted(times)))]


if __name__ == "__main__":
    main()
