"""Edits: the messages of a question, and what becomes of it when they say something else; within a transaction.

| the question | then |
|---|---|
| waits | its words change, nothing else |
| is being answered, or is the newest of its conversation | a further wording with the same parent, in the same reply |
| is older | the same with a reply of its own at the bottom: a branch |
| is being answered, was edited twice meanwhile, and others wait | the same: the answer goes on, they are next |

The answer that was being made for the former wording is superseded (`Answers.leave`).
"""

from collections.abc import Sequence

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.conversations.title import title_of
from bot.storage.exchanges.succession import move
from bot.storage.tables import Answer, Chat, Conversation, Message, Prompt, Reply, State
from bot.storage.telegram.pieces import Piece, composed, unread_of
from providers.blocks import Content

IN_PLACE = 3  # wordings of a question that keep its place before others: a word is corrected once or twice


async def pieces_of(session: AsyncSession, prompt_id: int) -> list[Piece]:
    """Return the messages of a question in their order."""
    rows = select(Message).where(Message.prompt_id == prompt_id).order_by(Message.number, Message.message_id)
    return [piece(row) for row in await session.scalars(rows)]


def piece(row: Message) -> Piece:
    """Return a message as a piece of its question."""
    return Piece(
        row.message_id,
        row.content,
        row.length_utf16,
        row.sent_at,
        row.fingerprint,
        row.forwarded_from,
        row.unread,
        row.album,
    )


def columns_of(chat_id: int, prompt_id: int, number: int, piece: Piece) -> dict[str, object]:
    """Return the columns of a message."""
    return {
        "chat_id": chat_id,
        "message_id": piece.message_id,
        "prompt_id": prompt_id,
        "number": number,
        "content": piece.content,
        "length_utf16": piece.length_utf16,
        "sent_at": piece.sent_at,
        "fingerprint": piece.fingerprint,
        "forwarded_from": piece.forwarded_from,
        "unread": piece.unread,
        "album": piece.album,
    }


async def write(session: AsyncSession, chat_id: int, prompt_id: int, pieces: Sequence[Piece]) -> None:
    """Have a question come in these messages."""
    await session.execute(delete(Message).where(Message.prompt_id == prompt_id))
    ids = [each.message_id for each in pieces]
    await session.execute(delete(Message).where(Message.chat_id == chat_id, Message.message_id.in_(ids)))
    session.add_all(Message(**columns_of(chat_id, prompt_id, number, each)) for number, each in enumerate(pieces))
    await session.flush()


async def waiting(session: AsyncSession, prompt_id: int) -> int | None:
    """Return the answer to a wording that was never begun, if that waits."""
    fresh = select(Answer.id).where(Answer.prompt_id == prompt_id, Answer.state == State.QUEUED, Answer.attempt == 0)
    answer_id: int | None = await session.scalar(fresh.limit(1))
    return answer_id


def rename(conversation: Conversation, prompt: Prompt, content: Content) -> None:
    """Have a conversation be called after its first question in other words, unless somebody named it."""
    if prompt.parent_id is None and conversation.title == title_of([prompt.content]):
        conversation.title = title_of([content])


async def reword(
    session: AsyncSession,
    prompt: Prompt,
    pieces: Sequence[Piece],
    *,
    user_id: int,
    language: str,
    wall: float,
    ready_at: float | None = None,
    gives_way: bool = False,
) -> None:
    """Have a question say what these messages say from now on; `gives_way`: in time it lets others go before."""
    await write(session, prompt.chat_id, prompt.id, pieces)
    last = max(each.message_id for each in pieces)
    conversation = await session.get_one(Conversation, prompt.conversation_id)
    rename(conversation, prompt, composed(pieces))
    if await waiting(session, prompt.id) is not None:
        prompt.content, prompt.unread, prompt.ready_at = composed(pieces), unread_of(pieces), ready_at
        await session.execute(update(Reply).where(Reply.id == prompt.reply_id).values(message_id=last))
        return
    reply = await session.get_one(Reply, prompt.reply_id)
    is_newest = await _is_newest(session, reply, conversation)
    is_branch = not (is_newest or await _is_under_way(session, reply))
    is_branch = is_branch or (gives_way and await _keeps_others_waiting(session, reply, user_id))
    if is_branch:
        reply = Reply(chat_id=prompt.chat_id)
        session.add(reply)
        await session.flush()
    further = Prompt(
        conversation_id=conversation.id,
        chat_id=prompt.chat_id,
        parent_id=prompt.parent_id,
        question_id=prompt.question_id or prompt.id,
        reply_id=reply.id,
        user_id=user_id,
        language=language,
        content=composed(pieces),
        unread=unread_of(pieces),
        ready_at=ready_at,
        created_at=wall,
    )
    session.add(further)
    await session.flush()
    answer = Answer(prompt_id=further.id, chat_id=prompt.chat_id, user_id=user_id, created_at=wall)
    session.add(answer)
    await session.flush()
    await session.execute(update(Message).where(Message.prompt_id == prompt.id).values(prompt_id=further.id))
    if is_branch:
        await session.execute(update(Chat).where(Chat.id == prompt.chat_id).values(conversation_id=conversation.id))
    elif reply.wanted_id is not None:
        await move(session, conversation.id, reply.wanted_id, answer.id)
    if reply.dirty:
        reply.shown_id = None  # what was being shown leaves the messages as they are now
    reply.wanted_id, reply.note, reply.message_id = answer.id, None, last
    if is_branch or is_newest:
        conversation.head_id, conversation.touched_at = answer.id, wall
    await session.flush()


async def _is_newest(session: AsyncSession, reply: Reply, conversation: Conversation) -> bool:
    """Tell whether a conversation ends with a reply."""
    head = select(Prompt.reply_id).join(Answer, Answer.prompt_id == Prompt.id).where(Answer.id == conversation.head_id)
    newest = select(Prompt.reply_id).where(Prompt.conversation_id == conversation.id).order_by(Prompt.id.desc())
    return reply.id in (await session.scalar(head), await session.scalar(newest.limit(1)))


async def _keeps_others_waiting(session: AsyncSession, reply: Reply, user_id: int) -> bool:
    """Tell whether a question was worded again and again in the same reply, before what others ask."""
    wordings = select(func.count()).where(Prompt.reply_id == reply.id)
    if (await session.scalar(wordings) or 0) < IN_PLACE:
        return False
    others = exists().where(Answer.chat_id == reply.chat_id, Answer.state == State.QUEUED, Answer.user_id != user_id)
    return bool(await session.scalar(select(others)))


async def _is_under_way(session: AsyncSession, reply: Reply) -> bool:
    """Tell whether an answer of a reply is being made or shown, or will go on after a crash."""
    made = exists().where(
        Answer.prompt_id == Prompt.id,
        Prompt.reply_id == reply.id,
        or_(Answer.state == State.GENERATING, Answer.state == State.QUEUED),
    )
    return reply.dirty or bool(await session.scalar(select(made)))
