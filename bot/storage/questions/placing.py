"""Placing: where the questions of a batch go on: after the head of a conversation, or an answer that was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.conversations.title import title_of
from bot.storage.questions.questions import Question
from bot.storage.tables import Answer, Chat, Conversation, Message, Part, Prompt, Reply
from bot.storage.telegram.pieces import Piece, composed

_PRESENT = (  # made once: it takes longer to make it than to run it
    select(Conversation)
    .join(Chat, Chat.conversation_id == Conversation.id)
    .where(Chat.id.in_(bindparam("chat_ids", expanding=True)))
)


@dataclass(slots=True)
class Accepted:
    """A question, the how-manieth conversation of this batch it is in, and the pieces that follow it."""

    question: Question
    number: int
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question goes on: after the head of a conversation, or where that `is_chosen` after an answer.

    `after`: that is the one to so-manieth question of this batch.
    """

    conversation: Conversation
    parent_id: int | None = None
    after: int | None = None
    is_chosen: bool = False


async def places(session: AsyncSession, accepted: Sequence[Accepted]) -> list[Place]:
    """Return where each question goes on; begin the conversations that are not there."""
    replied = await _replied(session, [each.question for each in accepted])
    chats = {each.question.chat_id for each in accepted}
    rows = await session.scalars(_PRESENT, {"chat_ids": [*chats]})
    present = {(row.chat_id, 0): row for row in rows}
    before = dict(present)
    found: list[Place] = []
    asked: dict[tuple[int, int], int] = {}  # questions of this batch by their messages
    for at, each in enumerate(accepted):
        question = each.question
        key, message = (question.chat_id, each.number), (question.chat_id, question.replied or 0)
        if question.spot:
            place = Place(_begun(each))
        elif message in asked:
            place = Place(found[asked[message]].conversation, after=asked[message], is_chosen=True)
        elif message in replied:
            parent_id, conversation_id = replied[message]
            conversation = await session.get_one(Conversation, conversation_id)
            place = Place(conversation, parent_id=parent_id, is_chosen=True)
        else:
            place = Place(present.get(key) or _begun(each))
        present[key] = place.conversation
        found.append(place)
        if not question.spot:
            asked.update(((question.chat_id, piece.message_id), at) for piece in each.pieces)
    session.add_all(place.conversation for place in found)
    await session.flush()
    last = {chat_id: row.id for (chat_id, _), row in sorted(present.items(), key=lambda entry: entry[0])}
    changed = [
        {"id": chat_id, "conversation_id": conversation_id}
        for chat_id, conversation_id in last.items()
        if (chat_id, 0) not in before or before[chat_id, 0].id != conversation_id
    ]
    if changed:
        await session.execute(update(Chat), changed)
    return found


def _begun(accepted: Accepted) -> Conversation:
    return Conversation(chat_id=accepted.question.chat_id, title=title_of([composed(accepted.pieces)]))


async def _replied(session: AsyncSession, questions: Sequence[Question]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the answer and its conversation that stand in the messages which are replied to, or answer them."""
    keys = [(question.chat_id, question.replied) for question in questions if question.replied is not None]
    if not keys:
        return {}
    ids = [message_id for _, message_id in keys]
    shown = select(Reply.chat_id, Part.message_id, Reply.wanted_id).join(Part, Part.reply_id == Reply.id)
    asked = select(Message.chat_id, Message.message_id, Reply.wanted_id).join(Prompt, Prompt.id == Message.prompt_id)
    asked = asked.join(Reply, Reply.id == Prompt.reply_id)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for query in (
        shown.where(Part.message_id.in_(ids)),
        asked.where(tuple_(Message.chat_id, Message.message_id).in_(keys)),
    ):
        meant = query.subquery()
        conversation = select(meant, Prompt.conversation_id).join(Answer, Answer.id == meant.c.wanted_id)
        conversation = conversation.join(Prompt, Prompt.id == Answer.prompt_id).join(Conversation)
        for chat_id, message_id, answer_id, conversation_id in await session.execute(
            conversation.where(Conversation.deleted_at.is_(None))
        ):
            if (chat_id, message_id) in keys:
                found[chat_id, message_id] = answer_id, conversation_id
    return found
