"""Purge: the rows of conversations that were deleted go, and by KEEP_DAYS what nobody has touched for long.

In small transactions, so that nobody waits for them; what is under way in a conversation is shown to its end before.
"""

import logging
import math
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, delete, exists, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock, Lull
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.engine.slack import Slack
from bot.storage.exchanges.finds import forget
from bot.storage.signals import Signals
from bot.storage.tables import (
    UNFINISHED,
    Answer,
    Base,
    Chat,
    Conversation,
    Part,
    Prompt,
    Reply,
    SpentButtons,
    Stray,
    table_of,
)

log = logging.getLogger(__name__)

DAY_S = 86_400.0
AT_ONCE = 50  # conversations, and replies in them, whose rows go
SEEN = 2_000  # conversations that are looked at at once for their age
PAUSE_S = 0.02  # between two of many: others come in
AGAIN_S = 10.0  # until what was under way is looked at again
SELDOM_S = 900.0  # where nothing has happened since
EXPIRE_S = 3600.0
LATE_S = 3600.0  # an edit or a send that was left without an answer is waited for so long


@patient
class Purge:
    """Takes rows away while `run` runs; `keep_days`: None keeps all that nobody deletes."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        signals: Signals,
        slack: Slack,
        *,
        keep_days: float | None,
        lull: Lull | None = None,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._slack = slack
        self._signals = signals
        self._lull = lull or Lull(clock, math.inf)
        self._keep_s = keep_days * DAY_S if keep_days is not None else None

    async def run(self) -> None:
        """Take away what may go, for ever. Raises DatabaseDamaged."""
        expired_at: float | None = None
        while True:
            self._signals.deleted.clear()
            if self._keep_s is not None and (expired_at is None or self._clock.now() - expired_at >= EXPIRE_S):
                expired_at = self._clock.now()
                last: int | None = 0
                while last is not None:
                    last = await self.expire(last)
                    await self._clock.sleep(PAUSE_S)
            while await self.step() or await self._slack.step():
                await self._clock.sleep(PAUSE_S)
            await self._lull.wait(self._signals.deleted, AGAIN_S, SELDOM_S)

    async def expire(self, last: int = 0) -> int | None:
        """Delete those of some conversations that nobody has touched for too long; return where the next ones begin."""
        if self._keep_s is None:
            return None
        wall = self._clock.wall()
        some = select(Conversation.id).where(Conversation.id > last).order_by(Conversation.id).limit(SEEN)
        async with self._sessions.begin() as session:
            ids = (await session.scalars(some)).all()
            if not ids:
                return None
            old = update(Conversation).where(
                Conversation.id.between(ids[0], ids[-1]),
                Conversation.touched_at < wall - self._keep_s,
                Conversation.deleted_at.is_(None),
                ~_is_open(wall),
            )
            expired = (await session.scalars(old.values(deleted_at=wall).returning(Conversation.id))).all()
            if expired:
                await _leave(session, expired)
                log.info("conversations expired count=%s", len(expired))
        return ids[-1]

    async def step(self) -> bool:
        """Take away some rows of deleted conversations in which nothing is under way; tell whether there were any."""
        deleted = select(Conversation.id).where(Conversation.deleted_at.is_not(None), ~_is_open(self._clock.wall()))
        async with self._sessions() as session:
            if not (ids := (await session.scalars(deleted.order_by(Conversation.id).limit(AT_ONCE))).all()):
                return False
        async with self._sessions.begin() as session:
            ids = (await session.scalars(deleted.where(Conversation.id.in_(ids)))).all()
            inside = Prompt.conversation_id.in_(ids)
            some = select(Prompt.reply_id).where(inside).order_by(Prompt.conversation_id, Prompt.id).limit(AT_ONCE)
            replies = [*{*await session.scalars(some)}]
            await _strip(session, replies)
            await delete_rows(session, table_of(Reply), replies)
            left = {*await session.scalars(select(Prompt.conversation_id).where(inside).distinct())}
            if empty := [conversation_id for conversation_id in ids if conversation_id not in left]:
                await _leave(session, empty)
                await delete_rows(session, table_of(Conversation), empty)
                log.info("conversations deleted count=%s", len(empty))
        self._signals.spent.put_nowait(None)
        return True


def _is_open(wall: float) -> ColumnElement[bool]:
    """Tell a conversation in which something is under way, or may be carried out yet."""
    unfinished = select(Prompt.conversation_id).join(Answer, Answer.prompt_id == Prompt.id)
    shown = select(Prompt.conversation_id).join(Reply, Reply.id == Prompt.reply_id)
    parts = shown.join(Part, Part.reply_id == Reply.id)
    open_ones = union_all(
        unfinished.where(Answer.state.in_(UNFINISHED)),
        shown.where(Reply.dirty),
        parts.where(or_(Part.message_id.is_(None), Part.late_since > wall - LATE_S)),
        unfinished.join(Stray, Stray.answer_id == Answer.id).where(Stray.lost_at > wall - LATE_S),
    )
    return Conversation.id.in_(open_ones)


async def _leave(session: AsyncSession, conversation_ids: Sequence[int]) -> None:
    """Have the chats that are in some conversations begin a new one with the next question."""
    present = update(Chat).where(Chat.conversation_id.in_(conversation_ids))
    await session.execute(present.values(conversation_id=None))


async def _strip(session: AsyncSession, reply_ids: Sequence[int]) -> None:
    """Have the buttons taken away that stand under some replies: those of the last one of each chat do."""
    later, shown = aliased(Reply), aliased(Part)
    is_last = ~exists().where(later.chat_id == Reply.chat_id, later.id > Reply.id, later.id == shown.reply_id)
    last = ~exists().where(shown.reply_id == Part.reply_id, shown.number > Part.number)
    rows = select(Chat.telegram_id, Part.message_id).join(Reply, Reply.chat_id == Chat.id)
    rows = rows.join(Part, Part.reply_id == Reply.id).where(Reply.id.in_(reply_ids), is_last, last)
    for telegram_id, message_id in (await session.execute(rows.where(Part.message_id.is_not(None)))).all():
        row = insert(SpentButtons).values(telegram_id=telegram_id, message_id=message_id)
        await session.execute(row.on_conflict_do_nothing())


async def delete_rows(session: AsyncSession, table: Table, ids: Sequence[int]) -> None:
    """Delete rows of a table with all that refers to them, whatever that is, and the words of answers."""
    if not ids:
        return
    if table.name == Answer.__tablename__:
        await forget(session, ids)
    for child in reversed(Base.metadata.sorted_tables):
        for key in child.foreign_keys:
            if key.column.table is not table:
                continue
            refers = key.parent.in_(ids)
            if _is_referred_to(child):
                await delete_rows(session, child, list(await session.scalars(select(child.c.id).where(refers))))
            else:
                await session.execute(delete(child).where(refers))
    await session.execute(delete(table).where(table.c.id.in_(ids)))


def _is_referred_to(table: Table) -> bool:
    keys = (key for other in Base.metadata.tables.values() for key in other.foreign_keys)
    return any(key.column.table is table for key in keys)
