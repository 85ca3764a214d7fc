"""Orders: what people want of an answer beside its text: a file of it, its sound.

pressed ──order──▶ open ──begin──▶ (made and sent) ──done──▶ no row
                     └─crash: begun again, five times at the most
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import delete, exists, select, update

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Chat, Conversation, Notice, Order, Prompt, State
from bot.storage.telegram.notices import Packed, keep
from bot.storage.telegram.updates import take
from providers.blocks import Content

MOST = 20  # that are looked at at once


class Taken(Enum):
    """What became of a press."""

    ORDERED = "ordered"
    WAITING = "waiting"  # it was ordered before and is not sent yet
    STALE = "stale"  # there is no such button under such an answer
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Open:
    """An order that is to be made, with the answer that it is about; `attempts`: this one included."""

    id: int
    answer_id: int
    prompt_id: int
    data: str
    user_id: int
    message_id: int
    language: str
    attempts: int
    chat: Chat
    content: Content


@patient
class Orders:
    """The orders of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def order(
        self, update_id: int, chat_id: int, answer_id: int, data: str, *, user_id: int, message_id: int, language: str
    ) -> Taken:
        """Take the press of a button under an answer of a chat; only what was offered there can be had."""
        offered = select(Answer.offered).join(Prompt, Prompt.id == Answer.prompt_id)
        offered = offered.join(Conversation, Conversation.id == Prompt.conversation_id)
        offered = offered.where(Answer.id == answer_id, Answer.chat_id == chat_id, Answer.state == State.DONE)
        offered = offered.where(Answer.content.is_not(None), Conversation.deleted_at.is_(None))
        wanted = {"user_id": user_id, "message_id": message_id, "language": language}
        row = insert(Order).values(answer_id=answer_id, data=data, **wanted)
        async with self._sessions.begin() as session:
            if not await take(session, update_id, self._clock.wall()):
                return Taken.KNOWN
            buttons = json.loads(await session.scalar(offered) or "[]")
            if data not in [carried for _, carried in buttons]:
                return Taken.STALE
            added = await session.scalar(row.on_conflict_do_nothing().returning(Order.id))
        if added is None:
            return Taken.WAITING
        self._signals.orders.set()
        return Taken.ORDERED

    async def begin(self, held: Collection[int]) -> list[Open]:
        """Begin some that are open, the oldest ones first, but those `held` in somebody's hands."""
        rows = select(Order, Chat, Answer.content, Answer.prompt_id).join(Answer, Answer.id == Order.answer_id)
        rows = rows.join(Chat, Chat.id == Answer.chat_id).where(Order.id.not_in(held)).order_by(Order.id).limit(MOST)
        async with self._sessions() as session:
            if not await session.scalar(select(exists().where(Order.id.not_in(held)))):
                return []
        async with self._sessions.begin() as session:
            found = (await session.execute(rows)).all()
            begun = update(Order).where(Order.id.in_([order.id for order, *_ in found]))
            await session.execute(begun.values(attempts=Order.attempts + 1))
            return [_open(order, chat, content or (), prompt_id) for order, chat, content, prompt_id in found]

    async def done(self, order_id: int, sent: tuple[int, int] | None = None) -> None:
        """Note that an order is no more; `sent`: the chat (Telegram's id) and the message in which it was."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Order).where(Order.id == order_id))
            if sent:
                row = {"telegram_id": sent[0], "message_id": sent[1], "sent_at": self._clock.wall()}
                await session.execute(insert(Notice).values(row).on_conflict_do_nothing())

    async def failed(self, order_id: int, notice: Packed) -> int | None:
        """Put in the place of an order the notice that says why it is none; return its key, None where it was gone."""
        async with self._sessions.begin() as session:
            gone = await session.scalar(delete(Order).where(Order.id == order_id).returning(Order.id))
            return await keep(session, notice, self._clock.wall()) if gone is not None else None


def _open(order: Order, chat: Chat, content: Content, prompt_id: int) -> Open:
    return Open(
        order.id,
        order.answer_id,
        prompt_id,
        order.data,
        order.user_id,
        order.message_id,
        order.language,
        order.attempts,
        chat,
        content,
    )
