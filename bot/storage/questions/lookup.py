"""Lookup: all that intake reads of some persons and chats before it handles what they did, by one transaction."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from bot.clock import Clock
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.tables import Access, Chat, Model, Rule


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of them: rules by Telegram's id, rows by (chat, topic), models by (our chat id, provider)."""

    rules: dict[int, Rule]
    chats: dict[tuple[int, int], Chat]
    models: dict[tuple[int, str], str]


@patient
class Lookup:
    """Reads; `changes` elsewhere tell when to read again."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def of(self, telegram_ids: Collection[int]) -> Known:
        """Return what is known of some persons and chats."""
        async with self._sessions() as session:
            rules = await session.scalars(select(Access).where(Access.telegram_id.in_(telegram_ids)))
            chats = (await session.scalars(select(Chat).where(Chat.telegram_id.in_(telegram_ids)))).all()
            models = await session.scalars(select(Model).where(Model.chat_id.in_([row.id for row in chats])))
            return Known(
                {row.telegram_id: row.rule for row in rules},
                {(row.telegram_id, row.thread_id): row for row in chats},
                {(row.chat_id, row.provider): row.model for row in models},
            )
