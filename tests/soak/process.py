"""The bot's process, started by the launcher."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
STOP_S = 10.0  # contract: an orderly stop takes no longer
REPORT = "held.json"

T = TypeVar("T")


class Ended(Exception):
    """The bot ended by itself."""


class Bot:
    """A running bot; what it logs goes into a file."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self.pid = process.pid
        self.report = folder / REPORT
        self.database = folder / "data" / "bot.db"

    async def meanwhile(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work. Raises Ended where the bot does not live to its end."""
        task = asyncio.ensure_future(work)
        end = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({task, end}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (task, end):
                if not each.done():
                    each.cancel()
            await asyncio.wait({task, end})
        if task.cancelled():
            raise Ended(f"the bot ended with {self._process.returncode}")
        return task.result()

    async def stop(self) -> str:
        """Ask the bot to stop; return what is wrong about how it did, empty where nothing is."""
        self._process.terminate()
        try:
            code = await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            self._process.send_signal(signal.SIGUSR2)
            await asyncio.sleep(1)  # to write down where it is
            return f"SIGTERM did not end it in {STOP_S:.0f} s, the log says where it was"
        return f"SIGTERM ended it with {code}" if code else ""


@asynccontextmanager
async def running(folder: Path, **environment: str) -> AsyncIterator[Bot]:
    """Run the bot; kill it if it still runs at the end."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = (sys.executable, "-m", "tests.soak.launcher", REPORT)
    with (folder / "bot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**kept, "PYTHONPATH": str(ROOT), **environment}, stdout=log, stderr=log
        )
    try:
        yield Bot(process, folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
