"""An arena: one bot on one database, its own Telegram, people who talk to it, and death."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from telegram_playground.client import Bot, PlaygroundClient, PlaygroundError
from telegram_playground.model import Model
from telegram_playground.protocol.wire import Json
from telegram_playground.server import Playground
from tests.crash.checker import Findings, check
from tests.crash.essayist import Essayist
from tests.crash.point import CallPoint, CommitPoint, Instant, Point, choose
from tests.crash.process import BotProcess
from tests.crash.scene import Scene, build, chatter
from tests.crash.screen import Screen
from tests.crash.talker import Talker
from tests.crash.visitor import visit
from tests.database import Database

READY_S = 20.0  # for a start on a busy machine
PATIENCE_S = 4.0  # for a point to be reached; then the process is killed where it is
DRAIN_S = 240.0  # for all answers after the last kill
CONTEXT = "6000"  # tokens: a long answer or two, and the conversation is summed up
BARE_S = 90.0  # for buttons under older answers to go: a group has a call in three seconds


@dataclass(slots=True)
class Outcome:
    """What an arena has seen."""

    kills: Counter[str] = field(default_factory=Counter)
    probes: int = 0
    calls: int = 0
    refused: int = 0
    refused_inline: int = 0  # of these edits of messages of which nobody is told in which chat they stand
    findings: Findings = field(default_factory=Findings)


class Arena:
    """Kills a bot `kills` times; `token` names it."""

    def __init__(
        self,
        token: str,
        folder: Path,
        model: Model,
        essayist: Essayist,
        *,
        database: Database,
        seed: str,
        numbers: Iterator[int],
    ) -> None:
        self._token = token
        self._random = Random(seed)
        self._seed = seed
        self._folder = folder
        self._database = database
        self._model = model
        self._essayist = essayist
        self._numbers = numbers
        self.outcome = Outcome()

    async def run(self, kills: int, died: Callable[[str], None]) -> Outcome:
        """Let people talk, kill the bot again and again, let it finish, and look at what they saw."""
        self._folder.mkdir(parents=True)
        telegram = Playground(latency_s=0.06, jitter_s=0.03, random=Random(self._seed))
        async with telegram, PlaygroundClient(telegram.url) as people:
            bot = await self._bot(people, self._token)
            scene = await self._scene(people, bot)
            self._configure()
            process = self._process(telegram)
            screen, over = Screen(telegram), asyncio.Event()
            talkers = [
                Talker(talk, screen, people, self._numbers, Random(f"{self._seed} talker {place}"))
                for place, talk in enumerate(scene.conversations)
            ]
            visitors = await visit(people, telegram, bot, Random(f"{self._seed} visitor"))
            try:
                async with asyncio.TaskGroup() as group:
                    visiting = group.create_task(visitors.run(over, self._numbers))
                    others = group.create_task(self._chatter(scene, people))
                    allowing = [group.create_task(talker.allow()) for talker in talkers]
                    talking = [group.create_task(talker.run(over)) for talker in talkers]
                    for _ in range(kills):
                        point = choose(self._random)
                        died(await self._kill(process, point, telegram, people))
                    over.set()
                    await process.start()
                    _, unsettled = await asyncio.wait([*talking, visiting], timeout=DRAIN_S)
                    await visitors.settled()
                    await screen.quiet(scene.conversations)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(BARE_S):
                            for talk in scene.conversations:
                                await screen.bare(talk)
                    for task in (*unsettled, *allowing, others):
                        task.cancel()
                if await process.stop() != 0:
                    self.outcome.findings.wrong("stop", f"{self._folder}: SIGTERM did not end it in order")
                await self._look(scene, screen, people)
                self.outcome.findings.add(visitors.findings())
            finally:
                await process.close()
        return self.outcome

    async def _bot(self, people: PlaygroundClient, token: str) -> Bot:
        return await people.bot(token, username=f"delta{token.partition(':')[0]}_bot")

    async def _scene(self, people: PlaygroundClient, bot: Bot) -> Scene:
        """Make who talks to the bot, and where."""
        return await build(people, bot)

    def _process(self, telegram: Playground) -> BotProcess:
        """Make the bot's process, not started yet."""
        return BotProcess(self._folder, self._environment(telegram))

    async def _kill(self, process: BotProcess, point: Point, telegram: Playground, people: PlaygroundClient) -> str:
        """Start the bot and kill it at a point, or later where the point is never reached."""
        since = telegram.calls.last(1)[-1].id if telegram.calls.last(1) else 0
        await process.start(point if isinstance(point, CommitPoint) else None)
        reached = True
        match point:
            case Instant(seconds, ready):
                if ready:
                    await self._ready(people, since, process)
                await asyncio.sleep(seconds)
            case CallPoint(method, executed, seconds):
                if seconds:
                    await self._ready(people, since, process)
                await asyncio.sleep(seconds)
                await people.fault(method, "hold", execute=executed)
                await self._ready(people, since, process)
                try:
                    await people.wait_held(timeout=PATIENCE_S)
                except PlaygroundError:
                    reached = False
            case CommitPoint():
                await self._ready(people, since, process)
                reached = await process.ended(PATIENCE_S) is not None
        if process.is_over and not isinstance(point, CommitPoint):
            self.outcome.findings.wrong("died", f"{self._folder}: by itself")
        await process.kill()
        await people.clear_faults()
        what = str(point) if reached else f"{point}: not reached, killed later"
        self.outcome.kills[what] += 1
        return what

    async def _ready(self, people: PlaygroundClient, since: int, process: BotProcess) -> None:
        """Wait until a new process has asked for updates, or is over."""
        ready = asyncio.ensure_future(people.wait_call("getUpdates", since=since, timeout=READY_S))
        over = asyncio.ensure_future(process.ended(READY_S))
        await asyncio.wait({ready, over}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, over):
            task.cancel()
        await asyncio.gather(ready, over, return_exceptions=True)

    async def _chatter(self, scene: Scene, people: PlaygroundClient) -> None:
        """Let others talk in the groups."""
        random = Random(f"{self._seed} chatter")
        while True:
            await asyncio.sleep(random.uniform(0.2, 1.5))
            chat, members = random.choice(scene.busy)
            await chatter(people, chat, random.choice(members), random)

    async def _look(self, scene: Scene, screen: Screen, people: PlaygroundClient) -> None:
        for talk in scene.conversations:
            transcript = await people.transcript(talk.chat)
            sent, unknown = self._essayist.sent, self._essayist.unknown
            self.outcome.findings.add(check(talk, screen.messages(talk), transcript, sent, unknown))
        for what, times in Counter(self._counted.read_text(encoding="utf-8").splitlines()).items():
            self.outcome.findings.counts["calls"] += times
            if times > 1:
                self.outcome.findings.wrong("called twice", f"{self._folder}: {what!r}")
        for prompt, times in self._essayist.summed.items():
            if times > 1:
                self.outcome.findings.wrong("summed twice", f"{self._folder}: {prompt[:80]!r}")
        calls = await people.calls()
        if self.outcome.findings.is_bad:
            self._keep({"calls": calls} | {chat.key: await people.transcript(chat) for chat in scene.chats})
        for call in calls:
            self.outcome.calls += 1
            self.outcome.probes += call["method"] == "editMessageReplyMarkup"
            if call.get("error_code") == 429:
                self.outcome.refused += 1
                self.outcome.refused_inline += "inline_message_id" in call["parameters"]

    @property
    def _counted(self) -> Path:
        return self._folder / "counted"

    def _configure(self) -> None:
        """Give the bot a tool that counts its calls."""
        self._counted.touch()
        command = json.dumps([sys.executable, str(Path(__file__).with_name("counter.py")), str(self._counted)])
        table = f'[mcp.counter]\ncommand = {command}\napproval = "always"\nforeign = false\n'
        (self._folder / "tools.toml").write_text(table, encoding="utf-8")

    def _keep(self, seen: dict[str, list[Json]]) -> None:
        """Leave what the server knows beside the bot's log."""
        for name, entries in seen.items():
            lines = (json.dumps(entry, ensure_ascii=False) for entry in entries)
            (self._folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def _environment(self, telegram: Playground) -> dict[str, str]:
        return {
            "BOT_TOKEN": self._token,
            "TELEGRAM_API_URL": telegram.url,
            "ACCESS": "open",
            "DATABASE_URL": self._database.url,
            "DEMO_PROVIDER": "off",
            "OPENAI_BASE_URL": self._model.url,
            "MAX_PARTS": "3",
            "SUMMARIES": "on",
            "OPENAI_CONTEXT_TOKENS": CONTEXT,
        }
