"""Members: the processes that share a database, and which of them has which bot.

Each statement is a transaction of its own, on a connection that nothing else waits for. It hears at once of what others
leave (NOTIFY); behind PgBouncer it hears nothing, and the next beat sees it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.engine.fence import SCHEMA
from bot.storage.ownership.schema import make_shared

# ruff: noqa: S608  # what is put into the statements is the schema's name
CHANNEL = "deltagram"
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
_LIVES = "CASE WHEN m.until > now() AND NOT m.is_ending THEN 'live' ELSE '' END"
_BEAT = text(f"""
WITH alive AS (UPDATE {SCHEMA}.members SET until = {_UNTIL} WHERE id = :member RETURNING 1)
SELECT
    EXISTS (SELECT FROM alive),
    EXISTS (SELECT FROM {SCHEMA}.members WHERE until <= now() AND id <> :member),
    (SELECT count(*) FROM {SCHEMA}.bots b WHERE b.bot_id = ANY(CAST(:bots AS BIGINT[])) AND {_IS_FREE}),
    ARRAY(SELECT ARRAY[b.bot_id, b.epoch] FROM {SCHEMA}.bots b WHERE b.member_id = :member),
    ARRAY(SELECT DISTINCT bot_id FROM {SCHEMA}.late_calls),
    ARRAY(
        SELECT ARRAY[m.name, m.process, {_ITS_BOTS}, {_LIVES}]
        FROM {SCHEMA}.members m WHERE m.id <> :member ORDER BY m.id
    ),
    extract(epoch FROM clock_timestamp()),
    ARRAY(
        SELECT b.bot_id FROM {SCHEMA}.bots b
        WHERE b.member_id = :member AND EXISTS (SELECT FROM {SCHEMA}.posts p WHERE p.bot_id = b.bot_id)
    )
""")
# A row that a stopped process keeps locked is left as it is: `cut_off` frees it.
_BURY = text(f"""
WITH gone AS (
    DELETE FROM {SCHEMA}.members
    WHERE id <> :member AND (CAST(:lapsed AS BOOLEAN) AND until <= now() OR process = ANY(CAST(:over AS TEXT[])))
    RETURNING id, name, until
), orphans AS (
    SELECT b.bot_id, gone.until FROM {SCHEMA}.bots b JOIN gone ON gone.id = b.member_id
    FOR NO KEY UPDATE OF b SKIP LOCKED
), left_alone AS (
    UPDATE {SCHEMA}.bots b SET left_at = least(o.until, now()) FROM orphans o WHERE o.bot_id = b.bot_id
)
SELECT name FROM gone
""")
# A row that another one has claimed since it was seen is looked at anew when it is locked, whose it is now is not: that
# shows by its epoch.
_CLAIM = text(f"""
WITH seen AS MATERIALIZED (
    SELECT b.bot_id, b.epoch FROM {SCHEMA}.bots b WHERE b.bot_id = ANY(CAST(:bots AS BIGINT[])) AND {_IS_FREE}
), free AS (
    SELECT b.bot_id, b.epoch, b.calls, b.left_at, b.member_id FROM {SCHEMA}.bots b JOIN seen USING (bot_id, epoch)
    ORDER BY b.bot_id LIMIT :most FOR NO KEY UPDATE OF b SKIP LOCKED
)
UPDATE {SCHEMA}.bots b SET member_id = :member, epoch = b.epoch + 1, calls = NULL, left_at = NULL
FROM free WHERE free.bot_id = b.bot_id AND EXISTS (SELECT FROM {SCHEMA}.members WHERE id = :member)
RETURNING b.bot_id, b.epoch, free.calls,
    CASE WHEN free.epoch > 0 THEN coalesce(extract(epoch FROM now() - free.left_at), 0) END,
    free.epoch > 0 AND free.member_id IS NULL
""")
_CUT_OFF = text(f"""
SELECT count(pg_terminate_backend(a.pid))
FROM {SCHEMA}.bots b
JOIN pg_stat_activity a ON a.application_name LIKE 'deltagram % ' || b.bot_id || '.' || b.epoch
WHERE b.bot_id = ANY(CAST(:bots AS BIGINT[])) AND b.member_id IS NOT NULL AND {_IS_FREE}
""")
# With another epoch nothing that its former owner still does can lock the row, which who takes it would pass over.
_GIVE_BACK = text(f"""
WITH given AS (
    UPDATE {SCHEMA}.bots SET member_id = NULL, epoch = epoch + 1, calls = :calls, left_at = now()
    WHERE bot_id = :bot_id AND epoch = :epoch AND member_id = :member RETURNING 1
), ending AS (
    UPDATE {SCHEMA}.members SET is_ending = true WHERE id = :member AND :is_ending AND NOT is_ending
)
SELECT pg_notify('{CHANNEL}', '') FROM given
""")
_LEAVE = text(f"""
WITH gone AS (DELETE FROM {SCHEMA}.members WHERE id = :member RETURNING 1) SELECT pg_notify('{CHANNEL}', '') FROM gone
""")
_CONFESS = text(
    f"INSERT INTO {SCHEMA}.late_calls (bot_id, method, chat_id, message_id) "
    "VALUES (:bot_id, :method, :chat_id, :message_id)"
)
_TELL = text(f"SELECT pg_notify('{CHANNEL}', '')")


@dataclass(frozen=True, slots=True)
class Other:
    """Another member: where it runs, which process it is, which bots it has, and whether it lives and is not ending."""

    name: str
    process: str
    bots: Sequence[int]
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Beat:
    """What a member learns when it says that it lives.

    `is_alive`: nobody has deleted it. `lapsed`: some are over. `free`: of the bots that it knows, how many belong to
    nobody. `mine`: those that are its own, with their epochs. `late`: bots with late calls. `others`: the other
    members, in the order in which they came. `wall`: Unix seconds at the database. `posted`: those of
    its own for which posts wait.
    """

    is_alive: bool
    lapsed: bool
    free: int
    mine: Mapping[int, int]
    late: frozenset[int]
    others: Sequence[Other] = ()
    wall: float | None = None
    posted: frozenset[int] = frozenset()

    @property
    def live(self) -> int:
        """Members, itself too."""
        return 1 + sum(each.is_live for each in self.others)


@dataclass(frozen=True, slots=True)
class Former:
    """What is known of who had a bot before: for so many seconds nothing was called, `calls` was before (`Ledger`).

    `calls`: None where it could not say so, as when it was killed. `ago_s`: None where nobody had it.
    `gave_back`: it let go of it by itself, and did not die.
    """

    calls: bytes | None = None
    ago_s: float | None = 0.0
    gave_back: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """A bot that was taken."""

    epoch: int
    former: Former


@dataclass(frozen=True, slots=True)
class LateCall:
    """A call to Telegram that was, or may have been, carried out for a bot that its process had lost."""

    bot_id: int
    method: str
    chat_id: int
    message_id: int


class Members:
    """Their rows; all methods raise sqlalchemy.exc.DBAPIError. `heard` is called where others have left something."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.heard: Callable[[], None] = lambda: None
        self._listening: object = None  # the connection that does
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
            await self._listen(connection)
            given = {"member": member, "bots": sorted(bots), "lease_s": lease_s}
            is_alive, lapsed, free, mine, late, others, wall, posted = (await connection.execute(_BEAT, given)).one()
        seen = [Other(name, process, [*map(int, bots.split())], bool(live)) for name, process, bots, live in others]
        return Beat(is_alive, lapsed, free, dict(mine), frozenset(late), seen, float(wall), frozenset(posted))

    async def bury(self, member: int, over: Collection[str] = (), *, lapsed: bool = True) -> list[str]:
        """Delete those whose lease (`lapsed`) or process (`over`) is over: what they had is free. Return names."""
        given = {"member": member, "over": sorted(over), "lapsed": lapsed}
        async with self._engine.connect() as connection:
            return list((await connection.execute(_BURY, given)).scalars())

    async def claim(self, member: int, bots: Collection[int], *, most: int) -> dict[int, Claimed]:
        """Take some of the bots that are nobody's."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_CLAIM, {"member": member, "bots": sorted(bots), "most": most})
            return {
                bot_id: Claimed(int(epoch), Former(calls, None if ago_s is None else float(ago_s), gave_back))
                for bot_id, epoch, calls, ago_s, gave_back in rows
            }

    async def cut_off(self, bots: Collection[int]) -> int:
        """End the sessions of members that are gone, under which they have some bots still; return how many.

        One that is stopped between the two ways of a statement keeps what it has locked: its session is at work by what
        the server knows, so that neither of its timeouts ends it.
        """
        async with self._engine.connect() as connection:
            return int((await connection.execute(_CUT_OFF, {"bots": sorted(bots)})).scalar_one())

    async def give_back(
        self, member: int, bot_id: int, epoch: int, calls: bytes | None, *, is_ending: bool = False
    ) -> None:
        """Let others have a bot, with what was called of late; who is ending gets no share any more."""
        given = {"member": member, "bot_id": bot_id, "epoch": epoch, "calls": calls, "is_ending": is_ending}
        async with self._engine.connect() as connection:
            await connection.execute(_GIVE_BACK, given)

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
            await connection.execute(_TELL)

    async def _listen(self, connection: AsyncConnection) -> None:
        """Hear of what others leave, on each new connection."""
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if driver is not self._listening:
            await driver.add_listener(CHANNEL, lambda *_: self.heard())
            self._listening = driver
