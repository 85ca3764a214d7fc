"""How long a database of a million messages takes to be brought up to date: `python -m bench.migration [--turns N]`.

It is filled as 0006 left it, in which a row was question, answer and owner of messages; every fiftieth was asked again.
"""

import argparse
import asyncio
import os
import platform
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate
from pathlib import Path

from sqlalchemy import create_engine

from bench.start import ANSWER, BUSIEST, CHATS, EXCHANGES, FAILED, PROMPT, STRANGERS, YEARS_S
from bot.storage.engine.migration import migrate

FORMER = "0006"
AGAIN = 50  # every so many of a chat are repeated in the messages of the one before


async def main() -> None:
    """Fill a database, bring it up to date as the bot does at its start, print what that took."""
    parser = argparse.ArgumentParser(prog="python -m bench.migration", description=__doc__)
    parser.add_argument("--turns", type=int, default=EXCHANGES)
    turns = parser.parse_args().turns
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "bot.db"
        _fill(file, turns)
        before = _size(file)
        began = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.storage"),
            env={**os.environ, "DATABASE_URL": f"sqlite+aiosqlite:///{file}"},
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdout
        async for line in child.stdout:
            print(f"{time.monotonic() - began:7.1f} s  {line.decode().rstrip()}", flush=True)
        status = await child.wait()
        seconds = time.monotonic() - began
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        after = _size(file)
    if status:
        raise SystemExit(f"the migration failed: {status}")
    print(f"{turns} questions: {seconds:.1f} s, processor {usage.ru_utime + usage.ru_stime:.1f} s,", end=" ")
    print(f"peak memory {usage.ru_maxrss / 1024:.0f} MB, file {before / 1e6:.0f} -> {after / 1e6:.0f} MB")


def _size(file: Path) -> int:
    return file.stat().st_size


def _fill(file: Path, turns: int) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection, FORMER)
    engine.dispose()
    rng = random.Random(1)
    shares = list(accumulate(1 / (rank + BUSIEST) for rank in range(CHATS)))
    places = rng.choices(range(CHATS), cum_weights=shares, k=turns)
    texts = ["".join(rng.choices("abcdefghij klmnop", k=ANSWER)) for _ in range(100)]
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        rows.execute("PRAGMA synchronous = OFF")
        rows.execute("BEGIN")
        rows.executemany(
            "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, reasoning, since_turn)"
            " VALUES (?, ?, 0, 'openai', 1, 0, 0)",
            ((number, STRANGERS + number) for number in range(1, CHATS + 1)),
        )
        rows.executemany(
            "INSERT INTO turns (id, update_id, chat_id, message_id, user_id, replaces, state, outcome, attempt, stop,"
            " shown, language, created_at, closed_at) VALUES (?, ?, ?, ?, ?, ?, 'done', ?, 1, 0, ?, 'en', ?, ?)",
            _turns(places, texts, time.time(), rng),
        )
        said = "INSERT INTO messages (turn_id, chat_id, role, text) SELECT id, chat_id,"
        rows.execute(f"{said} 'user', substr(shown, 1, {PROMPT}) FROM turns")
        rows.execute(f"{said} 'assistant', shown FROM turns WHERE outcome = 'answered'")
        rows.execute(
            "INSERT INTO parts (turn_id, number, message_id, after) SELECT id, 0, message_id + 1, 0 FROM turns"
            " WHERE NOT EXISTS (SELECT 1 FROM turns AS later WHERE later.replaces = turns.id)"
        )
        rows.execute("COMMIT")


def _turns(places: Sequence[int], texts: Sequence[str], now: float, rng: random.Random) -> Iterator[tuple[object, ...]]:
    last: dict[int, tuple[int, str, int]] = {}
    for number, place in enumerate(places, 1):
        at = now - YEARS_S * (1 - number / len(places)) - 60
        outcome = "failed" if rng.random() < FAILED else "answered"
        replaced, text, message_id = None, texts[number % len(texts)], 2 * number
        if number % AGAIN == 0 and place in last:
            replaced, text, message_id = last[place]
        last[place] = number, text, message_id
        yield number, -number, place + 1, message_id, place, replaced, outcome, text, at, at + 10


if __name__ == "__main__":
    asyncio.run(main())
