"""Answers: the queue of what is to be generated, and what became of it.

    queued ──claim──▶ generating ──ended, leave──▶ done
      ▲ └────────────stop──────────────────────────▲
      └──recover (after a crash)──┘

A queue is in the order of the questions: a further wording keeps its question's place, and nothing overtakes a question
that waits for the rest of its words (`Prompt.ready_at`). An answer that its reply does not want any more, because the
question was edited, is superseded: it leaves the screen to the next one.

When an answer is done, its reply is `dirty` until it stands there (`Replies`). The partial indexes hold that a chat has
one answer that is generating and one reply that is dirty at the most; `claim` that it never has both.

An answer that kills the process must end, one that only was open when something else killed it must not: `deaths`
counts the processes in a row that died while it was `under_way`, generating or being shown. A process that died while
none was clears all counts.
"""

import json
from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, Update, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.answers.context import ASKED, context
from bot.storage.answers.ending import Ending
from bot.storage.answers.ready import BEGIN, BEGIN_SUSPECT, OPENS_AT, TAKEN, Claimed, Claims
from bot.storage.chats import RETURN_S
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.files import heard_in
from bot.storage.exchanges.finds import keep
from bot.storage.exchanges.jobs import NOTHING, SUSPECTED, Job, find, jobs
from bot.storage.exchanges.versions import fall_back, is_torn, text_shown, withdraw
from bot.storage.people.usage import Took, give_back, spend
from bot.storage.signals import Signals
from bot.storage.tables import (
    UNFINISHED,
    Answer,
    Busy,
    Chat,
    Outcome,
    Prompt,
    Reply,
    State,
    Summary,
    table_of,
)
from providers.blocks import Content, text_of

MOST = 20  # answers that one transaction begins
HOLD_S = 0.05  # and it begins no more after so long: others wait for the database
_ANSWERS, _PROMPTS, _REPLIES, _BUSY = (table_of(rows) for rows in (Answer, Prompt, Reply, Busy))
_SUPERSEDED: ColumnElement[bool] = exists().where(
    _PROMPTS.c.id == _ANSWERS.c.prompt_id,
    _REPLIES.c.id == _PROMPTS.c.reply_id,
    _REPLIES.c.wanted_id != _ANSWERS.c.id,
)
_END = (  # the values come with it
    update(_ANSWERS)
    .where(
        _ANSWERS.c.id == bindparam("of"),
        _ANSWERS.c.state == State.GENERATING,
        _ANSWERS.c.attempt == bindparam("in_attempt"),
        ~_SUPERSEDED,
    )
    .returning(_ANSWERS.c.id)
)
_WANT = update(_REPLIES).where(_REPLIES.c.id == bindparam("of"))
_NOT_BUSY = delete(_BUSY).where(
    _BUSY.c.chat_id == bindparam("chat"), _BUSY.c.user_id.in_(bindparam("users", expanding=True))
)
_OPEN: ColumnElement[bool] = or_(
    Answer.state.in_(UNFINISHED), Answer.id.in_(select(Reply.wanted_id).where(Reply.dirty))
)


@patient
class Answers:
    """The answers of all chats."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def claim(self, *, places: int, places_per_provider: int, suspect: bool = False, most: int = MOST) -> Claims:
        """Begin the oldest queued answers in whose chats nothing is under way, as far as places are free.

        An answer holds a place while it is generating; providers that have all of theirs taken are passed over.
        Suspected ones are passed over too, unless a `suspect` is asked for: then it is the one with the fewest deaths.
        One that is made, and went back into the queue as its chat became another (`Chats.migrate`), is only shown.
        Where there may be more that could begin, the worker is woken for them.
        """
        claimed: list[Claimed] = []
        async with self._sessions.begin() as session:
            began, wall = self._clock.now(), self._clock.wall()
            counts = Counter({row[0]: row[1] for row in await session.execute(TAKEN)})
            while counts.total() < places:
                if len(claimed) == most or (claimed and self._clock.now() - began >= HOLD_S):
                    self._signals.work.set()
                    break
                full = [provider for provider, count in counts.items() if count >= places_per_provider]
                values = {"full": full, "now": wall}
                begun = (await session.execute(BEGIN_SUSPECT if suspect else BEGIN, values)).one_or_none()
                if begun is None:
                    break
                answer_id, chat_id, user_id, outcome = begun
                await session.execute(_NOT_BUSY, {"chat": chat_id, "users": [0, user_id]})
                if outcome is not None and not await _is_to_be_shown(session, answer_id):
                    continue
                found = await find(session, answer_id)
                claimed.append(Claimed(found.job, await context(session, found.job, wall)))
                if not found.job.is_made:
                    counts[found.job.chat.provider] += 1
                if not found.waits:
                    return Claims(claimed, None, counts.total())
            return Claims(claimed, await session.scalar(OPENS_AT, {"now": wall}), counts.total())

    async def recover(self) -> int:
        """Take up what a former process left: what was generating waits again; return how many are suspected.

        Where the chat is gone, what was generating ends, unless it was asked a moment before (`Chats.set_gone`).
        """
        died = update(Answer).where(_OPEN, Answer.under_way)
        died = died.values(deaths=Answer.deaths + 1, under_way=False)
        generating = update(Answer).where(Answer.state == State.GENERATING)
        is_gone = exists().where(Chat.id == Answer.chat_id, Chat.gone_at > Answer.created_at + RETURN_S)
        ended = {"state": State.DONE, "outcome": Outcome.UNDELIVERABLE, "closed_at": self._clock.wall()}
        async with self._sessions.begin() as session:
            if not (await session.scalars(died.returning(Answer.id))).all():  # whatever ended it, it was none of them
                await session.execute(update(Answer).where(_OPEN, Answer.deaths > 0).values(deaths=0))
            ended_ids = await session.scalars(generating.where(is_gone).values(ended).returning(Answer.id))
            for answer_id in ended_ids.all():
                await withdraw(session, answer_id)
            await self._requeue(session, generating.values(state=State.QUEUED))
            return await session.scalar(select(func.count()).where(_OPEN, Answer.deaths >= SUSPECTED)) or 0

    async def adrift(self, held: Collection[int]) -> None:
        """Have those wait again that are said to be generating in none of the replies in somebody's hands (`held`).

        There are some where nobody learned of a commit that was carried out.
        """
        in_hand = Answer.prompt_id.in_(select(Prompt.id).where(Prompt.reply_id.in_(held)))
        lost = update(Answer).where(Answer.state == State.GENERATING, ~in_hand)
        async with self._sessions.begin() as session:
            again = lost.values(state=State.QUEUED, attempt=Answer.attempt - 1)
            await self._requeue(session, again, held)

    async def _requeue(self, session: AsyncSession, again: Update, held: Collection[int] = ()) -> None:
        """Put answers back into the queue; those that their replies do not want any more end.

        A reply that wants what is still to be made is shown by nobody.
        """
        ended = {"state": State.DONE, "outcome": Outcome.SUPERSEDED, "closed_at": self._clock.wall()}
        of_held = Answer.prompt_id.in_(select(Prompt.id).where(Prompt.reply_id.in_(held)))
        superseded = update(Answer).where(Answer.state == State.GENERATING, _SUPERSEDED, ~of_held)
        await session.execute(superseded.values(ended))
        await session.execute(again)
        left = exists().where(Answer.id == Reply.wanted_id, Answer.state != State.DONE)
        await session.execute(update(Reply).where(Reply.dirty, Reply.id.not_in(held), left).values(dirty=False))

    async def rest(self) -> None:
        """Note that the process ends in order: that is no death."""
        async with self._sessions.begin() as session:
            await session.execute(update(Answer).where(_OPEN, Answer.under_way).values(under_way=False))

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
        async with self._sessions.begin() as session:
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
        generating = update(Answer).where(Answer.id == job.id, Answer.state == State.GENERATING, _SUPERSEDED)
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

    async def stopping(self, held: Collection[int] = ()) -> list[int]:
        """Return the answers that are to be stopped: those that are generating, and of those `held` the superseded."""
        other = aliased(Answer)
        stopped = select(Answer.id).where(Answer.state == State.GENERATING, Answer.stop)
        left = select(Answer.id).join(Prompt, Prompt.id == Answer.prompt_id).join(Reply, Reply.id == Prompt.reply_id)
        left = left.join(other, other.id == Reply.wanted_id).where(Answer.id.in_(held), other.id != Answer.id)
        async with self._sessions() as session:
            found = await session.scalars(stopped.union_all(left.where(other.state != State.DONE)))
            return list(found)

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


async def _is_to_be_shown(session: AsyncSession, answer_id: int) -> bool:
    """Have a claimed answer that was made before be shown; False where its reply does not want it any more."""
    wanted = update(Reply).where(Reply.wanted_id == answer_id).values(dirty=True).returning(Reply.id)
    is_wanted = await session.scalar(wanted) is not None
    made = update(Answer).where(Answer.id == answer_id)
    await session.execute(made.values(state=State.DONE, under_way=is_wanted))
    return is_wanted


async def _keep_words(session: AsyncSession, job: Job, ending: Ending, asked: Content) -> None:
    """Have /find find what was asked, and what of an answer came; not a sentence of ours."""
    heard = await heard_in(session, asked)
    said = text_of(ending.said) if ending.said is not None else "" if ending.is_bare else ending.shown or ""
    await keep(session, job.id, job.chat.id, "\n".join((text_of(asked), *heard, said)))
