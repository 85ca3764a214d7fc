"""How a start and a first answer depend on what is in the database: `python -m bench.start [--runs N]`.

The real bot starts on an empty database, on one that has served 2,000 chats for years, and on that with a backlog. The
median of a few runs each; every figure counts from the moment the process is made.
"""

import argparse
import asyncio
import itertools
import os
import platform
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median

from bench.answer import Answer
from bench.process import running
from bench.stage import Stage, stage
from bot.storage.engine.database import open_database
from providers.blocks import Text
from providers.notation import to_json
from telegram_playground.client import Bot, Chat, Message, NothingCame, User

CHATS = 2_000
BUSIEST = 5  # the higher, the more even: a chat's share is 1/(rank + this), so the first one has some 3%
EXCHANGES = 500_000  # a prompt and an answer each: a million messages
PROMPT, ANSWER = 60, 400  # characters
FAILED = 0.05  # of them; they have no answer
YEARS_S = 2 * 365 * 86_400.0
UPDATES_S = 3 * 86_400.0  # that long they are kept
BACKLOG = 100
FIRST_BOT = 5_000  # ids of the bots
STRANGERS = 7_000_000_000  # ids of the chats that say nothing any more
CHARACTERS, PER_S = 200, 200.0  # of the answers that are asked for
PATIENCE_S = 120.0
CALM_S = 2.0

Place = tuple[User, Chat]


@dataclass(frozen=True, slots=True)
class Case:
    """What is in the database."""

    title: str
    exchanges: int = 0
    backlog: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds and megabytes of one start. `new` and `long`: to the first text in a new chat and in the busiest one."""

    polls: float  # to the first getUpdates
    answered: float  # to the first answer
    cleared: float  # to the last answer of all
    cpu: float  # processor time until then
    memory: float
    peak: float
    new: float
    long: float


CASES = (
    Case("empty"),
    Case("a million messages", EXCHANGES),
    Case("and a backlog of 100", EXCHANGES, BACKLOG),
)


async def main() -> None:
    """Start the bot on each database and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start; in brackets: times the first line\n")
    names = [field.name for field in fields(Start)]
    print(f"{'database':24}" + "".join(f"{name:>16}" for name in names), flush=True)
    base: Sequence[float] | None = None
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with stage(Path(folder)) as where:
            for case in CASES:
                starts = await _starts(case, where, runs)
                row = [median(column) for column in zip(*map(astuple, starts), strict=True)]
                base = base or row
                figures = (f"{value:.2f} ({value / was:.2f})" for value, was in zip(row, base, strict=True))
                print(f"{case.title:24}" + "".join(f"{figure:>16}" for figure in figures), flush=True)


async def _starts(case: Case, where: Stage, runs: int) -> list[Start]:
    """Start the bot so many times on one database."""
    number = FIRST_BOT + next(where.numbers)
    account = await where.people.bot(f"{number}:{'S' * 35}", username=f"starter{number}_bot")
    crowd = [await _person(where, account) for _ in range(1 + BACKLOG)]
    folder = where.folder / f"start{number}"
    folder.mkdir()
    file = folder / "bot.db"
    async with open_database(f"sqlite+aiosqlite:///{file}"):
        pass  # migrated
    await asyncio.to_thread(_fill, file, case.exchanges, [chat.id for _, chat in crowd])
    return [await _start(case, where, account, crowd, folder) for _ in range(runs)]


async def _start(case: Case, where: Stage, account: Bot, crowd: Sequence[Place], folder: Path) -> Start:
    waiting = [(chat, _answer(where)) for _, chat in crowd[1 : 1 + case.backlog]]
    asked = [
        await where.people.write(chat, user, answer.prompt)
        for (user, chat), (_, answer) in zip(crowd[1:], waiting, strict=False)
    ]
    await _confirm(where, account)
    await asyncio.to_thread(_queue, folder / "bot.db", asked)
    user, chat = await _person(where, account)
    first = _answer(where)
    await where.people.write(chat, user, first.prompt)  # waits at Telegram
    before = await where.people.calls()
    environment = {
        "BOT_TOKEN": account.token,
        "TELEGRAM_API_URL": where.telegram,
        "OPENAI_BASE_URL": where.model,
        "ACCESS": "open",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
    }
    began = time.monotonic()
    async with running(folder, "bot", "run", **environment) as process:
        try:
            answered = await _whole(where, chat, first) - began
        except NothingCame as error:
            raise RuntimeError(f"no answer: {process.said()}") from error
        cleared = max([answered, *[await _whole(where, *each) - began for each in waiting]])
        cpu_s, memory_mb, peak_mb = process.cpu_s, process.memory_mb, process.peak_mb
        since = before[-1]["id"] if before else 0
        polls = (await where.people.calls(since=since, bot=account, method="getUpdates"))[0]["started"] - began
        await asyncio.sleep(CALM_S)
        new = await _first_text(where, await _person(where, account))
        long = await _first_text(where, crowd[0])
        process.check()
    return Start(polls, answered, cleared, cpu_s, memory_mb, peak_mb, new, long)


async def _confirm(where: Stage, account: Bot) -> None:
    """Take all that waits at Telegram, as a bot that has stored it."""
    address = f"{where.telegram}/bot{account.token}/getUpdates"
    async with where.http.post(address, json={"offset": -1}) as response:
        last = (await response.json())["result"]
    for update in last:
        async with where.http.post(address, json={"offset": update["update_id"] + 1}) as response:
            response.raise_for_status()


async def _person(where: Stage, account: Bot) -> Place:
    user = await where.people.add_user("Person")
    return user, await where.people.private(user, account)


def _answer(where: Stage) -> Answer:
    return Answer(next(where.numbers), CHARACTERS, PER_S)


async def _whole(where: Stage, chat: Chat, answer: Answer) -> float:
    """Return when an answer was complete."""
    message = await where.people.wait(chat, text=answer.ending, complete=True, timeout=PATIENCE_S)
    shown = await where.people.transcript(chat)
    return max(float(entry["time"]) for entry in shown if entry.get("message_id") == message.message_id)


async def _first_text(where: Stage, place: Place) -> float:
    """Ask, and return the seconds to the first text."""
    user, chat = place
    answer = _answer(where)
    began = time.monotonic()
    asked = await where.people.write(chat, user, answer.prompt)
    await where.people.wait(chat, text="Answer", after=asked.message_id)
    seconds = time.monotonic() - began
    await _whole(where, chat, answer)
    return seconds


def _fill(file: Path, exchanges: int, known: Sequence[int]) -> None:
    """Put so many old exchanges into a migrated file; the busiest chat is the first of the `known` ones."""
    if not exchanges:
        return
    rng = random.Random(1)
    telegram_ids = [*known, *range(STRANGERS, STRANGERS + CHATS - len(known))]
    shares = list(itertools.accumulate(1 / (rank + BUSIEST) for rank in range(CHATS)))
    now = time.time()
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        rows.execute("PRAGMA synchronous = OFF")
        rows.execute("BEGIN")
        rows.executemany(
            "INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, conversation_id)"
            " VALUES (?1, ?2, 0, 'openai', 1, ?1)",
            enumerate(telegram_ids, 1),
        )
        rows.execute("INSERT INTO conversations (id, chat_id) SELECT id, id FROM chats")
        places = rng.choices(range(CHATS), cum_weights=shares, k=exchanges)
        texts = ["".join(rng.choices("abcdefghij klmnop", k=ANSWER)) for _ in range(100)]
        old = list(_old_exchanges(places, telegram_ids, texts, now, rng))
        rows.executemany(
            "INSERT INTO replies (id, chat_id, message_id, wanted_id, shown_id)"
            " VALUES (:id, :chat_id, :message_id, :id, :id)",
            old,
        )
        rows.executemany(
            "INSERT INTO prompts"
            " (id, conversation_id, chat_id, parent_id, reply_id, user_id, language, content, created_at)"
            " VALUES (:id, :chat_id, :chat_id, :parent_id, :id, :user_id, 'en', :prompt, :at)",
            old,
        )
        rows.executemany(
            "INSERT INTO answers"
            " (id, prompt_id, chat_id, user_id, state, outcome, attempt, stop, content, created_at, closed_at)"
            " VALUES (:id, :id, :chat_id, :user_id, 'done', :outcome, 1, 0, :content, :at, :at + 10)",
            old,
        )
        rows.execute(
            "UPDATE conversations SET head_id = (SELECT max(id) FROM answers WHERE chat_id = conversations.id)"
        )
        rows.execute(
            "INSERT INTO parts (reply_id, number, answer_id, message_id, after)"
            " SELECT id, 0, id, message_id + 1, 0 FROM replies"
        )
        rows.execute(
            "INSERT INTO updates (update_id, taken_at) SELECT -id, created_at FROM answers WHERE created_at > ?",
            (now - UPDATES_S,),
        )
        rows.execute("COMMIT")


def _old_exchanges(
    places: Sequence[int], telegram_ids: Sequence[int], texts: Sequence[str], now: float, rng: random.Random
) -> Iterator[dict[str, object]]:
    heads: dict[int, int] = {}
    for number, place in enumerate(places, 1):
        at = now - YEARS_S * (1 - number / len(places)) - 60
        has_failed = rng.random() < FAILED
        text = texts[number % len(texts)]
        yield {
            "id": number,
            "chat_id": place + 1,
            "parent_id": heads.get(place),
            # Old messages have low ids: all chats are private here and share one counter.
            "message_id": 2 * number,
            "user_id": telegram_ids[place],
            "outcome": "failed" if has_failed else "answered",
            "prompt": to_json((Text(text[:PROMPT]),)),
            "content": None if has_failed else to_json((Text(text),)),
            "at": at,
        }
        heads[place] = number


def _queue(file: Path, prompts: Sequence[Message]) -> None:
    """Leave answers open, as a process that died: every tenth was begun."""
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        rows.execute("BEGIN")
        for place, prompt in enumerate(prompts):
            state, attempt = ("generating", 1) if place % 10 == 0 else ("queued", 0)
            (chat_id, conversation_id) = rows.execute(
                "SELECT id, conversation_id FROM chats WHERE telegram_id = ?", (prompt.sender,)
            ).fetchone()
            (head_id,) = rows.execute("SELECT head_id FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
            (reply_id,) = rows.execute(
                "INSERT INTO replies (chat_id, message_id) VALUES (?, ?) RETURNING id", (chat_id, prompt.message_id)
            ).fetchone()
            asked = conversation_id, chat_id, head_id, reply_id, prompt.sender, to_json((Text(prompt.text),))
            (prompt_id,) = rows.execute(
                "INSERT INTO prompts"
                " (conversation_id, chat_id, parent_id, reply_id, user_id, language, content, created_at)"
                " VALUES (?, ?, ?, ?, ?, 'en', ?, ?) RETURNING id",
                (*asked, time.time()),
            ).fetchone()
            (answer_id,) = rows.execute(
                "INSERT INTO answers (prompt_id, chat_id, user_id, state, attempt, stop, created_at)"
                " VALUES (?, ?, ?, ?, ?, 0, ?) RETURNING id",
                (prompt_id, chat_id, prompt.sender, state, attempt, time.time()),
            ).fetchone()
            rows.execute("UPDATE replies SET wanted_id = ? WHERE id = ?", (answer_id, reply_id))
            rows.execute("UPDATE conversations SET head_id = ? WHERE id = ?", (answer_id, conversation_id))
        rows.execute("COMMIT")


if __name__ == "__main__":
    asyncio.run(main())
