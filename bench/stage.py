"""The stage: the playground's server, the scripted model and the bots, each in a process of its own."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.process import Process, running
from telegram_playground.client import Bot, PlaygroundClient
from telegram_playground.limits.flood_limits import Limits

ROUND_TRIP_S, JITTER_S = 0.08, 0.03
START_S = 180.0
CLIENTS = 8  # a session makes at most 100 connections, and hundreds of people wait at once
OURS, REFERENCE = "bot", "bench.reference"


@dataclass(frozen=True, slots=True)
class Player:
    """A running bot."""

    account: Bot
    process: Process


@dataclass(slots=True)
class Stage:
    """Where scenes are played."""

    clients: list[PlaygroundClient]
    model: str
    telegram: str
    folder: Path
    http: aiohttp.ClientSession
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))  # of answers
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)
    _tokens: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    @property
    def people(self) -> PlaygroundClient:
        """One of the clients that command the server."""
        return self.clients[next(self._turns) % len(self.clients)]

    async def log(self, prompt: str) -> list[float]:
        """Return when the deltas of the last answer to a prompt went out."""
        async with self.http.get(f"{self.model.removesuffix('/v1')}/requests", params={"prompt": prompt}) as response:
            requests = await response.json()
            return list(requests[-1]["deltas"]) if requests else []

    @asynccontextmanager
    async def player(self, module: str, **environment: str) -> AsyncIterator[Player]:
        """Start a bot with a token and a folder of its own; it is ready when it polls."""
        number = next(self._tokens)
        token = f"{number}:{'A' * 35}"
        account = await self.people.bot(token, username=f"player{number}_bot", can_read_all_group_messages=True)
        given = {
            "BOT_TOKEN": token,
            "TELEGRAM_API_URL": self.telegram,
            "OPENAI_BASE_URL": self.model,
            "ACCESS": "open",
            "LOG_LEVEL": "WARNING",
            "MAX_PARTS": "10",  # so that 20,000 characters need no file
        }
        arguments = ["run"] if module == OURS else []
        async with running(self.folder / str(number), module, *arguments, **given, **environment) as process:
            until = time.monotonic() + START_S
            while not await self.people.calls(bot=account, method="getUpdates"):
                process.check()
                if time.monotonic() > until:
                    raise RuntimeError(f"{module} does not poll: {process.said()}")
                await asyncio.sleep(0.2)
            yield Player(account, process)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Start the server and the model."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(running(folder / "telegram", "telegram_playground", "--port", "0"))
        script = ("--port", "0", "--models", "scripted", "--script", "bench.script:script")
        model = await stack.enter_async_context(running(folder / "model", "telegram_playground.model", *script))
        url = await telegram.address()
        clients = [await stack.enter_async_context(PlaygroundClient(url)) for _ in range(CLIENTS)]
        http = await stack.enter_async_context(aiohttp.ClientSession())
        made = Stage(clients, await model.address(), url, folder, http)
        await made.people.set(latency_s=ROUND_TRIP_S, jitter_s=JITTER_S, limits=Limits(absorb_s=0, absorb_typing_s=0))
        yield made
