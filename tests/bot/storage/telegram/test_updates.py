"""Updates are taken once."""

from bot.storage.engine.database import Sessions
from bot.storage.telegram.notices import Notices, Packed
from bot.storage.telegram.updates import KEPT_S, Updates
from tests.clock import FakeClock


async def test_an_update_is_taken_once(updates: Updates) -> None:
    assert not await updates.known(7)
    await updates.take(7)
    assert await updates.known(7)
    await updates.take(7)
    assert await updates.known(7)


async def test_what_is_said_about_an_update_is_stored_with_it_also_where_it_was_taken_before(
    updates: Updates, db: Sessions, clock: FakeClock
) -> None:
    said = [Packed("sendMessage", f'{{"text":"{text}"}}') for text in ("one", "two", "three")]
    keys = await updates.take(7, said[:2])
    keys += await updates.take(7, said[2:])

    assert await Notices(db, clock).waiting() == dict(zip(keys, said, strict=True))


async def test_an_update_is_remembered_as_long_as_telegram_may_deliver_it(updates: Updates, clock: FakeClock) -> None:
    await updates.take(1)
    await clock.advance(KEPT_S - 1)
    await updates.take(2)
    await updates.prune()
    assert await updates.known(1)

    await clock.advance(2)
    await updates.prune()

    assert not await updates.known(1)
    assert await updates.known(2)
