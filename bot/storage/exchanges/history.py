"""History: what was really said in a conversation before a prompt."""

from sqlalchemy import ColumnElement, Select, bindparam, case, literal, select

from bot.storage.dialect import NUMBER
from bot.storage.exchanges.succession import WAS_SAID
from bot.storage.tables import Answer, Prompt, table_of
from providers.blocks import Content

MAX_SAID = 200  # answers; the provider's budget cuts further
MAX_STEPS = 2_000  # back, where nothing was said to most prompts


def _said_before() -> Select[Content, Content | None, int | None, int]:
    """Walk from a prompt to the answer before it, to the prompt of that, and so on."""
    prompts, answers = table_of(Prompt), table_of(Answer)
    here = (
        select(
            prompts.c.id.label("prompt_id"),
            prompts.c.parent_id,
            literal(None, NUMBER).label("answer_id"),
            literal(0).label("said"),
            literal(0).label("step"),
        )
        .where(prompts.c.id == bindparam("prompt_id", type_=NUMBER))
        .cte("walk", recursive=True)
    )
    before = prompts.alias()
    counts: ColumnElement[int] = case((WAS_SAID, 1), else_=0)
    walk = here.union_all(
        select(
            before.c.id,
            before.c.parent_id,
            case((WAS_SAID, answers.c.id)),
            here.c.said + counts,
            here.c.step + 1,
        )
        .join_from(here, answers, answers.c.id == here.c.parent_id)
        .join(before, before.c.id == answers.c.prompt_id)
        .where(here.c.said < MAX_SAID, here.c.step < MAX_STEPS)
    )
    is_first = walk.c.step == 0
    return (
        select(prompts.c.content, answers.c.content, walk.c.answer_id, prompts.c.user_id)
        .select_from(walk)
        .join(prompts, prompts.c.id == walk.c.prompt_id)
        .outerjoin(answers, answers.c.id == walk.c.answer_id)
        .where(is_first | walk.c.answer_id.is_not(None))
        .order_by(walk.c.step.desc())
    )


# (prompt, answer, its id, who asked) of what was said before the prompt `prompt_id`, oldest first, its own words last.
# Whole pairs only: what was answered, or stopped with text. Made once: it takes longer to make it than to run it.
SAID_BEFORE = _said_before()
