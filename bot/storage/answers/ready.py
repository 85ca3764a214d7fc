"""Ready: which answer is the next to be made; statements, made once, because that takes longer than to run them.

They are of tables, not of the rows' classes: SQLAlchemy takes as long again for an UPDATE of those.
"""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, exists, func, or_, select, tuple_, update

from bot.storage.answers.context import Context
from bot.storage.exchanges.jobs import SUSPECTED, Job
from bot.storage.tables import (
    Answer,
    Chat,
    Prompt,
    Reply,
    State,
    table_of,
)
from bot.storage.telegram.pieces import MAX_WINDOW_S

_ANSWERS, _CHATS, _PROMPTS, _REPLIES = (table_of(rows).c for rows in (Answer, Chat, Prompt, Reply))
_OTHER = table_of(Answer).alias().c
_OTHERS = table_of(Prompt).alias().c
TAKEN = (
    select(_CHATS.provider, func.count())
    .join(table_of(Answer), _ANSWERS.chat_id == _CHATS.id)
    .where(_ANSWERS.state == State.GENERATING)
    .group_by(_CHATS.provider)
)
_WAITS_FOR_MORE = and_(_PROMPTS.ready_at > bindparam("now"), _PROMPTS.ready_at < bindparam("now") + MAX_WINDOW_S)
_READY = (
    select(_ANSWERS.id)
    .join(table_of(Chat), _CHATS.id == _ANSWERS.chat_id)
    .join(table_of(Prompt), _PROMPTS.id == _ANSWERS.prompt_id)
    .where(
        _ANSWERS.state == State.QUEUED,
        or_(_PROMPTS.ready_at.is_(None), ~_WAITS_FOR_MORE),
        ~exists().where(_OTHER.chat_id == _ANSWERS.chat_id, _OTHER.state == State.GENERATING),
        ~exists().where(
            _OTHER.chat_id == _ANSWERS.chat_id,
            _OTHER.state == State.QUEUED,
            _OTHERS.id == _OTHER.prompt_id,
            tuple_(_OTHERS.reply_id, _OTHER.id) < tuple_(_PROMPTS.reply_id, _ANSWERS.id),
        ),
        ~exists().where(_REPLIES.chat_id == _ANSWERS.chat_id, _REPLIES.dirty),
        _CHATS.provider.not_in(bindparam("full", expanding=True)),
    )
    .limit(1)
)
_OLDEST = _READY.where(or_(_ANSWERS.deaths < SUSPECTED, _ANSWERS.stop)).order_by(_ANSWERS.id)  # the stopped just end
_LEAST_SUSPECTED = _READY.where(_ANSWERS.deaths >= SUSPECTED).order_by(_ANSWERS.deaths, _ANSWERS.id)
BEGIN, BEGIN_SUSPECT = (
    update(table_of(Answer))
    .where(_ANSWERS.id == ready.scalar_subquery())
    .values(state=State.GENERATING, attempt=_ANSWERS.attempt + 1, under_way=True)
    .returning(_ANSWERS.id, _ANSWERS.chat_id, _ANSWERS.user_id, _ANSWERS.outcome)
    for ready in (_OLDEST, _LEAST_SUSPECTED)
)
OPENS_AT = select(func.min(_PROMPTS.ready_at)).where(_WAITS_FOR_MORE)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An answer that is to be made now."""

    job: Job
    context: Context


@dataclass(frozen=True, slots=True)
class Claims:
    """What is to be made now, and when the next question has waited for the rest of its words.

    `opens_at`: on the wall clock, None where none waits. `taken`: how many places are taken now.
    """

    claimed: list[Claimed]
    opens_at: float | None
    taken: int = 0
