"""A bot's program: started with what it needs in its environment, and ended in order."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from telegram_playground.client import Bot
from telegram_playground.model import Model
from telegram_playground.server import Playground
from telegram_playground.world.calls import TOPIC, Call

_START_S, _STOP_S = 120.0, 10.0
_LOOKED_AT = 100  # calls
T = TypeVar("T")


def addresses(url: str, token: str, model: Model | None = None) -> dict[str, str]:
    """Return what bots and their libraries read from the environment."""
    found = {"BOT_TOKEN": token, "TELEGRAM_API_URL": url}
    if model:
        found |= {
            "OPENAI_BASE_URL": model.url,
            "OPENAI_API_KEY": "sk-playground",
            "OPENAI_MODEL": model.models[0],
            "ANTHROPIC_BASE_URL": model.root,
            "GEMINI_BASE_URL": model.root,
            "OLLAMA_HOST": model.root,
        }
    return found


class Ended(Exception):
    """The bot's program could not be started, or has ended before it was told to; the text says which."""


class Program:
    """A bot's program; without a command there is none, and somebody else starts the bot."""

    def __init__(self, command: Sequence[str], process: asyncio.subprocess.Process | None) -> None:
        self._command = command
        self._process = process

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something while it runs; raises Ended where it ends before that is done."""
        if self._process is None:
            return await work
        working, ending = asyncio.ensure_future(work), asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise Ended(f"{self._command[0]} has ended, with exit code {ending.result()}")
            return working.result()
        finally:
            for each in (working, ending):
                each.cancel()
            await asyncio.gather(working, ending, return_exceptions=True)


@asynccontextmanager
async def running(command: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[Program]:
    """Run a program, if there is one; raises Ended where it cannot be started."""
    try:
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment}) if command else None
    except (OSError, ValueError) as error:  # ValueError: a NUL in its words
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise Ended(f"{command[0]} cannot be started: {reason}") from error
    try:
        yield Program(command, process)
    finally:
        if process and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def awake(server: Playground, bots: Sequence[Bot] = ()) -> None:
    """Wait until these bots, or any, ask for updates or have told where they are to be posted, or for some time."""

    def look() -> Call | None:
        calls = [call for call in server.calls.last(_LOOKED_AT) if call.method.lower() in ("getupdates", "setwebhook")]
        asking = {call.bot for call in calls}
        return calls[-1] if calls and all(bot.id in asking for bot in bots) else None

    with suppress(TimeoutError):
        await asyncio.wait_for(server.world.feed.wait(TOPIC, look), _START_S)
