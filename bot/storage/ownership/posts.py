"""Posts: updates that any process took from Telegram by a webhook, until the one that has the bot has them in its rows.

    a process ──keep──▶ a row, and word to all (NOTIFY) ──waiting──▶ who has the bot ──its rows──▶ taken

Telegram is answered when the row is committed. It sends the next update of a chat only after that, so the order in
which rows were written is the order in each chat, whichever process took which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.fence import SCHEMA
from bot.storage.engine.patience import patient
from bot.storage.ownership.schema import make_shared

# ruff: noqa: S608  # what is put into the statements is the schema's name
CHANNEL = "deltagram_posts"  # on which it is said which bot something has come for
_KEEP = text(f"""
WITH kept AS (
    INSERT INTO {SCHEMA}.posts (bot_id, update_id, body)
    SELECT bot_id, update_id, body
    FROM unnest(CAST(:bots AS BIGINT[]), CAST(:updates AS BIGINT[]), CAST(:bodies AS TEXT[]))
        WITH ORDINALITY AS new (bot_id, update_id, body, place)
    ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING bot_id
)
SELECT pg_notify('{CHANNEL}', each.bot_id::text) FROM (SELECT DISTINCT bot_id FROM kept) AS each
""")
_BOTS = text(f"SELECT DISTINCT bot_id FROM {SCHEMA}.posts")
# Telegram itself keeps an update for a day.
_FORGET = text(f"""
DELETE FROM {SCHEMA}.posts p USING {SCHEMA}.bots b
WHERE b.bot_id = p.bot_id AND b.left_at < now() - make_interval(secs => :after_s)
""")
_WAITING = text(f"SELECT id, body FROM {SCHEMA}.posts WHERE bot_id = :bot_id ORDER BY id LIMIT :most")
_TAKEN = text(f"DELETE FROM {SCHEMA}.posts WHERE id = ANY(CAST(:ids AS BIGINT[]))")


@dataclass(frozen=True, slots=True)
class Posted:
    """An update that came for a bot; `body`: JSON."""

    bot_id: int
    update_id: int
    body: str


class Posts:
    """Keeps them, whoever has the bot; all methods raise sqlalchemy.exc.DBAPIError and OSError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = engine
        self._listening: object = None  # the connection that does

    async def keep(self, posted: Sequence[Posted]) -> None:
        """Keep some, one that comes again once, and tell who has their bots."""
        given = {
            "bots": [each.bot_id for each in posted],
            "updates": [each.update_id for each in posted],
            "bodies": [each.body for each in posted],
        }
        async with self._engine.connect() as connection:
            await connection.execute(_KEEP, given)

    async def forget(self, *, after_s: float) -> int:
        """Forget those of bots that nobody has had for so long, as no bots.toml names them; return how many."""
        async with self._engine.connect() as connection:
            return (await connection.execute(_FORGET, {"after_s": after_s})).rowcount

    async def bots(self, heard: Callable[[int], None]) -> Sequence[int]:
        """Return for which bots some wait; `heard` is told of those for which more come, by this connection.

        Behind PgBouncer, which lends connections, nothing is heard. Raises Unusable.
        """
        if self._listening is None:
            async with self._writing.begin() as connection:
                await make_shared(connection)
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            if driver is not self._listening:
                await driver.add_listener(CHANNEL, lambda *said: heard(int(said[-1])))
                self._listening = driver
            return list((await connection.execute(_BOTS)).scalars())


@patient
class PostsOfBot:
    """Those of one bot, read and taken away by who has it."""

    def __init__(self, sessions: Sessions, bot_id: int, clock: Clock) -> None:
        self._sessions = sessions
        self._bot_id = bot_id
        self._clock = clock

    async def waiting(self, most: int) -> Mapping[int, str]:
        """Return the oldest ones (JSON) by their keys, in their order."""
        async with self._sessions() as session:
            rows = await session.execute(_WAITING, {"bot_id": self._bot_id, "most": most})
            return {row.id: row.body for row in rows}

    async def taken(self, keys: Sequence[int]) -> None:
        """Forget some that are in the rows. Raises Fenced."""
        async with self._sessions.begin() as session:
            await session.execute(_TAKEN, {"ids": [*keys]})
