"""Schema: the tables that all processes of a PostgreSQL share, in a schema of their own beside the rows of each bot.

    members      a process that runs, and until when it may be believed to; one that ends takes nothing any more
    bots         each bot, who has it, and how often it has changed hands (`epoch`); after which moment its last owner
                 called nothing, and what that one had called, where it could say so
    late_calls   calls to Telegram that were answered after their process had lost the bot
    posts        updates that a process took by a webhook, until who has the bot has them in its rows

A member is dead when its row is deleted, and not before: whoever finds one that is over deletes it, and only what
belongs to nobody is taken.
"""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine.faults import Unusable
from bot.storage.engine.fence import SCHEMA

MAKING = 0x64656C7461736872  # "deltashr"
NO_RIGHT = "42501"
_TABLES = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.members "
    "(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL, process TEXT NOT NULL, "
    "until TIMESTAMPTZ NOT NULL)",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.bots "
    "(bot_id BIGINT PRIMARY KEY, epoch BIGINT NOT NULL DEFAULT 0, member_id BIGINT)",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.late_calls "
    "(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, bot_id BIGINT NOT NULL, method TEXT NOT NULL, "
    "chat_id BIGINT NOT NULL, message_id BIGINT NOT NULL)",
    # What came later: processes of an older version, which know nothing of these, go on beside.
    f"ALTER TABLE {SCHEMA}.members ADD COLUMN IF NOT EXISTS is_ending BOOLEAN NOT NULL DEFAULT false",
    f"ALTER TABLE {SCHEMA}.bots ADD COLUMN IF NOT EXISTS calls BYTEA, ADD COLUMN IF NOT EXISTS left_at TIMESTAMPTZ",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.posts "
    "(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, bot_id BIGINT NOT NULL, update_id BIGINT NOT NULL, "
    "body TEXT NOT NULL, UNIQUE (bot_id, update_id))",
)
_NEWEST = {"table": f"{SCHEMA}.posts", "column": "body"}


async def make_shared(connection: AsyncConnection) -> None:
    """Make what is not there, one process after the other, in the caller's transaction. Raises Unusable, DBAPIError."""
    found = text("SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attname = :column)")
    if await connection.scalar(found, _NEWEST):
        return
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MAKING})
    try:
        for statement in _TABLES:
            await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NO_RIGHT:
            raise
        raise Unusable(f"its user may create no schema ({SCHEMA}): GRANT CREATE ON DATABASE to it") from error
