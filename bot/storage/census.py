"""Census: how many rows wait for something to be done, in one look."""

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.storage.engine.database import Sessions
from bot.storage.tables import UNFINISHED, Answer, Outgoing, Reply, State


@dataclass(frozen=True, slots=True)
class Waiting:
    """Answers that wait or are made, those that are made and not yet shown, and what is still to be said."""

    queued: int
    generating: int
    unshown: int
    unsaid: int


class Census:
    """Counts; where the database does not answer now, that is the answer: nothing is repeated."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def take(self) -> Waiting:
        """Count. Raises sqlalchemy.exc.DBAPIError."""
        states = select(Answer.state, func.count()).where(Answer.state.in_(UNFINISHED)).group_by(Answer.state)
        async with self._sessions() as session:
            counts = dict(row.tuple() for row in await session.execute(states))
            unshown = await session.scalar(select(func.count()).select_from(Reply).where(Reply.dirty))
            unsaid = await session.scalar(select(func.count()).select_from(Outgoing))
        return Waiting(counts.get(State.QUEUED, 0), counts.get(State.GENERATING, 0), unshown or 0, unsaid or 0)
