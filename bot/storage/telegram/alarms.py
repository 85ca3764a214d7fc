"""Alarms: what the owner is to know, and whether he was told; each once, and again only after it was well for a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.migration import REVISIONS
from bot.storage.engine.patience import patient
from bot.storage.tables import AlarmKind, ToldAlarm
from bot.storage.telegram.notices import Packed, keep

WELL_S = 24 * 3600.0
LOW_DISK = 500_000_000  # bytes: less is an alarm, as in deploy/monitoring/alerts.yaml
LONGEST = 500  # characters: a row of an index of PostgreSQL's holds 2,704 bytes


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that the owner is to know; `subject`: which provider or mistake it is about, where it is about one.

    As much of it as the rows hold, so that what they know is known again.
    """

    kind: AlarmKind
    subject: str = ""

    def __post_init__(self) -> None:
        """Cut a long subject off."""
        subject = self.subject.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if len(subject) > LONGEST:
            subject = f"{subject[: LONGEST - 1]}…"
        object.__setattr__(self, "subject", subject)


@dataclass(frozen=True, slots=True)
class Seen:
    """The alarms that there are now, and those of which it is not known whether they are over."""

    present: frozenset[Alarm] = frozenset()
    unknown: frozenset[Alarm] = frozenset()


@patient
class Alarms:
    """What the owner was told of."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def due(self, seen: Seen) -> list[Alarm]:
        """Note which alarms are over; return those that the owner has still to be told of."""
        wall, present = self._clock.wall(), set(seen.present)
        async with self._sessions.begin() as session:
            rows = {Alarm(row.kind, row.subject): row for row in await session.scalars(select(ToldAlarm))}
            present |= _schema(rows)
            due = [each for each in present if each not in rows or _was_well(rows[each], wall)]
            for alarm, row in rows.items():
                if alarm not in present and alarm.kind is not AlarmKind.MIGRATED and _was_well(row, wall):
                    await session.delete(row)
                elif alarm in present and alarm not in due:
                    row.well_since = None
                elif alarm not in present | seen.unknown and row.well_since is None:
                    row.well_since = wall
            if not any(alarm.kind is AlarmKind.MIGRATED for alarm in rows):  # a new database
                session.add(ToldAlarm(kind=AlarmKind.MIGRATED, subject=REVISIONS[-1], told_at=wall))
        return sorted(due, key=lambda alarm: (alarm.kind, alarm.subject))

    async def told(self, alarms: Sequence[Alarm], notices: Sequence[Packed]) -> list[int]:
        """Put what tells the owner of some alarms into the outbox, and note that; return the notices' keys."""
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            keys = [await keep(session, notice, wall) for notice in notices]
            for alarm in alarms:
                if alarm.kind is AlarmKind.MIGRATED:
                    await session.execute(delete(ToldAlarm).where(ToldAlarm.kind == AlarmKind.MIGRATED))
                values = {"told_at": wall, "well_since": None}
                row = insert(ToldAlarm).values(kind=alarm.kind, subject=alarm.subject, **values)
                await session.execute(row.on_conflict_do_update(index_elements=("kind", "subject"), set_=values))
            return keys


def _schema(known: Iterable[Alarm]) -> set[Alarm]:
    """Return that the schema is another one than the owner knows of, if it is."""
    told = [alarm.subject for alarm in known if alarm.kind is AlarmKind.MIGRATED]
    return {Alarm(AlarmKind.MIGRATED, REVISIONS[-1])} if told and told != [REVISIONS[-1]] else set()


def _was_well(row: ToldAlarm, wall: float) -> bool:
    """Tell whether an alarm was over for long enough; a mistake is made anew each time."""
    needed_s = 0.0 if row.kind is AlarmKind.MISREAD else WELL_S
    return row.well_since is not None and wall - row.well_since >= needed_s
