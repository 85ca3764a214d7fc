"""Lookup: all that intake reads of some persons and chats before it handles what they did, by one transaction."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import NUMBER
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.engine.whole import whole
from bot.storage.tables import Access, Chat, Model, Rule, table_of

# Made once: it takes longer to make them than to run them.
_IDS = bindparam("ids", type_=NUMBER, expanding=True)
_ACCESS, _MODEL = table_of(Access).c, table_of(Model).c
_RULES = select(_ACCESS.telegram_id, _ACCESS.rule).where(_ACCESS.telegram_id.in_(_IDS))
_CHATS = select(Chat).where(Chat.telegram_id.in_(_IDS))
_MODELS = select(_MODEL.chat_id, _MODEL.provider, _MODEL.model).where(_MODEL.chat_id.in_(_IDS))


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

        async def read(session: AsyncSession) -> Known:
            rules = await session.execute(_RULES, {"ids": [*telegram_ids]})
            chats = (await session.scalars(_CHATS, {"ids": [*telegram_ids]})).all()
            models = await session.execute(_MODELS, {"ids": [row.id for row in chats]}) if chats else ()
            return Known(
                {row[0]: row[1] for row in rules},
                {(row.telegram_id, row.thread_id): row for row in chats},
                {(chat_id, provider): model for chat_id, provider, model in models},
            )

        return await whole(self._sessions, read, writes=False)
