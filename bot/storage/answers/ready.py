"""Ready: which answer is the next to be made; statements, made once, because that takes longer than to run them."""

from sqlalchemy import and_, bindparam, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from bot.storage.exchanges.jobs import SUSPECTED
from bot.storage.tables import (
    Answer,
    Chat,
    Prompt,
    Reply,
    State,
)
from bot.storage.telegram.pieces import MAX_WINDOW_S

# Made once: it takes longer to make them than to run them.
_OTHER = aliased(Answer)
_OTHERS = aliased(Prompt)
TAKEN = (
    select(Chat.provider, func.count())
    .join(Answer, Answer.chat_id == Chat.id)
    .where(Answer.state == State.GENERATING)
    .group_by(Chat.provider)
)
_WAITS_FOR_MORE = and_(Prompt.ready_at > bindparam("now"), Prompt.ready_at < bindparam("now") + MAX_WINDOW_S)
_READY = (
    select(Answer.id)
    .join(Chat, Chat.id == Answer.chat_id)
    .join(Prompt, Prompt.id == Answer.prompt_id)
    .where(
        Answer.state == State.QUEUED,
        or_(Prompt.ready_at.is_(None), ~_WAITS_FOR_MORE),
        ~exists().where(_OTHER.chat_id == Answer.chat_id, _OTHER.state == State.GENERATING),
        ~exists().where(
            _OTHER.chat_id == Answer.chat_id,
            _OTHER.state == State.QUEUED,
            _OTHERS.id == _OTHER.prompt_id,
            tuple_(_OTHERS.reply_id, _OTHER.id) < tuple_(Prompt.reply_id, Answer.id),
        ),
        ~exists().where(Reply.chat_id == Answer.chat_id, Reply.dirty),
        Chat.provider.not_in(bindparam("full", expanding=True)),
    )
    .limit(1)
)
_OLDEST = _READY.where(Answer.deaths < SUSPECTED).order_by(Answer.id)
_LEAST_SUSPECTED = _READY.where(Answer.deaths >= SUSPECTED).order_by(Answer.deaths, Answer.id)
BEGIN, BEGIN_SUSPECT = (
    update(Answer)
    .where(Answer.id == ready.scalar_subquery())
    .values(state=State.GENERATING, attempt=Answer.attempt + 1, under_way=True)
    .returning(Answer.id, Answer.chat_id, Answer.user_id, Answer.outcome)
    for ready in (_OLDEST, _LEAST_SUSPECTED)
)
OPENS_AT = select(func.min(Prompt.ready_at)).where(_WAITS_FOR_MORE)
