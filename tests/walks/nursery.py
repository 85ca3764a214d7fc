"""Bots as processes of their own, forked from one that has the modules loaded: a start takes a moment, not seconds."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.__main__ import main
from tests.crash.launcher import Guillotine
from tests.crash.point import CommitPoint
from tests.stopwatch import PATIENCE_S, Stopwatch

ROOT = Path(__file__).parents[2]
LOG = "bot.log"
STOP_S = 10.0  # contract: an orderly stop takes no longer

_context = get_context("forkserver")
_server = forkserver._forkserver


class Child:
    """`python -m bot …` in a folder of its own, in a process group of its own; may be started again and again.

    `source`: a file that it reads what is typed from; where that is a terminal, it speaks there, too.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], *command: str, source: Path | None = None) -> None:
        self._folder = folder
        self._source = source
        self._command = command or ("run",)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**kept, **environment}
        self._process: ForkServerProcess | None = None

    @property
    def pid(self) -> int:
        """The process id of the last one started."""
        if self._process is None or self._process.pid is None:
            raise RuntimeError("the bot was not started")
        return self._process.pid

    def log(self) -> str:
        """Return what all of them have logged and printed."""
        file = self._folder / LOG
        return file.read_text(encoding="utf-8") if file.exists() else ""

    async def start(self, point: CommitPoint | None = None) -> None:
        """Start the bot, to die at a commit if so asked."""
        arguments = (self._folder, self._environment, self._command, point.written() if point else "", self._source)
        _load_ahead()
        self._process = _context.Process(target=_live, args=arguments, daemon=True)
        await asyncio.to_thread(self._process.start)

    async def ended(self, timeout_s: float = PATIENCE_S) -> int | None:
        """Wait for the end; return the exit code, None if it did not come in time."""
        if self._process is None:
            return None
        await asyncio.to_thread(self._process.join, timeout_s)
        return self._process.exitcode

    async def says(self, words: str) -> str:
        """Wait for a line that begins with these words; return it."""
        line = re.compile(f"^{re.escape(words)}.*\n", re.MULTILINE)
        while True:
            has_ended = await self.ended(0) is not None  # asked first: what it said last is in the log then
            if found := line.search(self.log()):
                return found[0]
            if has_ended:
                raise RuntimeError(f"it ended without a line that begins with {words!r}")
            await asyncio.sleep(0.02)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Send a signal, unless it has ended; return the exit code, None if the end took too long."""
        watch = Stopwatch(self.pid)
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        while (code := await self.ended(0.1)) is None and watch.seconds < STOP_S:
            pass
        return code

    async def kill(self) -> None:
        """Kill the whole process group."""
        if self._process and self._process.exitcode is None:
            with suppress(ProcessLookupError):  # of its own group it is soon after its start
                os.killpg(self.pid, signal.SIGKILL)
            self._process.kill()
            await self.ended()


@asynccontextmanager
async def running(folder: Path, environment: Mapping[str, str], *command: str) -> AsyncIterator[Child]:
    """Run a bot until the end of the block, and stop it in order where it still runs."""
    child = Child(folder, environment, *command)
    await child.start()
    try:
        yield child
    finally:
        if await child.ended(0) is None and await child.stop() is None:
            await child.kill()


def share() -> None:
    """Start the server that forks before the workers of a crew are forked, which then have one together."""
    _load_ahead()
    _server.ensure_running = lambda: None  # type: ignore[method-assign]  # asks after a child, which it is of none of them


def _load_ahead() -> None:
    """Start the server that forks, unless it runs; it is an interpreter of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(ROOT))
        _server.set_forkserver_preload(["tests.walks.rehearsal"])
        _server.ensure_running()


def _live(
    folder: Path, environment: Mapping[str, str], command: Sequence[str], point: str, source: Path | None
) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with Path(LOG).open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    if source:
        _read(source)
    if point:
        Guillotine(lambda: CommitPoint.read(point)).watch(Engine)
    sys.exit(main([*command]))


def _read(source: Path) -> None:
    typed = os.open(source, os.O_RDWR)
    sys.stdin = os.fdopen(typed, encoding="utf-8")
    if sys.stdin.isatty():
        for stream in (sys.stdout, sys.stderr):
            os.dup2(typed, stream.fileno())
