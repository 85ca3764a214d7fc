"""Preceding: the question before a message, or of its album, and whether the message is a piece of that."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.questions.questions import Question
from bot.storage.tables import Conversation, Message, Part, Prompt, Reply, table_of
from bot.storage.telegram.pieces import FULL, Piece, continues, follows

# Made once: it takes longer to make them than to run them.
_MESSAGES, _PROMPTS, _CONVERSATIONS = (table_of(rows).c for rows in (Message, Prompt, Conversation))
_LATER = table_of(Message).alias().c
_NEWEST = select(
    _MESSAGES.chat_id,
    _MESSAGES.prompt_id,
    _MESSAGES.message_id,
    _MESSAGES.length_utf16,
    _MESSAGES.sent_at,
    _MESSAGES.forwarded_from,
    select(_PROMPTS.user_id).where(_PROMPTS.id == _MESSAGES.prompt_id).scalar_subquery().label("user_id"),
    exists().where(_LATER.prompt_id == _MESSAGES.prompt_id, _LATER.forwarded_from.is_(None)).label("is_commented"),
).where(
    _MESSAGES.chat_id.in_(bindparam("chat_ids", expanding=True)),
    _MESSAGES.message_id
    == select(func.max(_LATER.message_id)).where(_LATER.chat_id == _MESSAGES.chat_id).scalar_subquery(),
    exists().where(
        _PROMPTS.id == _MESSAGES.prompt_id,
        _CONVERSATIONS.id == _PROMPTS.conversation_id,
        _CONVERSATIONS.deleted_at.is_(None),
    ),
)


@dataclass(frozen=True, slots=True)
class Preceding:
    """The newest message of a chat that is a question's, or a piece of it.

    `of`: the place of its question in this batch; else it is one of the prompt `prompt_id`. `directly`: nothing of ours
    stands after it. `is_commented`: its question has words beside what it forwards.
    """

    piece: Piece
    user_id: int = 0
    of: int | None = None
    prompt_id: int = 0
    directly: bool = True
    is_commented: bool = True


def belongs(question: Question, last: Preceding) -> bool:
    """Tell whether a message is a piece of the question before it; in a group only what was cut is."""
    if not question.group:
        return follows(question.piece, last.piece, directly=last.directly, is_commented=last.is_commented)
    rest = question.rest
    return rest is not None and last.user_id == question.user_id and continues(rest, last.piece)


async def preceding(session: AsyncSession, chat_ids: set[int]) -> dict[int, Preceding]:
    """Return the newest message of each chat that is a question's."""
    if not chat_ids:
        return {}
    found: dict[int, Preceding] = {}
    rows = await session.execute(_NEWEST, {"chat_ids": list(chat_ids)})
    for chat_id, prompt_id, message_id, length_utf16, sent_at, forwarded_from, user_id, is_commented in rows:
        piece = Piece(message_id, (), length_utf16, sent_at, forwarded_from=forwarded_from)
        directly = False
        if length_utf16 >= FULL:
            shown = select(Part.number).join(Reply, Reply.id == Part.reply_id)
            after = shown.where(Part.message_id > message_id, Reply.chat_id == chat_id).limit(1)
            directly = (await session.execute(after)).first() is None
        found[chat_id] = Preceding(piece, user_id, prompt_id=prompt_id, directly=directly, is_commented=is_commented)
    return found


async def of_albums(session: AsyncSession, questions: Sequence[Question]) -> dict[tuple[int, str], Preceding]:
    """Return the questions that the albums are of which some messages belong to."""
    albums = {each.piece.album for each in questions if each.piece.album}
    if not albums:
        return {}
    here = Message.chat_id.in_({each.chat_id for each in questions}), Message.album.in_(albums)
    rows = select(Message.chat_id, Message.album, Message.message_id, Message.prompt_id).where(*here)
    return {
        (chat_id, album or ""): Preceding(Piece(message_id, ()), prompt_id=prompt_id)
        for chat_id, album, message_id, prompt_id in await session.execute(rows.order_by(Message.message_id))
    }
