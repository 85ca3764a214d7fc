"""Backlog: the answers that are to be made: which begin next, and what a former process left of them.

A queue is in the order of the questions: a further wording keeps its question's place, and nothing overtakes a question
that waits for the rest of its words (`Prompt.ready_at`).

The partial indexes hold that a chat has one answer that is generating and one reply that is dirty at the most; `claim`
that it never has both.

An answer that kills the process must end, one that only was open when something else killed it must not: `deaths`
counts the processes in a row that died while it was `under_way`, generating or being shown. A process that died while
none was clears all counts.
"""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, Update, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.storage.answers.context import context
from bot.storage.answers.ready import BEGIN, BEGIN_SUSPECT, OPENS_AT, TAKEN, Claimed, Claims
from bot.storage.chats import RETURN_S
from bot.storage.engine.database import Sessions, unsynced
from bot.storage.engine.patience import patient
from bot.storage.engine.whole import whole
from bot.storage.exchanges.jobs import SUSPECTED, find
from bot.storage.exchanges.succession import IS_SUPERSEDED, withdraw
from bot.storage.signals import Signals
from bot.storage.tables import UNFINISHED, Answer, Busy, Chat, Outcome, Prompt, Reply, State, table_of

MOST = 20  # answers that one transaction begins
HOLD_S = 0.05  # and it begins no more after so long: others wait for the database
_BUSY = table_of(Busy)
_NOT_BUSY = delete(_BUSY).where(
    _BUSY.c.chat_id == bindparam("chat"), _BUSY.c.user_id.in_(bindparam("users", expanding=True))
)
_IS_ANY_OPEN = select(or_(exists().where(Answer.state.in_(UNFINISHED)), exists().where(Reply.dirty)))
_OPEN: ColumnElement[bool] = or_(
    Answer.state.in_(UNFINISHED), Answer.id.in_(select(Reply.wanted_id).where(Reply.dirty))
)


@patient
class Backlog:
    """The answers of all chats that are to be made, as the worker sees them."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._unsynced = unsynced(sessions)
        self._clock = clock
        self._signals = signals

    async def claim(self, *, places: int, places_per_provider: int, suspect: bool = False, most: int = MOST) -> Claims:
        """Begin the oldest queued answers in whose chats nothing is under way, as far as places are free.

        An answer holds a place while it is generating; providers that have all of theirs taken are passed over.
        Suspected ones are passed over too, unless they are stopped or a `suspect` is asked for: then it is the one with
        the fewest deaths.
        One that is made, and went back into the queue as its chat became another (`Chats.migrate`), is only shown.
        Where there may be more that could begin, the worker is woken for them.
        """
        is_cut = False

        async def begin(session: AsyncSession) -> Claims:
            nonlocal is_cut
            claimed, is_cut = list[Claimed](), False
            began, wall = self._clock.now(), self._clock.wall()
            counts = Counter({row[0]: row[1] for row in await session.execute(TAKEN)})
            while counts.total() < places:
                if len(claimed) == most or (claimed and self._clock.now() - began >= HOLD_S):
                    is_cut = True
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

        claims = await whole(self._unsynced, begin)  # what is not noted as begun begins again
        if is_cut:
            self._signals.work.set()
        return claims

    async def is_any_open(self) -> bool:
        """Tell whether an answer is to be made or shown: else there is nothing that the other methods could find."""
        async with self._sessions() as session:
            return bool(await session.scalar(_IS_ANY_OPEN))

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

    async def rest(self) -> None:
        """Note that the process ends in order: that is no death."""
        async with self._sessions.begin() as session:
            await session.execute(update(Answer).where(_OPEN, Answer.under_way).values(under_way=False))

    async def stopping(self, held: Collection[int] = ()) -> list[int]:
        """Return the answers that are to be stopped: those that are generating, and of those `held` the superseded."""
        other = aliased(Answer)
        stopped = select(Answer.id).where(Answer.state == State.GENERATING, Answer.stop)
        left = select(Answer.id).join(Prompt, Prompt.id == Answer.prompt_id).join(Reply, Reply.id == Prompt.reply_id)
        left = left.join(other, other.id == Reply.wanted_id).where(Answer.id.in_(held), other.id != Answer.id)
        async with self._sessions() as session:
            found = await session.scalars(stopped.union_all(left.where(other.state != State.DONE)))
            return list(found)

    async def _requeue(self, session: AsyncSession, again: Update, held: Collection[int] = ()) -> None:
        """Put answers back into the queue; those that their replies do not want any more end.

        A reply that wants what is still to be made is shown by nobody.
        """
        ended = {"state": State.DONE, "outcome": Outcome.SUPERSEDED, "closed_at": self._clock.wall()}
        of_held = Answer.prompt_id.in_(select(Prompt.id).where(Prompt.reply_id.in_(held)))
        superseded = update(Answer).where(Answer.state == State.GENERATING, IS_SUPERSEDED, ~of_held)
        await session.execute(superseded.values(ended))
        await session.execute(again)
        left = exists().where(Answer.id == Reply.wanted_id, Answer.state != State.DONE)
        await session.execute(update(Reply).where(Reply.dirty, Reply.id.not_in(held), left).values(dirty=False))


async def _is_to_be_shown(session: AsyncSession, answer_id: int) -> bool:
    """Have a claimed answer that was made before be shown; False where its reply does not want it any more."""
    wanted = update(Reply).where(Reply.wanted_id == answer_id).values(dirty=True).returning(Reply.id)
    is_wanted = await session.scalar(wanted) is not None
    made = update(Answer).where(Answer.id == answer_id)
    await session.execute(made.values(state=State.DONE, under_way=is_wanted))
    return is_wanted
