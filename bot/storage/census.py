"""Census: how many rows wait for something to be done, and what all of them take of the disk, in one look each."""

from dataclasses import dataclass

from sqlalchemy import cast, func, select

from bot.storage.dialect import NUMBER, size_of
from bot.storage.engine.database import Sessions
from bot.storage.tables import UNFINISHED, Answer, File, Outgoing, Reply, State


@dataclass(frozen=True, slots=True)
class Waiting:
    """Answers that wait or are made, those that are made and not yet shown, and what is still to be said."""

    queued: int
    generating: int
    unshown: int
    unsaid: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes: of the database, of that part of it which is free, and of the files that people sent."""

    database: int
    unused: int
    files: int


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

    async def sizes(self) -> Sizes:
        """Look at how much there is; takes a moment where there are many files. Raises sqlalchemy.exc.DBAPIError."""
        each = select(File.sha256, File.size).distinct().subquery()
        total = cast(func.coalesce(func.sum(each.c.size), 0), NUMBER)  # a PostgreSQL has sums of them be decimals
        files = select(total).scalar_subquery()
        async with self._sessions() as session:
            return Sizes(*(await session.execute(select(size_of(), size_of(True), files))).one())
