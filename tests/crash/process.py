"""The bot as a process of its own, in a process group of its own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.crash.point import CommitPoint

ROOT = Path(__file__).parents[2]
STOP_S = 10.0


class BotProcess:
    """Starts, kills and stops the bot; what it logs is appended to a file.

    The next process is made while the present one lives, and waits with its modules loaded: so a restart is quick.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**kept, "PYTHONPATH": str(ROOT), **environment}
        self._process: Process | None = None
        self._next: Process | None = None

    @property
    def log(self) -> Path:
        """What the bot has logged."""
        return self._folder / "bot.log"

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return self._folder

    @property
    def pid(self) -> int | None:
        """The process that was started last."""
        return self._process.pid if self._process else None

    @property
    def is_stopped(self) -> bool:
        """Whether the process stands still, by SIGSTOP."""
        with suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"
        return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group, unless it has ended."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._process is not None and self._process.returncode is not None

    async def start(self, point: CommitPoint | None = None) -> None:
        """Start the bot, to die at a commit if so asked."""
        self._process = self._next or await self._make()
        if self._process.stdin is None:
            raise RuntimeError("no way to tell the process to begin")
        self._process.stdin.write(f"{point.written() if point else ''}\n".encode())
        self._next = await self._make()

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
        if self._process:
            await _kill(self._process)

    async def stop(self) -> int | None:
        """Ask the bot to stop; return its exit code, None if it took too long."""
        if self._process and self._process.returncode is None:
            self._process.terminate()
        return await self.ended(STOP_S)

    async def close(self) -> None:
        """Leave no process behind."""
        for process in (self._process, self._next):
            if process:
                await _kill(process)

    async def _make(self) -> Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.crash.launcher",
                cwd=self._folder,
                env=self._environment,
                stdin=PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


async def _kill(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):  # it has just died by itself, which is not told yet
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
