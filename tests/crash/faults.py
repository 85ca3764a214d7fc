"""A fault: what happens to the process that has a bot, and how long it takes until another one has it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from random import Random
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.server import Playground
from tests.crash.launcher import COMMIT, PAUSE
from tests.crash.nodes import Nodes, Times
from tests.crash.point import CALLS, COMMITS, CommitPoint
from tests.crash.process import BotProcess
from tests.database import Database

OWNER = (
    "SELECT m.process, b.epoch FROM deltagram_shared.bots b JOIN deltagram_shared.members m ON m.id = b.member_id"
    " WHERE m.until > now() AND b.bot_id = {bot}"
)
JOINED = "SELECT process FROM deltagram_shared.members WHERE until > now()"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'deltagram %'"
OWNED_S = 60.0  # until somebody owns a bot, on a busy machine
ENDED_S = 10.0  # until a process has ended in order
PATIENCE_S = 6.0  # for a call or a commit that is to be met
LOOK_S = 0.05
SLOW_S = 8.0  # for a takeover: the logs tell why
LONG_S = 6.5  # a pause after which another process owns the bot
FIRST_LOOK = ", first look for updates"
CHANGES = tuple(each for each in CALLS if each != "getUpdates")
# A fourth of all are aimed at what only the late calls can mend.
KINDS = (
    *["killed at an instant"] * 2,
    *["killed at a call"] * 2,
    *["killed at a commit"] * 3,
    *["stopped at an instant"] * 2,
    *["stopped between check and socket"] * 5,
    *["stopped during a call"] * 2,
    *["told to end"] * 2,
    "all told to end, one after the other",
    "another one killed",
    "connections cut",
    "the server restarted at once",
)

T = TypeVar("T")


class NobodyOwns(Exception):
    """No process has a bot after a while."""


class Faults:
    """Has things happen to the owners of some bots; `bots`: their ids."""

    def __init__(
        self,
        nodes: Nodes,
        bots: list[int],
        telegram: Playground,
        people: PlaygroundClient,
        *,
        database: Database,
        times: Times,
        random: Random,
    ) -> None:
        self._nodes = nodes
        self._bots = bots
        self._telegram = telegram
        self._people = people
        self._database = database
        self._times = times
        self._random = random
        self._bot = bots[0]
        self._slow = ""
        self._since = 0

    async def happen(self, kinds: tuple[str, ...] = KINDS) -> str:
        """Have one happen, and wait until another process has the bot; return what it was. Raises NobodyOwns."""
        self._bot = self._random.choice(self._bots)
        kind = self._random.choice(kinds)
        await self._nodes.start()
        await asyncio.sleep(self._random.uniform(0.0, 3.0))
        owner, epoch = await self._owner()
        happenings: dict[str, Callable[[BotProcess, int], Awaitable[str]]] = {
            "killed at an instant": self._killed,
            "killed at a call": self._killed_at_a_call,
            "killed at a commit": self._killed_at_a_commit,
            "stopped at an instant": self._stopped,
            "stopped between check and socket": self._stopped_at_the_socket,
            "stopped during a call": self._stopped_during_a_call,
            "told to end": self._told_to_end,
            "all told to end, one after the other": self._all_told_to_end,
            "another one killed": self._another_killed,
            "connections cut": self._cut,
            "the server restarted at once": self._restarted,
        }
        self._slow = ""
        told = await happenings[kind](owner, epoch)
        return kind + told + self._slow

    async def _killed(self, owner: BotProcess, epoch: int) -> str:
        begun = time.monotonic()
        await owner.kill()
        await self._taken_over(epoch, begun, "killed")
        return ""

    async def _killed_at_a_call(self, owner: BotProcess, epoch: int) -> str:
        held = await self._hold()
        owner, epoch = await self._owner()
        await self._killed(owner, epoch)
        await self._people.clear_faults()
        return held

    async def _killed_at_a_commit(self, owner: BotProcess, epoch: int) -> str:
        point = CommitPoint(self._random.choice(COMMITS), 1, after=self._random.random() < 0.6)
        file = owner.folder / COMMIT
        file.write_text(point.written(), encoding="ascii")
        is_met = await owner.ended(PATIENCE_S) is not None
        file.unlink(missing_ok=True)
        begun = time.monotonic()
        await owner.kill()  # a commit that is met now is as good
        await self._taken_over(epoch, begun, "killed")
        return f" of {point.label}, {'after' if point.after else 'before'}{'' if is_met else ': not reached'}"

    async def _stopped(self, owner: BotProcess, epoch: int, kind: str = "stopped") -> str:
        """Let the owner stand still; where that is long, another one takes over meanwhile."""
        pause_s = self._random.choice((self._random.uniform(1, 5), self._random.uniform(LONG_S, 20)))
        begun = time.monotonic()
        owner.signal(signal.SIGSTOP)
        try:
            if pause_s >= LONG_S:
                await self._taken_over(epoch, begun, kind)
            await asyncio.sleep(begun + pause_s - time.monotonic())
        finally:
            owner.signal(signal.SIGCONT)
        return f" for {'long' if pause_s >= LONG_S else 'a moment'}"

    async def _stopped_at_the_socket(self, owner: BotProcess, epoch: int) -> str:
        """Have the owner stop itself right before it writes a call into its socket."""
        method, trap = self._random.choice(CHANGES), owner.folder / PAUSE
        trap.write_text(method, encoding="ascii")
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and not owner.is_stopped:  # noqa: ASYNC110  # another process stops
            await asyncio.sleep(LOOK_S / 5)
        trap.unlink(missing_ok=True)
        await asyncio.sleep(LOOK_S)
        if not owner.is_stopped:
            return f" of {method}: not reached"
        return f" of {method}{await self._stopped(owner, epoch)}"

    async def _stopped_during_a_call(self, owner: BotProcess, epoch: int) -> str:
        held = await self._hold()
        owner, epoch = await self._owner()
        owner.signal(signal.SIGSTOP)
        await self._people.clear_faults()
        return held + await self._stopped(owner, epoch)

    async def _told_to_end(self, owner: BotProcess, epoch: int, kind: str = "told to end") -> str:
        begun = time.monotonic()
        owner.signal(signal.SIGTERM)
        await self._taken_over(epoch, begun, kind)
        return ""

    async def _all_told_to_end(self, owner: BotProcess, epoch: int) -> str:
        """Restart all, each when the one before is there again, as an upgrade does."""
        for node in self._nodes.all:
            owner, epoch = await self._owner()
            if node is owner:
                await self._told_to_end(owner, epoch, "all told to end")
            else:
                node.signal(signal.SIGTERM)
            await node.ended(ENDED_S)
            await self._nodes.start()
            await self._until(partial(self._has_joined, str(node.pid)))
        return ""

    async def _another_killed(self, owner: BotProcess, epoch: int) -> str:
        await self._random.choice([node for node in self._nodes.all if node is not owner]).kill()
        return ""

    async def _cut(self, owner: BotProcess, epoch: int) -> str:
        with suppress(DBAPIError):
            await self._database.ask(CUT)
        return ""

    async def _restarted(self, owner: BotProcess, epoch: int) -> str:
        assert self._database.server
        await asyncio.to_thread(self._database.server.stop, at_once=True)
        await asyncio.to_thread(self._database.server.start)
        return ""

    async def _hold(self) -> str:
        """Have a call be held by the server; return which. From then on its bot is the one in question."""
        method, executed = self._random.choice(CHANGES), self._random.random() < 0.6
        await self._people.fault(method, "hold", execute=executed)
        try:
            self._bot = (await self._people.wait_held(timeout=PATIENCE_S))["bot"]
        except PlaygroundError:
            return f", {method}: not reached"
        return f", {method} {'carried out' if executed else 'not carried out'}"

    def _last_call(self) -> int:
        calls = self._telegram.calls.last(1)
        return calls[-1].id if calls else 0

    async def _taken_over(self, epoch: int, begun: float, kind: str) -> None:
        """Wait until another process has the bot, and then until it looks for updates."""
        await self._owner(after=epoch)
        took_s = time.monotonic() - begun
        self._times.add(kind, took_s)
        if took_s > SLOW_S:
            self._slow = f", bot {self._bot} taken over after {took_s:.1f} s, at {time.strftime('%H:%M:%S')}"
        since = self._since
        for method in ("getMe", "getUpdates"):  # the first one is made by who begins alone
            since = await self._until(partial(self._called, method, since))
        self._times.add(f"{kind}{FIRST_LOOK}", time.monotonic() - begun)

    async def _called(self, method: str, since: int) -> int | None:
        calls = self._telegram.calls.since(since, lambda call: call.bot == self._bot and call.method == method)
        return min((call.id for call in calls), default=None)

    async def _owner(self, *, after: int = 0) -> tuple[BotProcess, int]:
        """Wait until one of the processes owns the bot; return it and how often the bot has changed hands."""
        if not after:
            self._since = self._last_call()  # it may change hands before anything happens
        return await self._until(lambda: self._owns(after))

    async def _owns(self, after: int) -> tuple[BotProcess, int] | None:
        with suppress(DBAPIError, OSError):  # there are no tables before the first start, and connections are cut
            for process, epoch in await self._database.ask(OWNER.format(bot=self._bot)):
                if epoch > after and (node := self._nodes.find(process.split()[-2])):
                    return node, int(epoch)
        return None

    async def _has_joined(self, pid: str) -> bool | None:
        with suppress(DBAPIError, OSError):
            return any(process.split()[-2] == pid for (process,) in await self._database.ask(JOINED)) or None
        return None

    async def _until(self, look: Callable[[], Awaitable[T | None]]) -> T:
        until = time.monotonic() + OWNED_S
        while time.monotonic() < until:
            if (found := await look()) is not None:
                return found
            await asyncio.sleep(LOOK_S)
        raise NobodyOwns(f"nobody has the bot {self._bot}, or works for it, after {OWNED_S:.0f} s")
