"""Alarms: what needs the owner, and whether that was told; each once, and again only after it was well for a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.migration import REVISIONS
from bot.storage.engine.patience import patient
from bot.storage.tables import Alarm, Need
from bot.storage.telegram.notices import Packed, keep

WELL_S = 24 * 3600.0
LONGEST = 500  # characters: a row of an index of PostgreSQL's holds 2,704 bytes


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that needs the owner; `subject`: which provider or mistake it is about, where it is about one.

    As much of it as the rows hold, so that what they know is known again.
    """

    kind: Need
    subject: str = ""

    def __post_init__(self) -> None:
        """Cut a long subject off."""
        subject = self.subject.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if len(subject) > LONGEST:
            subject = f"{subject[: LONGEST - 1]}…"
        object.__setattr__(self, "subject", subject)


@dataclass(frozen=True, slots=True)
class Seen:
    """The troubles that there are now, and those of which it is not known whether they are over."""

    present: frozenset[Trouble] = frozenset()
    unknown: frozenset[Trouble] = frozenset()


@patient
class Alarms:
    """What the owner was told of."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def due(self, seen: Seen) -> list[Trouble]:
        """Note which troubles are over; return those that the owner has still to be told of."""
        wall, present = self._clock.wall(), set(seen.present)
        async with self._sessions.begin() as session:
            rows = {Trouble(row.kind, row.subject): row for row in await session.scalars(select(Alarm))}
            present |= _schema(rows)
            due = [each for each in present if each not in rows or _was_well(rows[each], wall)]
            for trouble, row in rows.items():
                if trouble not in present and trouble.kind is not Need.MIGRATED and _was_well(row, wall):
                    await session.delete(row)
                elif trouble in present and trouble not in due:
                    row.well_since = None
                elif trouble not in present | seen.unknown and row.well_since is None:
                    row.well_since = wall
            if not any(trouble.kind is Need.MIGRATED for trouble in rows):  # a new database
                session.add(Alarm(kind=Need.MIGRATED, subject=REVISIONS[-1], told_at=wall))
        return sorted(due, key=lambda trouble: (trouble.kind, trouble.subject))

    async def told(self, troubles: Sequence[Trouble], notices: Sequence[Packed]) -> list[int]:
        """Put what tells the owner of some troubles into the outbox, and note that; return the notices' keys."""
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            keys = [await keep(session, notice, wall) for notice in notices]
            for trouble in troubles:
                if trouble.kind is Need.MIGRATED:
                    await session.execute(delete(Alarm).where(Alarm.kind == Need.MIGRATED))
                values = {"told_at": wall, "well_since": None}
                row = insert(Alarm).values(kind=trouble.kind, subject=trouble.subject, **values)
                await session.execute(row.on_conflict_do_update(index_elements=("kind", "subject"), set_=values))
            return keys


def _schema(known: Iterable[Trouble]) -> set[Trouble]:
    """Return that the schema is another one than the owner knows of, if it is."""
    told = [trouble.subject for trouble in known if trouble.kind is Need.MIGRATED]
    return {Trouble(Need.MIGRATED, REVISIONS[-1])} if told and told != [REVISIONS[-1]] else set()


def _was_well(row: Alarm, wall: float) -> bool:
    """Tell whether a trouble was over for long enough; a mistake is made anew each time."""
    needed_s = 0.0 if row.kind is Need.MISREAD else WELL_S
    return row.well_since is not None and wall - row.well_since >= needed_s
