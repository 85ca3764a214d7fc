"""Nodes: processes of the same bots on one server, each as if on a machine of its own, with a clock of its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.launcher import AHEAD, BOOT
from tests.crash.process import BotProcess

AHEAD_S = (0.0, 170.0, -200.0)  # by which the wall clocks of the machines are wrong


@dataclass(slots=True)
class Times:
    """How long things took, by what happened to the owner."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, seconds: float) -> None:
        self.taken.setdefault(kind, []).append(seconds)

    def lines(self) -> list[str]:
        """Return the middle and the longest of each."""
        told = []
        for kind, taken in sorted(self.taken.items()):
            every = sorted(taken)
            told.append(f"{kind}: {len(every)}, p50 {every[len(every) // 2]:.2f} s, max {every[-1]:.2f} s")
        return told


class Nodes(BotProcess):
    """Several processes that are started, and in the end stopped, as one."""

    def __init__(self, folder: Path, environment: Mapping[str, str], count: int) -> None:
        super().__init__(folder, environment)
        self.all: list[BotProcess] = []
        for number in range(count):
            own = folder / f"node{number}"
            own.mkdir()
            (own / BOOT).write_text(f"machine-{number}", encoding="ascii")
            (own / AHEAD).write_text(str(AHEAD_S[number % len(AHEAD_S)]), encoding="ascii")
            self.all.append(BotProcess(own, environment))

    def find(self, pid: str) -> BotProcess | None:
        """Return the process of an id, unless it has ended."""
        return next((node for node in self.all if str(node.pid) == pid and not node.is_over), None)

    async def start(self, _point: object = None) -> None:
        """Start those that do not run."""
        for node in self.all:
            if node.pid is None or node.is_over:
                await node.start()

    async def stop(self) -> int | None:
        """End all in order; return 0 if each has."""
        codes = await asyncio.gather(*(node.stop() for node in self.all))
        return 0 if not any(codes) and None not in codes else 1

    async def close(self) -> None:
        """Leave no process behind."""
        for node in self.all:
            await node.close()
