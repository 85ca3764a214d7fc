"""What the owner was told is known as long as that matters."""

from sqlalchemy import select

from bot.storage.engine.database import Sessions
from bot.storage.tables import AlarmKind, ToldAlarm
from bot.storage.telegram.alarms import WELL_S, Alarm, Alarms, Seen
from tests.clock import FakeClock


async def test_of_what_was_well_for_a_day_nothing_is_kept(db: Sessions, clock: FakeClock) -> None:
    alarms = Alarms(db, clock)
    mistakes = [Alarm(AlarmKind.MISREAD, f"line {number}") for number in range(3)]
    for mistake in mistakes:
        assert await alarms.due(Seen(frozenset({mistake}))) == [mistake]
        await alarms.told([mistake], [])

    await alarms.due(Seen())
    await clock.advance(WELL_S)
    await alarms.due(Seen())

    async with db() as session:
        assert set(await session.scalars(select(ToldAlarm.kind))) == {AlarmKind.MIGRATED}
    assert await alarms.due(Seen(frozenset(mistakes))) == mistakes
