"""How long /history and /find take with very many conversations: `python -m bench.history [--conversations N]`.

One chat has all of them, each of a few exchanges; the median of some calls, what a question costs to be accepted, and
how long it takes to read what a model is told of a conversation of 200 exchanges.
"""

import argparse
import asyncio
import os
import platform
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from sqlalchemy import insert, text

from bot.clock import Clock
from bot.storage.answers.context import context
from bot.storage.conversations.conversations import Conversations
from bot.storage.engine.database import Sessions, open_database
from bot.storage.exchanges.finds import Finds
from bot.storage.exchanges.jobs import Job, find
from bot.storage.exchanges.words import terms, words
from bot.storage.questions.questions import Question
from bot.storage.questions.taking import Taken, Taking
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Chat, Conversation, Outcome, Prompt, Reply, State
from bot.storage.telegram.pieces import Piece
from providers.blocks import Text

CONVERSATIONS = 100_000
EACH = 2  # exchanges
LONG = 200  # of one conversation in the other chat: as many as a model is told
VOCABULARY = 20_000
PROMPT, ANSWER = 10, 60  # words
STEP = 5_000
CALLS = 15
_DONE = {"state": State.DONE, "outcome": Outcome.ANSWERED, "attempt": 1, "stop": False}


async def main() -> None:
    """Fill a database, print how long each call takes."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    count = parser.parse_args().conversations
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start, {count} conversations of {EACH} exchanges in one chat\n")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with open_database(f"sqlite+aiosqlite:///{Path(folder) / 'bot.db'}") as sessions:
            said = await _fill(sessions, count)
            await _measure(sessions, count, said)


async def _measure(sessions: Sessions, count: int, said: list[str]) -> None:
    clock, signals = Clock(), Signals()
    conversations, finds = Conversations(sessions, clock, signals), Finds(sessions, clock)
    taking = Taking(sessions, clock, signals)
    numbers = iter(range(1, 1_000_000))

    async def find(query: str) -> None:
        await finds.find(1, terms(query), most=9)

    async def accept() -> None:
        number = next(numbers)
        question = Question(2, Piece(number, (Text("A question of ten words or so, as people ask them"),)), 11, "en")
        await taking.store([Taken(number, question)])

    newest = await _long(sessions, count)

    async def read() -> None:
        async with sessions() as session:
            said = (await context(session, newest, clock.wall())).said
        if len(said) != LONG:
            raise RuntimeError(f"only {len(said)} exchanges")

    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "/history, first page": lambda: conversations.page(1),
        "/history, last page": lambda: conversations.page(1, count),
        "/history, one of them": lambda: conversations.get(1, count // 2),
        "/find, the commonest word": lambda: find(said[0]),
        "/find, a rare word": lambda: find(said[-1]),
        "/find, two common words": lambda: find(f"{said[0]} {said[1]}"),
        "/find, three rare words": lambda: find(" ".join(said[-3:])),
        "/find, the beginning of many words": lambda: find(said[0][:3]),
        "/find, the beginning of one": lambda: find(said[-1][:-1]),
        "/find, a common and a rare word": lambda: find(f"{said[0]} {said[-1]}"),
        "/find, what nobody said": lambda: find("qqqqqqqq"),
        f"the history of {LONG} exchanges": read,
        "a question is accepted": accept,
    }
    print(f"{'':36}{'median ms':>12}{'slowest ms':>12}{'processor':>12}")
    for title, call in calls.items():
        await call()
        cpu = time.process_time()
        took = sorted([await _timed(call) for _ in range(CALLS)])
        cpu_ms = (time.process_time() - cpu) * 1e3 / CALLS
        print(f"{title:36}{median(took):12.1f}{took[-1]:12.1f}{cpu_ms:12.1f}", flush=True)


async def _long(sessions: Sessions, count: int) -> Job:
    """Have a conversation of many exchanges stand in the other chat; return the answer that is to be made in it."""
    talk, first = count + 1, count * EACH + 1
    ids = range(first, first + LONG + 1)
    async with sessions.begin() as session:
        of = {"chat_id": 2, "user_id": 11, "created_at": 0.0}
        await session.execute(insert(Conversation), {"id": talk, "chat_id": 2, "title": "", "touched_at": 0.0})
        await session.execute(insert(Reply), [{"id": id_, "chat_id": 2, "wanted_id": id_} for id_ in ids])
        asked = {**of, "conversation_id": talk, "language": "en", "content": (Text("ten words or so " * 3),)}
        parents = [None, *ids]
        rows = [{**asked, "id": id_, "reply_id": id_, "parent_id": parents[id_ - first]} for id_ in ids]
        await session.execute(insert(Prompt), rows)
        made = {**of, **_DONE, "content": (Text("some sixty words " * 20),)}
        await session.execute(insert(Answer), [{**made, "id": id_, "prompt_id": id_} for id_ in ids])
        return (await find(session, ids[-1])).job


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1e3


async def _fill(sessions: Sessions, count: int) -> list[str]:
    """Have the conversations stand there; return the words, commonest first."""
    rng = random.Random(1)
    known = list({"".join(rng.choices("abcdefghijklmnop", k=rng.randint(4, 9))) for _ in range(VOCABULARY)})
    shares = [1 / (rank + 5) for rank in range(len(known))]
    spoken = rng.choices(known, shares, k=1_000_000)

    def some(number: int) -> str:
        at = rng.randrange(len(spoken) - number)
        return " ".join(spoken[at : at + number])

    async with sessions.begin() as session:
        rows = [{"telegram_id": number, "provider": "openai", "streaming": True} for number in (1, 2)]
        await session.execute(insert(Chat), [{"thread_id": 0, **row} for row in rows])
    for low in range(0, count, STEP):
        talks = range(low, min(low + STEP, count))
        ids = [(talk, talk * EACH + number + 1) for talk in talks for number in range(EACH)]
        texts = {id_: (some(PROMPT), some(ANSWER)) for _, id_ in ids}
        async with sessions.begin() as session:
            head = dict(ids)
            await session.execute(
                insert(Conversation),
                [
                    {"id": talk + 1, "chat_id": 1, "title": some(5), "touched_at": talk * 60.0, "head_id": head[talk]}
                    for talk in talks
                ],
            )
            await session.execute(
                insert(Reply), [{"id": id_, "chat_id": 1, "wanted_id": id_, "shown_id": id_} for _, id_ in ids]
            )
            await session.execute(
                insert(Prompt),
                [
                    {
                        "id": id_,
                        "conversation_id": talk + 1,
                        "chat_id": 1,
                        "reply_id": id_,
                        "user_id": 11,
                        "language": "en",
                        "content": (Text(texts[id_][0]),),
                        "created_at": talk * 60.0,
                    }
                    for talk, id_ in ids
                ],
            )
            await session.execute(
                insert(Answer),
                [
                    {
                        "id": id_,
                        "prompt_id": id_,
                        "chat_id": 1,
                        "user_id": 11,
                        "created_at": talk * 60.0,
                        "content": (Text(texts[id_][1]),),
                        **_DONE,
                    }
                    for talk, id_ in ids
                ],
            )
            await session.execute(
                text("INSERT INTO finds (rowid, chat, words) VALUES (:id, '1', :words)"),
                [{"id": id_, "words": words(" ".join(texts[id_]))} for _, id_ in ids],
            )
    return known


if __name__ == "__main__":
    asyncio.run(main())
