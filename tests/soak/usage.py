"""Usage: what a running bot holds, seen from outside and from inside, and whether that has grown."""

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ANSWER_S = 10.0
MORE_MEMORY = 1.15  # times what it was
MORE_OBJECTS = 5_000  # caches still fill; a run has thousands of answers and calls
MORE_TASKS = 5  # calls that nobody waits for come late
MORE_OURS = 50  # instances of the bot's own classes: peers and buckets of chats, not what an answer needs
MORE_ENTRIES = 1_000  # in one container
MORE_THREADS = 3  # of asyncio's pool, which makes them when several are busy at once
MORE_FILES = 2  # connections that are kept open for the next call


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds at rest.

    `memory` in MB; `ours`: instances of the bot's own classes, by name; `entries`: by how much one container has grown
    the most since the look before, which is described by `container`; `queue`: answers that are not whole, messages
    looked for and updates not confirmed.
    """

    memory: float
    objects: int
    ours: Counter[str]
    entries: int
    container: str
    tasks: int
    threads: int
    files: int
    connections: int
    queue: int


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it was, what it is and what it may be."""

    name: str
    before: float
    after: float
    limit: float
    remark: str = ""

    @property
    def has_grown(self) -> bool:
        """Whether it is more than it may be."""
        return self.after > self.limit

    def __str__(self) -> str:
        figures = "".join(f"{value:>14,.0f}" for value in (self.before, self.after, self.limit))
        return f"{self.name:14}{figures}  {'GROWN ' if self.has_grown else ''}{self.remark}".rstrip()


def compare(before: Usage, after: Usage) -> list[Row]:
    """Return all figures after a warm-up and at the end."""
    limits = {
        "memory": before.memory * MORE_MEMORY,
        "objects": before.objects + MORE_OBJECTS,
        "tasks": before.tasks + MORE_TASKS,
        "threads": before.threads + MORE_THREADS,
        "files": before.files + MORE_FILES,
        "connections": before.connections + MORE_FILES,
        "queue": 0,
    }
    rows = [Row(name, getattr(before, name), getattr(after, name), limit) for name, limit in limits.items()]
    more = ", ".join(f"{name} +{count}" for name, count in (after.ours - before.ours).most_common(3))
    count = before.ours.total()
    rows.append(Row("our objects", count, after.ours.total(), count + MORE_OURS, more))
    rows.append(Row("new entries", 0, after.entries, MORE_ENTRIES, after.container))
    return rows


def measure(pid: int, report: Path, database: Path, pending: int) -> Usage:
    """Measure a bot that was started by the launcher with `report`; blocks. Raises TimeoutError.

    `pending`: updates that wait at the server.
    """
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])  # before the look itself takes memory
    report.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    end = time.monotonic() + ANSWER_S
    while not report.exists():
        if time.monotonic() > end:
            raise TimeoutError("the bot does not say what it holds")
        time.sleep(0.05)
    held = json.loads(report.read_text(encoding="utf-8"))
    names = [_target(link) for link in (process / "fd").iterdir()]
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        open_answers = rows.execute(
            "SELECT (SELECT count(*) FROM answers WHERE state != 'done') + (SELECT count(*) FROM replies WHERE dirty)"
        ).fetchone()[0]
        lost_parts = rows.execute("SELECT count(*) FROM parts WHERE message_id IS NULL").fetchone()[0]
    return Usage(
        memory=pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        objects=held["objects"],
        ours=Counter(held["ours"]),
        entries=held["entries"],
        container=held["container"],
        tasks=held["tasks"],
        threads=len(list((process / "task").iterdir())),
        files=len(names),
        connections=sum(name.startswith("socket:") for name in names),
        queue=open_answers + lost_parts + pending,
    )


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""
