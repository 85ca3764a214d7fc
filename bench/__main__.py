"""Benchmarks of the real bot against the playground's server: `python -m bench [--quick]`, see bench/README.md."""

import argparse
import asyncio
import json
import os
import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figures, figures, limits_of
from bench.plot import plot
from bench.programme import PLOTTED, Round, programme
from bench.scene import Recording, play
from bench.stage import Stage, stage
from bench.table import MEANING, heading, rows


async def main() -> None:
    """Play the scenes and print what they show."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about 2 minutes instead of 15")
    parser.add_argument("--only", default="", help="scenes whose title contains this")
    parser.add_argument("--plot", type=Path, help="draw one reply into this PNG file; needs Chromium")
    parser.add_argument("--traces", type=Path, help="write the replies of all scenes here, for bench.bounds")
    options = parser.parse_args()
    rounds = [[scene for scene in each if options.only in scene.title] for each in programme(quick=options.quick)]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start\n{MEANING}\n\n{heading()}", flush=True)
    played: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with stage(Path(folder)) as where:
            for each in filter(None, rounds):
                for found in await _play(each, where):
                    played.append(found)
                    print("\n".join(rows(found)), flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    if options.traces:
        options.traces.write_text("".join(f"{line}\n" for found in played for line in _lines(found)), encoding="utf-8")
    if options.plot:
        await plot([found for found in played if found.scene.title.startswith(PLOTTED)], options.plot)


async def _play(scenes: Round, where: Stage) -> list[Figures]:
    """Play some scenes at once."""
    await where.people.set(limits=limits_of(scenes[0]))
    recordings: Sequence[Recording] = await asyncio.gather(*(play(scene, where) for scene in scenes))
    return [figures(recording) for recording in recordings]


def _lines(found: Figures) -> list[str]:
    """Return the replies as lines of JSON."""
    traces = (each.reply.trace for each in found.measured)
    return [json.dumps({"scene": found.scene.title, "arrivals": t.arrivals, "shown": t.shown}) for t in traces]


asyncio.run(main())
