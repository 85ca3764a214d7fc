"""Run the bot as `python -m bot run` does; on SIGUSR1 it writes down what it holds, on SIGUSR2 it logs where it is.

The file for what it holds is named on the command line.
"""

import asyncio
import gc
import json
import signal
import sys
from collections import Counter, OrderedDict, deque
from pathlib import Path
from typing import Any

from bot.__main__ import main

OURS = ("bot", "providers")
CONTAINERS = frozenset({dict, list, set, deque, OrderedDict})
LARGE = 32  # entries; smaller containers are not followed


class Inventory:
    """What the process holds; each look is compared with the one before."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._sizes: dict[int, int] = {}

    def write(self, *_: object) -> None:
        """Write it down; called by a signal."""
        gc.collect()
        objects = gc.get_objects()
        ours = Counter(_name(each) for each in objects if _module(each) in OURS)
        large = {id(each): each for each in objects if type(each) in CONTAINERS and len(each) >= LARGE}
        large.pop(id(self._sizes), None)
        grown = {key: len(each) - self._sizes.get(key, 0) for key, each in large.items()}
        most = max(grown, key=grown.__getitem__)
        held = {
            "tasks": len(asyncio.all_tasks()),
            "objects": len(objects),
            "ours": ours,
            "entries": grown[most],
            "container": _described(large[most]),
        }
        self._sizes = {key: len(each) for key, each in large.items()}
        unfinished = self._report.with_suffix(".part")
        unfinished.write_text(json.dumps(held), encoding="utf-8")
        unfinished.rename(self._report)


def _module(each: object) -> str:
    return str(type(each).__module__).partition(".")[0]  # a few types of C have none that is text


def _name(each: object) -> str:
    return f"{type(each).__module__}.{type(each).__qualname__}"


def _described(container: Any) -> str:
    """Tell what is in a container by its last entry."""
    return f"{type(container).__name__} of {len(container)}, such as {[*container][-1]!r:.60}"


def _say_where(*_: object) -> None:
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, Inventory(Path(sys.argv[1])).write)
    signal.signal(signal.SIGUSR2, _say_where)
    sys.exit(main(["run"]))
