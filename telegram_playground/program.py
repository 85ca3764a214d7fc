"""A bot's program: started with what it needs in its environment, and ended in order."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from telegram_playground.model import Model
from telegram_playground.server import Playground
from telegram_playground.world.calls import TOPIC, Call

_START_S, _STOP_S = 120.0, 10.0
_LOOKED_AT = 100  # calls


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


@asynccontextmanager
async def running(command: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Run a program, if there is one; raises OSError where it cannot be started."""
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment}) if command else None
    try:
        yield
    finally:
        if process and process.returncode is None:
            process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _STOP_S)


async def awake(server: Playground) -> None:
    """Wait until the bot asks for updates, or has told where they are to be posted; some time must do for any other."""

    def look() -> Call | None:
        calls = server.calls.last(_LOOKED_AT)
        return next((call for call in calls if call.method in ("getUpdates", "setWebhook")), None)

    with suppress(TimeoutError):
        await asyncio.wait_for(server.world.feed.wait(TOPIC, look), _START_S)
