"""A cluster: several processes of one bot, or of several, on one server, and what happens to those that own them."""

from random import Random
from typing import Any

from telegram_playground.client import Bot, PlaygroundClient
from telegram_playground.server import Playground
from tests.crash.arena import Arena
from tests.crash.faults import Faults, NobodyOwns
from tests.crash.nodes import Nodes, Times
from tests.crash.point import Point
from tests.crash.process import BotProcess
from tests.crash.scene import Scene, build


class Cluster(Arena):
    """An arena whose bots are several processes; `kinds`: of what happens, `bots`: how many they have."""

    def __init__(
        self, token: str, *arguments: Any, times: Times, nodes: int, bots: int, kinds: tuple[str, ...], **named: Any
    ) -> None:
        super().__init__(token, *arguments, **named)
        number, _, rest = token.partition(":")
        self._tokens = [f"{int(number) + place}:{rest}" for place in range(bots)]
        self._nodes = nodes
        self._times = times
        self._kinds = kinds
        self._faults: Faults | None = None

    async def _scene(self, people: PlaygroundClient, bot: Bot) -> Scene:
        scene = await build(people, bot, private=6 if len(self._tokens) == 1 else 2)
        for token in self._tokens[1:]:
            scene.conversations.extend(
                (await build(people, await self._bot(people, token), private=1, groups=False)).conversations
            )
        return scene

    def _process(self, telegram: Playground) -> Nodes:
        own = {"TOOLS_FILE": str(self._folder / "tools.toml")}
        if len(self._tokens) > 1:
            file = self._folder / "bots.toml"
            file.write_text("".join(f'[t{token[:3]}]\ntoken = "{token}"\n' for token in self._tokens), encoding="utf-8")
            file.chmod(0o600)
            own |= {"BOT_TOKEN": "", "BOT_TOKENS": str(file)}
        return Nodes(self._folder, {**self._environment(telegram), **own}, self._nodes)

    async def _kill(self, process: BotProcess, _point: Point, telegram: Playground, people: PlaygroundClient) -> str:
        """Have something happen to an owner, and wait until another one has the bot."""
        assert isinstance(process, Nodes)
        if self._faults is None:
            bots = [int(token.partition(":")[0]) for token in self._tokens]
            random, database = Random(f"{self._seed} faults"), self._database
            self._faults = Faults(process, bots, telegram, people, database=database, times=self._times, random=random)
        try:
            what = await self._faults.happen(self._kinds)
        except NobodyOwns as error:
            self.outcome.findings.wrong("died", f"{self._folder}: {error}")
            raise
        self.outcome.kills[what] += 1
        return what
