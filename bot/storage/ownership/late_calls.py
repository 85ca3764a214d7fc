"""Late calls: what another process confesses to have done for a bot that is ours by now."""

from sqlalchemy import text

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.fence import SCHEMA
from bot.storage.engine.patience import patient
from bot.storage.ownership.members import LateCall

# ruff: noqa: S608  # what is put into the statements is the schema's name
_OF = text(
    f"SELECT id, bot_id, method, chat_id, message_id FROM {SCHEMA}.late_calls WHERE bot_id = :bot_id ORDER BY id"
)
_MENDED = text(f"DELETE FROM {SCHEMA}.late_calls WHERE id = :id")


@patient
class LateCalls:
    """Those of one bot, read and taken away by who has it."""

    def __init__(self, sessions: Sessions, bot_id: int, clock: Clock) -> None:
        self._sessions = sessions
        self._bot_id = bot_id
        self._clock = clock

    async def confessed(self) -> dict[int, LateCall]:
        """Return those that are not mended, by their keys, oldest first."""
        async with self._sessions() as session:
            rows = await session.execute(_OF, {"bot_id": self._bot_id})
            return {key: LateCall(*call) for key, *call in rows}

    async def mended(self, key: int) -> None:
        """Forget one whose doing was undone. Raises Fenced."""
        async with self._sessions.begin() as session:
            await session.execute(_MENDED, {"id": key})
