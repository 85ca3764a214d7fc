"""A cluster: several processes of one bot on one server, and what happens to those that own it.

Each runs in a folder of its own and believes itself on a machine of its own, so that nobody sees when another one ends.
"""

import asyncio
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.exc import DBAPIError

from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.server import Playground
from tests.crash.arena import Arena
from tests.crash.launcher import BOOT, PAUSE
from tests.crash.point import CALLS, Point
from tests.crash.process import BotProcess

OWNER = (
    "SELECT m.process, b.epoch FROM deltagram_shared.bots b JOIN deltagram_shared.members m ON m.id = b.member_id"
    " WHERE m.until > now()"
)
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'deltagram %'"
OWNED_S = 40.0  # until somebody owns the bot, on a busy machine
PATIENCE_S = 6.0  # for a call that is to be met
LOOK_S = 0.05
LONG_S = 6.5  # a pause after which another process owns the bot
CHANGES = tuple(each for each in CALLS if each != "getUpdates")
# A third of all are aimed at what only the late calls can mend.
KINDS = (
    *["killed at an instant"] * 2,
    *["killed at a call"] * 2,
    *["stopped at an instant"] * 2,
    *["stopped between check and socket"] * 4,
    *["stopped during a call"] * 2,
    *["told to end"] * 2,
    "another one killed",
    "connections cut",
)


@dataclass(slots=True)
class Times:
    """How long it took until another process owned the bot, by what happened to the owner."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, seconds: float) -> None:
        self.taken.setdefault(kind, []).append(seconds)

    def lines(self) -> list[str]:
        """Return the middle and the longest of each."""
        told = []
        for kind, taken in sorted(self.taken.items()):
            every = sorted(taken)
            told.append(f"{kind}: {len(every)} takeovers, p50 {every[len(every) // 2]:.1f} s, max {every[-1]:.1f} s")
        return told


class Nodes(BotProcess):
    """Several processes that are started, and in the end stopped, as one."""

    def __init__(self, folder: Path, environment: Mapping[str, str], count: int) -> None:
        super().__init__(folder, environment)
        self.all = []
        for number in range(count):
            own = folder / f"node{number}"
            own.mkdir()
            (own / BOOT).write_text(f"machine-{number}", encoding="ascii")
            self.all.append(BotProcess(own, environment))

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


class Cluster(Arena):
    """An arena whose bot is several processes."""

    def __init__(self, *arguments: Any, times: Times, nodes: int, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._nodes = nodes
        self._times = times
        self._rng = Random(f"{self._seed} faults")

    def _process(self, telegram: Playground) -> Nodes:
        tools = {"TOOLS_FILE": str(self._folder / "tools.toml")}
        return Nodes(self._folder, {**self._environment(telegram), **tools}, self._nodes)

    async def _kill(self, process: BotProcess, _point: Point, telegram: Playground, people: PlaygroundClient) -> str:
        """Have something happen to the owner, and wait until another one has the bot."""
        assert isinstance(process, Nodes)
        await process.start()
        owner, epoch = await self._owner(process)
        kind = self._rng.choice(KINDS)
        pause_s = self._rng.choice((self._rng.uniform(1, 5), self._rng.uniform(LONG_S, 20)))
        await asyncio.sleep(self._rng.uniform(0.0, 3.0))
        begun = time.monotonic()
        match kind:
            case "killed at an instant":
                await owner.kill()
            case "killed at a call":
                kind = f"{kind}{await self._hold(people)}"
                begun = time.monotonic()
                await owner.kill()
                await people.clear_faults()
            case "stopped at an instant":
                await self._pause(process, owner, epoch, pause_s, kind)
                return self._count(f"{kind} for {'long' if pause_s >= LONG_S else 'a moment'}")
            case "stopped between check and socket":
                method = self._rng.choice(CHANGES)
                met = await self._trap(owner, method)
                if met:
                    await self._pause(process, owner, epoch, pause_s, kind)
                return self._count(f"{kind} of {method}{'' if met else ': not reached'}")
            case "stopped during a call":
                kind = f"{kind}{await self._hold(people)}"
                owner.signal(signal.SIGSTOP)
                await people.clear_faults()
                await self._pause(process, owner, epoch, pause_s, "stopped during a call")
                return self._count(kind)
            case "told to end":
                owner.signal(signal.SIGTERM)
            case "another one killed":
                other = self._rng.choice([node for node in process.all if node is not owner])
                await other.kill()
                return self._count(kind)
            case _:
                with suppress(DBAPIError):
                    await self._database.ask(CUT)
                return self._count(kind)
        await self._taken_over(process, epoch, begun, kind.partition(",")[0])
        return self._count(kind)

    def _count(self, what: str) -> str:
        self.outcome.kills[what] += 1
        return what

    async def _hold(self, people: PlaygroundClient) -> str:
        """Have a call be held by the server; return which."""
        method, executed = self._rng.choice(CHANGES), self._rng.random() < 0.6
        await people.fault(method, "hold", execute=executed)
        try:
            await people.wait_held(timeout=PATIENCE_S)
        except PlaygroundError:
            return f", {method}: not reached"
        return f", {method} {'carried out' if executed else 'not carried out'}"

    async def _trap(self, owner: BotProcess, method: str) -> bool:
        """Have the owner stop itself right before it writes a call into its socket; tell whether it did."""
        trap = owner.folder / PAUSE
        trap.write_text(method, encoding="ascii")
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if owner.is_stopped:
                return True
            await asyncio.sleep(LOOK_S / 5)
        trap.unlink(missing_ok=True)
        await asyncio.sleep(LOOK_S)
        return owner.is_stopped

    async def _pause(self, nodes: Nodes, owner: BotProcess, epoch: int, pause_s: float, kind: str) -> None:
        """Let the owner stand still; where that is long, another one takes over meanwhile."""
        begun = time.monotonic()
        owner.signal(signal.SIGSTOP)
        try:
            if pause_s >= LONG_S:
                await self._taken_over(nodes, epoch, begun, kind)
            await asyncio.sleep(begun + pause_s - time.monotonic())
        finally:
            owner.signal(signal.SIGCONT)

    async def _taken_over(self, nodes: Nodes, epoch: int, begun: float, kind: str) -> None:
        _, newer = await self._owner(nodes, after=epoch)
        assert newer > epoch
        self._times.add(kind, time.monotonic() - begun)

    async def _owner(self, nodes: Nodes, *, after: int = 0) -> tuple[BotProcess, int]:
        """Wait until one of the processes owns the bot; return it and how often the bot has changed hands."""
        until = time.monotonic() + OWNED_S
        while time.monotonic() < until:
            with suppress(DBAPIError):  # there are no tables before the first start, and connections are cut
                for process, epoch in await self._database.ask(OWNER):
                    pid = process.split()[-2]
                    found = [node for node in nodes.all if str(node.pid) == pid and not node.is_over]
                    if found and epoch > after:
                        return found[0], int(epoch)
            await asyncio.sleep(LOOK_S)
        self.outcome.findings.wrong("died", f"{self._folder}: nobody owns the bot after {OWNED_S:.0f} s")
        raise RuntimeError(f"nobody owns the bot: {self._folder}")
