"""Members: the processes that share a database, and which of them has which bot.

Each statement is a transaction of its own, on a connection that nothing else waits for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine.fence import SCHEMA
from bot.storage.ownership.schema import make_shared

# ruff: noqa: S608  # what is put into the statements is the schema's name
_UNTIL = "now() + make_interval(secs => :lease_s)"
_IS_FREE = f"NOT EXISTS (SELECT FROM {SCHEMA}.members m WHERE m.id = b.member_id)"
_ITS_BOTS = (
    f"(SELECT coalesce(string_agg(b.bot_id::text, ' ' ORDER BY b.bot_id), '') "
    f"FROM {SCHEMA}.bots b WHERE b.member_id = m.id)"
)
_KNOW = text(
    f"INSERT INTO {SCHEMA}.bots (bot_id) SELECT unnest(CAST(:bots AS BIGINT[])) ON CONFLICT DO NOTHING",
)
_JOIN = text(f"INSERT INTO {SCHEMA}.members (name, process, until) VALUES (:name, :process, {_UNTIL}) RETURNING id")
_BEAT = text(f"""
WITH alive AS (UPDATE {SCHEMA}.members SET until = {_UNTIL} WHERE id = :member RETURNING 1)
SELECT
    EXISTS (SELECT FROM alive),
    (SELECT count(*) FROM {SCHEMA}.members WHERE until > now() OR id = :member),
    EXISTS (SELECT FROM {SCHEMA}.members WHERE until <= now() AND id <> :member),
    (SELECT count(*) FROM {SCHEMA}.bots b WHERE b.bot_id = ANY(CAST(:bots AS BIGINT[])) AND {_IS_FREE}),
    ARRAY(SELECT ARRAY[b.bot_id, b.epoch] FROM {SCHEMA}.bots b WHERE b.member_id = :member),
    ARRAY(SELECT DISTINCT bot_id FROM {SCHEMA}.late_calls),
    ARRAY(SELECT ARRAY[m.name, m.process, {_ITS_BOTS}] FROM {SCHEMA}.members m WHERE m.id <> :member ORDER BY m.id)
""")
_BURY = text(
    f"DELETE FROM {SCHEMA}.members "
    "WHERE id <> :member AND (CAST(:lapsed AS BOOLEAN) AND until <= now() OR process = ANY(CAST(:over AS TEXT[]))) "
    "RETURNING name"
)
_CLAIM = text(f"""
UPDATE {SCHEMA}.bots SET member_id = :member, epoch = epoch + 1
WHERE EXISTS (SELECT FROM {SCHEMA}.members WHERE id = :member) AND bot_id IN (
    SELECT b.bot_id FROM {SCHEMA}.bots b
    WHERE b.bot_id = ANY(CAST(:bots AS BIGINT[])) AND {_IS_FREE}
    ORDER BY b.bot_id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING bot_id, epoch
""")
_CUT_OFF = text(f"""
SELECT count(pg_terminate_backend(a.pid))
FROM {SCHEMA}.bots b
JOIN pg_stat_activity a ON a.application_name LIKE 'deltagram % ' || b.bot_id || '.' || b.epoch
WHERE b.bot_id = ANY(CAST(:bots AS BIGINT[])) AND b.member_id IS NOT NULL AND {_IS_FREE}
""")
_GIVE_BACK = text(
    f"UPDATE {SCHEMA}.bots SET member_id = NULL WHERE bot_id = :bot_id AND epoch = :epoch AND member_id = :member"
)
_LEAVE = text(f"DELETE FROM {SCHEMA}.members WHERE id = :member")
_CONFESS = text(
    f"INSERT INTO {SCHEMA}.late_calls (bot_id, method, chat_id, message_id) "
    "VALUES (:bot_id, :method, :chat_id, :message_id)"
)


@dataclass(frozen=True, slots=True)
class Other:
    """Another member: where it runs, which process it is, and which bots it has."""

    name: str
    process: str
    bots: Sequence[int]


@dataclass(frozen=True, slots=True)
class Beat:
    """What a member learns when it says that it lives.

    `is_alive`: nobody has deleted it. `live`: members, itself too. `lapsed`: some are over. `free`: of the bots that it
    knows, how many belong to nobody. `mine`: those that are its own, with their epochs. `late`: bots with late calls.
    `others`: the other members, in the order in which they came.
    """

    is_alive: bool
    live: int
    lapsed: bool
    free: int
    mine: Mapping[int, int]
    late: frozenset[int]
    others: Sequence[Other] = ()


@dataclass(frozen=True, slots=True)
class LateCall:
    """A call to Telegram that was, or may have been, carried out for a bot that its process had lost."""

    bot_id: int
    method: str
    chat_id: int
    message_id: int


class Members:
    """Their rows; all methods raise sqlalchemy.exc.DBAPIError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = engine

    async def join(self, name: str, process: str, bots: Collection[int], *, lease_s: float) -> int:
        """Make the tables where they are not there, and be a member that knows some bots. Raises Unusable."""
        async with self._writing.begin() as connection:
            await make_shared(connection)
            await connection.execute(_KNOW, {"bots": sorted(bots)})
            return int(
                (await connection.execute(_JOIN, {"name": name, "process": process, "lease_s": lease_s})).scalar_one()
            )

    async def beat(self, member: int, bots: Collection[int], *, lease_s: float) -> Beat:
        """Say that a member lives."""
        async with self._engine.connect() as connection:
            given = {"member": member, "bots": sorted(bots), "lease_s": lease_s}
            is_alive, live, lapsed, free, mine, late, others = (await connection.execute(_BEAT, given)).one()
        seen = [Other(name, process, [*map(int, bots.split())]) for name, process, bots in others]
        return Beat(is_alive, live, lapsed, free, dict(mine), frozenset(late), seen)

    async def bury(self, member: int, over: Collection[str] = (), *, lapsed: bool = True) -> list[str]:
        """Delete those whose lease (`lapsed`) or process (`over`) is over: what they had is free. Return names."""
        given = {"member": member, "over": sorted(over), "lapsed": lapsed}
        async with self._engine.connect() as connection:
            return list((await connection.execute(_BURY, given)).scalars())

    async def claim(self, member: int, bots: Collection[int], *, most: int) -> dict[int, int]:
        """Take some of the bots that are nobody's; return them with their epochs."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_CLAIM, {"member": member, "bots": sorted(bots), "most": most})
            return {bot_id: int(epoch) for bot_id, epoch in rows}

    async def cut_off(self, bots: Collection[int]) -> int:
        """End the sessions of members that are gone, under which they have some bots still; return how many.

        One that is stopped between the two ways of a statement keeps what it has locked: its session is at work by what
        the server knows, so that neither of its timeouts ends it.
        """
        async with self._engine.connect() as connection:
            return int((await connection.execute(_CUT_OFF, {"bots": sorted(bots)})).scalar_one())

    async def give_back(self, member: int, bot_id: int, epoch: int) -> None:
        """Let others have a bot."""
        async with self._engine.connect() as connection:
            await connection.execute(_GIVE_BACK, {"member": member, "bot_id": bot_id, "epoch": epoch})

    async def leave(self, member: int) -> None:
        """Be no member any more: what it has left is nobody's."""
        async with self._engine.connect() as connection:
            await connection.execute(_LEAVE, {"member": member})

    async def confess(self, calls: Sequence[LateCall]) -> None:
        """Store late calls, whoever has the bot by now."""
        rows = [
            {"bot_id": each.bot_id, "method": each.method, "chat_id": each.chat_id, "message_id": each.message_id}
            for each in calls
        ]
        async with self._writing.begin() as connection:
            await connection.execute(_CONFESS, rows)
