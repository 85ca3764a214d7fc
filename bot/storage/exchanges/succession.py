"""Succession: what takes the place of an answer of which nothing was said, within the caller's transaction.

No exchange is lost from a history by an answer that came to nothing: the conversation goes on from the former one.
"""

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.tables import Answer, Conversation, Outcome, Prompt, Reply, State, table_of

_ANSWERS, _PROMPTS, _REPLIES = (table_of(rows).c for rows in (Answer, Prompt, Reply))
WAS_SAID: ColumnElement[bool] = and_(
    _ANSWERS.content.is_not(None), _ANSWERS.outcome.in_((Outcome.ANSWERED, Outcome.STOPPED, Outcome.SUPERSEDED))
)

HAS_TEXT = and_(  # not only a sentence of ours
    or_(Answer.content.is_not(None), Answer.note.is_not(None)), Answer.kept.is_distinct_from("[]")
)

IS_VERSION: ColumnElement[bool] = and_(  # a reply can show it again
    HAS_TEXT, Answer.state == State.DONE, Answer.outcome != Outcome.UNDELIVERABLE
)

IS_SUPERSEDED: ColumnElement[bool] = exists().where(  # its reply wants another one
    _PROMPTS.id == _ANSWERS.prompt_id,
    _REPLIES.id == _PROMPTS.reply_id,
    _REPLIES.wanted_id != _ANSWERS.id,
)


def is_same_question(one: type[Prompt], other: type[Prompt] | Prompt) -> ColumnElement[bool]:
    """Tell whether two prompts are wordings of one question: others after the same answer are branches beside it."""
    same = func.coalesce(one.question_id, one.id) == func.coalesce(other.question_id, other.id)
    return and_(same, one.parent_id.is_not_distinct_from(other.parent_id))


async def fall_back(session: AsyncSession, answer_id: int) -> int | None:
    """Have the conversation go on from the answer before this one to the same question, if there is one.

    Return it where it is one of the same reply, and so may stand there again.
    """
    asked = select(Prompt).join(Answer, Answer.prompt_id == Prompt.id).where(Answer.id == answer_id)
    prompt = (await session.scalars(asked)).one()
    said = select(func.max(Answer.id)).join(Prompt, Prompt.id == Answer.prompt_id)
    said = said.where(Answer.id != answer_id, WAS_SAID)
    earlier = said.where(Answer.id < answer_id)
    of_reply = Prompt.reply_id == prompt.reply_id
    shown = said.where(of_reply).join(Reply, Reply.id == Prompt.reply_id).where(Answer.id == Reply.shown_id)
    # What stands need not be the newest.
    former = await session.scalar(shown) or await session.scalar(earlier.where(of_reply))
    beside = Prompt.conversation_id == prompt.conversation_id, is_same_question(Prompt, prompt)
    instead = former or await session.scalar(earlier.where(*beside))
    if instead is not None:
        await move(session, prompt.conversation_id, answer_id, instead)
    return former


async def move(session: AsyncSession, conversation_id: int, answer_id: int, instead: int) -> None:
    """Have what goes on from an answer go on from another one."""
    head = update(Conversation).where(Conversation.id == conversation_id, Conversation.head_id == answer_id)
    await session.execute(head.values(head_id=instead))
    await session.execute(update(Prompt).where(Prompt.parent_id == answer_id).values(parent_id=instead))


async def text_shown(session: AsyncSession, reply_id: int) -> int | None:
    """Return the answer that a reply shows, if there is any text of it: it may have broken off."""
    shown = select(Answer.id).join(Reply, Reply.shown_id == Answer.id)
    answer_id: int | None = await session.scalar(shown.where(Reply.id == reply_id, HAS_TEXT))
    return answer_id


async def is_torn(session: AsyncSession, reply_id: int) -> bool:
    """Tell whether the messages of a reply may show a text that broke off, and is none that stands."""
    return await session.scalar(select(Reply.id).where(Reply.id == reply_id, Reply.shown_id.is_(None))) is not None


async def withdraw(session: AsyncSession, answer_id: int) -> None:
    """Have a reply want what it shows, and not an answer that was dropped, or cannot be shown."""
    former = await fall_back(session, answer_id)
    wants = update(Reply).where(Reply.wanted_id == answer_id)
    await session.execute(wants.values(wanted_id=func.coalesce(Reply.shown_id, former, answer_id)))
