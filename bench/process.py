"""A program of ours as a process of its own: what it prints, what it takes of the machine."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
STOP_S = 12.0


class Process:
    """A child; its log is a file. Figures come from /proc (proc(5) of Linux) and are 0 where there is none."""

    def __init__(self, child: asyncio.subprocess.Process, log: Path) -> None:
        self._child = child
        self._log = log

    async def address(self) -> str:
        """Return the address in the first line that the program prints. Raises RuntimeError."""
        line = await self._child.stdout.readline() if self._child.stdout else b""
        if not line:
            raise RuntimeError(f"it did not start: {self.said()}")
        return line.decode().split()[-1].rstrip("/")

    def check(self) -> None:
        """Raise RuntimeError if the program has ended."""
        if self._child.returncode is not None:
            raise RuntimeError(f"it ended with {self._child.returncode}: {self.said()}")

    def said(self) -> str:
        """Return the end of the log."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]

    @property
    def cpu_s(self) -> float:
        """Processor time used, by all threads."""
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0

    @property
    def memory_mb(self) -> float:
        """Resident memory."""
        return self._status_mb("VmRSS")

    @property
    def peak_mb(self) -> float:
        """The most resident memory there ever was."""
        return self._status_mb("VmHWM")

    def _status_mb(self, name: str) -> float:
        return next((int(line.split()[1]) / 1024 for line in self._read("status").splitlines() if name in line), 0.0)

    def _read(self, file: str) -> str:
        path = Path(f"/proc/{self._child.pid}/{file}")
        return path.read_text(encoding="utf-8") if path.exists() else ""


@asynccontextmanager
async def running(folder: Path, module: str, *arguments: str, **environment: str) -> AsyncIterator[Process]:
    """Run a module in a folder of its own, with nothing of our environment but what is given; stop it in order."""
    log = _log(folder)
    with log.open("wb") as file:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=folder,
            env={**_kept(), "PYTHONPATH": str(ROOT), **environment},
            stdout=PIPE,
            stderr=file,
        )
    try:
        yield Process(child, log)
    finally:
        if child.returncode is None:
            child.terminate()
        try:
            await asyncio.wait_for(child.communicate(), STOP_S)
        except TimeoutError:
            child.kill()
            await child.wait()


def _log(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "log"


def _kept() -> Mapping[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
