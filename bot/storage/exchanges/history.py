"""History: what was really said in a conversation before a prompt."""

from sqlalchemy import ColumnElement, Select, bindparam, case, literal, select
from sqlalchemy.orm import aliased

from bot.storage.dialect import NUMBER
from bot.storage.exchanges.versions import WAS_SAID
from bot.storage.tables import Answer, Prompt
from providers.blocks import Content

MAX_SAID = 200  # answers; the provider's budget cuts further
MAX_STEPS = 2_000  # back, where nothing was said to most prompts


def _said_before() -> Select[Content, Content | None, int | None, int]:
    """Walk from a prompt to the answer before it, to the prompt of that, and so on."""
    here = (
        select(
            Prompt.id.label("prompt_id"),
            Prompt.parent_id,
            literal(None, NUMBER).label("answer_id"),
            literal(0).label("said"),
            literal(0).label("step"),
        )
        .where(Prompt.id == bindparam("prompt_id", type_=NUMBER))
        .cte("walk", recursive=True)
    )
    before = aliased(Prompt)
    counts: ColumnElement[int] = case((WAS_SAID, 1), else_=0)
    walk = here.union_all(
        select(
            before.id,
            before.parent_id,
            case((WAS_SAID, Answer.id)),
            here.c.said + counts,
            here.c.step + 1,
        )
        .join_from(here, Answer, Answer.id == here.c.parent_id)
        .join(before, before.id == Answer.prompt_id)
        .where(here.c.said < MAX_SAID, here.c.step < MAX_STEPS)
    )
    is_first = walk.c.step == 0
    return (
        select(Prompt.content, Answer.content, walk.c.answer_id, Prompt.user_id)
        .select_from(walk)
        .join(Prompt, Prompt.id == walk.c.prompt_id)
        .outerjoin(Answer, Answer.id == walk.c.answer_id)
        .where(is_first | walk.c.answer_id.is_not(None))
        .order_by(walk.c.step.desc())
    )


# (prompt, answer, its id, who asked) of what was said before the prompt `prompt_id`, oldest first, its own words last.
# Whole pairs only: what was answered, or stopped with text. Made once: it takes longer to make it than to run it.
SAID_BEFORE = _said_before()
