"""Answers: what becomes of one that is being made (those that wait: `Backlog`).

    queued ──claim──▶ generating ──ended, leave──▶ done
      ▲ └────────────stop──────────────────────────▲
      └──recover (after a crash)──┘

An answer that its reply does not want any more, because the question was edited, is superseded: it leaves the screen to
the next one. When an answer is done, its reply is `dirty` until it stands there (`Replies`).
"""

import json

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.answers.context import ASKED
from bot.storage.answers.ending import Ending
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.engine.whole import whole
from bot.storage.exchanges.files import heard_in
from bot.storage.exchanges.finds import keep
from bot.storage.exchanges.jobs import NOTHING, Found, Job, find, jobs
from bot.storage.exchanges.succession import IS_SUPERSEDED, fall_back, is_torn, text_shown
from bot.storage.people.usage import Took, give_back, spend
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Outcome, Reply, State, Summary, table_of
from providers.blocks import Content, text_of

_ANSWERS, _REPLIES = table_of(Answer), table_of(Reply)
_END = (  # the values come with it
    update(_ANSWERS)
    .where(
        _ANSWERS.c.id == bindparam("of"),
        _ANSWERS.c.state == State.GENERATING,
        _ANSWERS.c.attempt == bindparam("in_attempt"),
        ~IS_SUPERSEDED,
    )
    .returning(_ANSWERS.c.id)
)
_WANT = update(_REPLIES).where(_REPLIES.c.id == bindparam("of"))


@patient
class Answers:
    """The answers of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def ended(self, job: Job, ending: Ending, *, keeps_former: bool = False) -> Job | None:
        """Store how a generation ended; from here the provider is never asked again. Return what is to be shown.

        That is the former answer where nothing came in its place and the messages still show it (`keeps_former`), or
        parts of it.
        None if this attempt is not being generated any more, or is not wanted (`is_superseded`).
        """
        values = {
            "of": job.id,
            "in_attempt": job.attempt,
            "state": State.DONE,
            "outcome": ending.outcome,
            "content": ending.said,
            "shown": ending.shown if ending.said is None or ending.shown != text_of(ending.said) else None,
            "kept": "[]" if ending.keeps else None,
            "offered": _offered(ending),
            "note": ending.note,
            **_sums(ending),
            "deaths": 0,
            "closed_at": self._clock.wall(),
        }

        async def end(session: AsyncSession) -> Found | None:
            if await session.scalar(_END, values) is None:
                return None
            await self._spend(session, job, ending)
            if ending.is_void:
                asked_at = await session.scalar(select(Answer.created_at).where(Answer.id == job.id))
                provider = ending.provider or job.chat.provider
                await give_back(session, job.user_id, job.chat.telegram_id, provider, asked_at or 0.0)
            if ending.tells is not None:
                told = update(Summary).where(Summary.answer_id == ending.tells, Summary.told_by.is_(None))
                await session.execute(told.values(told_by=job.id))
            former = await fall_back(session, job.id) if ending.said is None else None
            wanted, note = job.id, None
            stays = None
            if ending.is_bare and (keeps_former or await is_torn(session, job.reply_id)):
                stays = await text_shown(session, job.reply_id) or former
            if stays is not None:
                wanted, note = stays, ending.shown if ending.outcome is Outcome.FAILED else None
                both = update(Answer).where(Answer.id.in_((stays, job.id)))
                await session.execute(both.values(under_way=Answer.id == stays, deaths=0))
            await session.execute(_WANT, {"of": job.reply_id, "dirty": True, "wanted_id": wanted, "note": note})
            shown = await find(session, wanted)
            is_it = shown.job.prompt_id == job.prompt_id
            asked = shown.asked if is_it else await session.scalar(ASKED, {"prompt_id": job.prompt_id}) or ()
            await _keep_words(session, job, ending, asked)
            return shown

        shown = await whole(self._sessions, end)
        if shown is None:
            return None
        if shown.waits:  # its place is free
            self._signals.work.set()
        return shown.job

    async def quote(self, job: Job, quote: str) -> None:
        """Store what stands above an answer that is being made: what was heard in its question."""
        async with self._sessions.begin() as session:
            await session.execute(update(Answer).where(Answer.id == job.id).values(quote=quote or None))

    async def leave(self, job: Job, ending: Ending) -> None:
        """Store what there is of an answer that its reply does not want any more, whose last call was made."""
        is_whole = ending.outcome is Outcome.ANSWERED
        values = {
            "state": State.DONE,
            "outcome": Outcome.ANSWERED if is_whole else Outcome.SUPERSEDED,
            "content": ending.said,
            "shown": ending.shown if ending.said is not None and ending.shown != text_of(ending.said) else None,
            "note": ending.note if ending.said is not None else None,
            **_sums(ending),
            "deaths": 0,
            "under_way": False,
            "closed_at": self._clock.wall(),
        }
        generating = update(Answer).where(Answer.id == job.id, Answer.state == State.GENERATING, IS_SUPERSEDED)
        here = generating.where(Answer.attempt == job.attempt).values(values).returning(Answer.id)
        async with self._sessions.begin() as session:
            if await session.scalar(here) is not None:
                await self._spend(session, job, ending)
        self._signals.work.set()

    async def _spend(self, session: AsyncSession, job: Job, ending: Ending) -> None:
        """Count the tokens of an answer; those of one that nobody wants any more were used too."""
        tokens = _tokens(ending)
        if tokens or ending.cost:
            provider = ending.provider or job.chat.provider
            took = Took(provider, tokens, ending.cost)
            await spend(session, job.user_id, job.chat.telegram_id, took, self._clock.wall())

    async def is_superseded(self, job: Job) -> bool:
        """Tell whether a reply wants an answer that is still to be made, and not this one any more."""
        other = aliased(Answer)
        wanted = select(Reply.id).join(other, other.id == Reply.wanted_id).where(Reply.id == job.reply_id)
        async with self._sessions() as session:
            other_is_wanted = wanted.where(other.id != job.id, other.state != State.DONE)
            return await session.scalar(other_is_wanted) is not None

    async def get(self, answer_id: int) -> Job | None:
        """Return an answer."""
        async with self._sessions() as session:
            return next(iter(await jobs(session, Answer.id == answer_id)), None)


def _offered(ending: Ending) -> str | None:
    return json.dumps(ending.offered, ensure_ascii=False) if ending.offered else NOTHING if ending.is_void else None


def _sums(ending: Ending) -> dict[str, object]:
    """Return who made an answer, and what it took, as its row says that."""
    return {
        "provider": ending.provider,
        "model": ending.model,
        "prompt_tokens": ending.prompt_tokens,
        "completion_tokens": ending.completion_tokens,
        "is_estimated": ending.is_estimated,
        "cached_tokens": ending.cached_tokens,
        "cost": ending.cost,
    }


def _tokens(ending: Ending) -> int:
    """Return what an answer is charged; nothing where no service said so, nor wrote a word."""
    if ending.is_estimated and not ending.completion_tokens:
        return 0
    return (ending.prompt_tokens or 0) + (ending.completion_tokens or 0)


async def _keep_words(session: AsyncSession, job: Job, ending: Ending, asked: Content) -> None:
    """Have /find find what was asked, and what of an answer came; not a sentence of ours."""
    heard = await heard_in(session, asked)
    said = text_of(ending.said) if ending.said is not None else "" if ending.is_bare else ending.shown or ""
    await keep(session, job.id, job.chat.id, "\n".join((text_of(asked), *heard, said)))
