"""Jobs: answers as the work sees them, with all that belongs to them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.exchanges.succession import IS_VERSION
from bot.storage.tables import Answer, Chat, Outcome, Part, Prompt, Reply, State, table_of
from providers.blocks import Content, Image, text_of


@dataclass(frozen=True, slots=True)
class Job:
    """An answer that is to be made, or to be shown, in its reply; `id` is the answer's.

    `message_id` is what the reply replies to. `former` is another answer that its messages show, `has_parts` whether
    there are any, `has_others` whether one of them was opened for another answer. `versions`: all answers that the
    reply can show, this one among them, oldest first. `shown` is Markdown; `kept`: what a former process left on the
    screen stays there where that is more, JSON, "[]" until it was read.
    `note`: the line under it, `quote` what was heard in the question, above it. `offered`: further buttons, (label,
    data). `pictures` stand after the text. `inline_id`, `query_id`: where it stands elsewhere (`tables.Reply`);
    `asked`: the question, which nobody else would see there. `is_void`: no button asks again.
    """

    id: int
    reply_id: int
    prompt_id: int
    chat: Chat
    message_id: int | None
    user_id: int
    language: str
    unread: str | None
    state: State
    outcome: Outcome | None
    attempt: int
    deaths: int
    stop: bool
    shown: str
    kept: str | None
    note: str | None
    quote: str | None
    former: int | None
    has_parts: bool
    has_others: bool = False
    versions: tuple[int, ...] = ()
    offered: tuple[tuple[str, str], ...] = ()
    is_void: bool = False
    pictures: tuple[Image, ...] = ()
    inline_id: str | None = None
    query_id: str | None = None
    asked: str = ""

    @property
    def is_made(self) -> bool:
        """Tell whether the provider is asked no more, and only the reply is left to do."""
        return self.state is State.DONE

    @property
    def is_further(self) -> bool:
        """Tell whether its messages may show another answer."""
        return self.former is not None or len(self.versions) > 1 or self.has_others

    @property
    def is_cut(self) -> bool:
        """Tell whether its text, if there is any, breaks off."""
        return self.outcome in (Outcome.STOPPED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, what was asked, and whether any waits to be made."""

    job: Job
    asked: Content
    waits: bool


NOTHING = "[]"  # as what is offered
SUSPECTED = 2  # deaths: what was under way at so many in a row may be what kills the process
_ANSWERS, _PROMPTS = table_of(Answer).alias(), table_of(Prompt).alias()
WAITS = exists().where(_ANSWERS.c.state == State.QUEUED)  # whether there is anything for the worker
_HAS_PARTS = exists().where(Part.reply_id == Reply.id)
_HAS_OTHERS = exists().where(Part.reply_id == Reply.id, Part.answer_id != Answer.id)
_IS_ONE_OF_SEVERAL = exists().where(
    _PROMPTS.c.reply_id == Reply.id, _ANSWERS.c.prompt_id == _PROMPTS.c.id, _ANSWERS.c.id != Answer.id
)
_JOB = (
    select(Answer, Prompt, Reply, Chat, _HAS_PARTS, _HAS_OTHERS, _IS_ONE_OF_SEVERAL)
    .join(Prompt, Prompt.id == Answer.prompt_id)
    .join(Reply, Reply.id == Prompt.reply_id)
    .join(Chat, Chat.id == Answer.chat_id)
    .order_by(Answer.id)
)
_ONE = _JOB.add_columns(WAITS).where(Answer.id == bindparam("answer_id"))
_VERSIONS = (
    select(Prompt.reply_id, Answer.id)
    .join(Prompt, Prompt.id == Answer.prompt_id)
    .where(Prompt.reply_id.in_(bindparam("reply_ids", expanding=True)), IS_VERSION)
)


async def jobs(session: AsyncSession, which: ColumnElement[bool]) -> list[Job]:
    """Return some answers within the caller's transaction, oldest first."""
    return await _jobs(session, (await session.execute(_JOB.where(which))).all())


async def find(session: AsyncSession, answer_id: int) -> Found:
    """Return an answer that is there within the caller's transaction."""
    row = (await session.execute(_ONE, {"answer_id": answer_id})).one()
    (job,) = await _jobs(session, [row])
    return Found(job, asked=row[1].content, waits=row[-1])


async def _jobs(session: AsyncSession, rows: Sequence[Sequence[Any]]) -> list[Job]:
    versions: dict[int, list[int]] = {}
    if several := {row[2].id for row in rows if row[6]}:
        for reply_id, answer_id in await session.execute(_VERSIONS, {"reply_ids": [*several]}):
            versions.setdefault(reply_id, []).append(answer_id)
    return [
        _job(answer, prompt, reply, chat, has_parts, has_others, sorted({*versions.get(reply.id, ()), answer.id}))
        for answer, prompt, reply, chat, has_parts, has_others, *_ in rows
    ]


def markdown(answer: Answer) -> str:
    """Return what an answer is shown as."""
    return answer.shown if answer.shown is not None else text_of(answer.content or ())


def _has_text(answer: Answer) -> bool:
    """Tell whether anything of an answer is to be seen, and not only a sentence of ours."""
    return answer.content is not None or answer.note is not None


def _job(
    answer: Answer, prompt: Prompt, reply: Reply, chat: Chat, has_parts: bool, has_others: bool, versions: Sequence[int]
) -> Job:
    return Job(
        id=answer.id,
        reply_id=reply.id,
        prompt_id=prompt.id,
        chat=chat,
        message_id=reply.message_id,
        user_id=answer.user_id,
        language=prompt.language,
        unread=prompt.unread,
        state=answer.state,
        outcome=answer.outcome,
        attempt=answer.attempt,
        deaths=answer.deaths,
        stop=answer.stop,
        shown=markdown(answer),
        kept=answer.kept,
        note=reply.note if reply.note is not None else answer.note,
        quote=answer.quote if answer.state is not State.DONE or _has_text(answer) else None,
        former=reply.shown_id if reply.shown_id != answer.id else None,
        has_parts=has_parts,
        has_others=has_others,
        versions=tuple(versions),
        pictures=tuple(block for block in answer.content or () if isinstance(block, Image)),
        offered=tuple((label, data) for label, data in json.loads(answer.offered or NOTHING)),
        is_void=answer.offered == NOTHING,
        inline_id=reply.inline_id,
        query_id=reply.query_id,
        asked=text_of(prompt.content) if reply.inline_id and not reply.query_id else "",
    )
