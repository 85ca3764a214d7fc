"""Usage: what a running bot holds, seen from outside and from inside."""

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds at rest; memory in MB, `queue` counts turns that are not done and messages looked for."""

    memory: float
    objects: int
    tasks: int
    threads: int
    files: int
    connections: int
    queue: int

    def __str__(self) -> str:
        return ", ".join(
            f"{name} {value:,.1f}" if name == "memory" else f"{name} {value:,}" for name, value in asdict(self).items()
        )


def measure(pid: int, report: Path, database: Path) -> Usage:
    """Measure a bot that was started by the launcher with `report`; blocks. Raises TimeoutError."""
    report.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    end = time.monotonic() + ANSWER_S
    while not report.exists():
        if time.monotonic() > end:
            raise TimeoutError("the bot does not say what it holds")
        time.sleep(0.05)
    held = json.loads(report.read_text(encoding="utf-8"))
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])
    names = [_target(link) for link in (process / "fd").iterdir()]
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        open_turns = rows.execute("SELECT count(*) FROM turns WHERE state != 'done'").fetchone()[0]
        lost_parts = rows.execute("SELECT count(*) FROM parts WHERE message_id IS NULL").fetchone()[0]
    return Usage(
        memory=pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        objects=held["objects"],
        tasks=held["tasks"],
        threads=len(list((process / "task").iterdir())),
        files=len(names),
        connections=sum(name.startswith("socket:") for name in names),
        queue=open_turns + lost_parts,
    )


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""
