"""The bot as a process of its own, in a process group of its own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
STOP_S = 10.0


class BotProcess:
    """Starts, kills and stops the bot; what it logs is appended to a file."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**kept, "PYTHONPATH": str(ROOT), **environment}
        self._process: Process | None = None

    @property
    def log(self) -> Path:
        """What the bot has logged."""
        return self._folder / "bot.log"

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._process is not None and self._process.returncode is not None

    async def start(self, arguments: Sequence[str] = ()) -> None:
        """Start the bot; `arguments` are the launcher's."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.crash.launcher",
                *arguments,
                cwd=self._folder,
                env=self._environment,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def ended(self, timeout_s: float) -> int | None:
        """Wait for the end; return the exit code, None if it did not come in time."""
        if self._process is None:
            return None
        try:
            return await asyncio.wait_for(self._process.wait(), timeout_s)
        except TimeoutError:
            return None

    async def kill(self) -> None:
        """Kill the whole process group."""
        if self._process and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> int | None:
        """Ask the bot to stop; return its exit code, None if it took too long."""
        if self._process and self._process.returncode is None:
            self._process.terminate()
        return await self.ended(STOP_S)
