"""History: what was really said in a conversation before a turn."""

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from bot.storage.tables import Chat, Message, Outcome, Turn

MAX_TURNS = 200  # the provider's budget cuts further


def was_said(turn: type[Turn]) -> ColumnElement[bool]:
    """Tell a turn with an answer that counts."""
    answered = exists().where(Message.turn_id == turn.id, Message.role == "assistant")
    return and_(turn.outcome.in_((Outcome.ANSWERED, Outcome.STOPPED)), answered)


def _said_before() -> Select[str, str]:
    chat_id, turn_id = bindparam("chat_id", type_=Integer), bindparam("turn_id", type_=Integer)
    anew = aliased(Turn)
    replaced = exists().where(anew.replaces == Turn.id, or_(anew.id == turn_id, was_said(anew)))
    since = select(Chat.since_turn).where(Chat.id == chat_id).scalar_subquery()
    said = (
        select(Turn.id)
        .where(Turn.chat_id == chat_id, Turn.id < turn_id, Turn.id > since, was_said(Turn), ~replaced)
        .order_by(Turn.id.desc())
        .limit(MAX_TURNS)
    )
    return (
        select(Message.role, Message.text)
        .where(or_(Message.turn_id.in_(said), and_(Message.turn_id == turn_id, Message.role == "user")))
        .order_by(Message.turn_id, Message.id)
    )


# (role, text) of the turns that count before the turn `turn_id` of the conversation `chat_id`, oldest first, and its
# own prompt last. Whole pairs only: turns that were answered, or stopped with text; not one that was answered anew.
# Made once: it takes longer to make it than to run it.
SAID_BEFORE = _said_before()
