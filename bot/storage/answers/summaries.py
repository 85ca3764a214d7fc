"""Summaries: the beginning of a conversation in short, for a model that takes no more of it.

    begun (no text) ──keep──▶ kept

One stands for all that was said up to an answer, so branches that go on from there share it; it goes with that answer.
That it is begun is stored before anybody is asked: whatever happens then, nobody is asked for the same one again.
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.jobs import Job
from bot.storage.people.usage import Took, spend
from bot.storage.tables import Summary


@patient
class Summaries:
    """The summaries of all conversations."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def newest(self, said: Sequence[int]) -> Summary | None:
        """Return the one that reaches furthest in a conversation of these answers, oldest first; None without any."""
        async with self._sessions() as session:
            rows = await session.scalars(select(Summary).where(Summary.answer_id.in_(said), Summary.text.is_not(None)))
            return max(rows, key=lambda row: said.index(row.answer_id), default=None)

    async def begin(self, answer_id: int) -> bool:
        """Note that one up to an answer is about to be made; False where that was tried before."""
        row = insert(Summary).values(answer_id=answer_id).on_conflict_do_nothing().returning(Summary.answer_id)
        async with self._sessions.begin() as session:
            return await session.scalar(row) is not None

    async def keep(self, answer_id: int, text: str | None, *, is_foreign: bool, job: Job, took: Took | None) -> None:
        """Store one that was made, None where nothing came of it, and count what it `took` for who asked `job`."""
        begun = update(Summary).where(Summary.answer_id == answer_id, Summary.text.is_(None))
        async with self._sessions.begin() as session:
            await session.execute(begun.values(text=text, is_foreign=is_foreign))
            if took:
                await spend(session, job.user_id, job.chat.telegram_id, took, self._clock.wall())
