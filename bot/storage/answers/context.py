"""Context: what an answer is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.exchanges.history import SAID_BEFORE
from bot.storage.exchanges.jobs import Job
from bot.storage.ids import is_person
from bot.storage.overheard import heard_before
from bot.storage.tables import (
    Model,
    Overheard,
    Prompt,
    table_of,
)
from providers.blocks import Content, as_foreign

_PROMPT, _MODEL = table_of(Prompt).c, table_of(Model).c
ASKED = select(_PROMPT.content).where(_PROMPT.id == bindparam("prompt_id"))
_MODELS = select(_MODEL.provider, _MODEL.model).where(_MODEL.chat_id == bindparam("chat_id"))


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer is made of: what was said, (prompt, answer) oldest first, its prompt, and the chosen models.

    What others of a group asked, and were answered, are foreign words to who asks now.
    `overheard`: what people of the group said to each other before the prompt. `said_ids`: of the answers in `said`.
    """

    said: list[tuple[Content, Content]]
    prompt: Content
    models: dict[str, str]  # by provider
    overheard: Sequence[Overheard] = ()
    said_ids: Sequence[int] = ()


async def context(session: AsyncSession, job: Job, wall: float) -> Context:
    """Return what an answer is to be made of, within the caller's transaction."""
    pairs = (await session.execute(SAID_BEFORE, {"prompt_id": job.prompt_id})).all()
    models = await session.execute(_MODELS, {"chat_id": job.chat.id})
    read = [_as_of(job.user_id, *pair, is_former=pair is not pairs[-1]) for pair in pairs]
    said = [(asked, answer, answer_id) for asked, answer, answer_id in read[:-1] if answer is not None]
    overheard: Sequence[Overheard] = ()
    if not is_person(job.chat.telegram_id):
        overheard = await heard_before(session, job.chat.id, job.message_id, wall)
    chosen = {row[0]: row[1] for row in models}
    ids = [answer_id for *_, answer_id in said if answer_id is not None]
    return Context([(asked, answer) for asked, answer, _ in said], read[-1][0], chosen, overheard, ids)


def _as_of(
    user_id: int, asked: Content, answer: Content | None, answer_id: int | None, asker_id: int, *, is_former: bool
) -> tuple[Content, Content | None, int | None]:
    """Return an exchange, or a question alone, as it is to a person; behind a chat's id may be any of its admins."""
    if asker_id == user_id and not (is_former and not is_person(user_id)):
        return asked, answer, answer_id
    return as_foreign(asked), None if answer is None else as_foreign(answer), answer_id
