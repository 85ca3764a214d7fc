"""Fence: a process that was stopped, or cut off, can write nothing any more once another one has taken its bot over.

Each transaction that writes begins by looking whether the bot is still held under the number (`epoch`) that its process
was given, and keeps that row locked to its end: who takes the bot over raises the number, and waits for it.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.engine.faults import Fenced

SCHEMA = "deltagram_shared"  # of the tables that all processes of a server share: `storage/ownership`
_PROVE = text(f"SELECT 1 FROM {SCHEMA}.bots WHERE bot_id = :bot_id AND epoch = :epoch FOR NO KEY UPDATE")  # noqa: S608  # a constant


@dataclass(frozen=True, slots=True)
class Fence:
    """Which bot a process holds, and the number under which it does."""

    bot_id: int
    epoch: int

    @property
    def mark(self) -> str:
        """What the names of sessions end with that are opened under it."""
        return f"{self.bot_id}.{self.epoch}"


async def prove(session: AsyncSession, fence: Fence) -> None:
    """Begin a transaction: others of the bot wait for its end. Raises Fenced."""
    if await session.scalar(_PROVE, {"bot_id": fence.bot_id, "epoch": fence.epoch}) is None:
        raise Fenced(fence.bot_id)
