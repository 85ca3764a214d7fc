"""Notices that wait to be sent, and those that were sent."""

import pytest

from bot.storage.database import Sessions
from bot.storage.notices import MAX_WAITING, SENT_KEPT_S, WAITING_KEPT_S, Notices, Packed
from bot.storage.parts import Parts
from bot.storage.updates import Updates
from tests.clock import FakeClock

CHAT = 7


@pytest.fixture
def notices(db: Sessions, clock: FakeClock) -> Notices:
    return Notices(db, clock)


def packed(number: int) -> Packed:
    return Packed("sendMessage", f'{{"chat_id":{CHAT},"text":"{number}"}}')


async def test_what_was_sent_waits_no_more_and_no_search_will_try_it(
    notices: Notices, updates: Updates, db: Sessions, clock: FakeClock
) -> None:
    sent, waits = await updates.take(1, [packed(1), packed(2)])

    await notices.sent(CHAT, 5, sent)

    assert await notices.waiting() == {waits: packed(2)}
    assert await Parts(db, clock).taken(CHAT, 4, 9) == {5}


async def test_what_cannot_be_sent_waits_no_more(notices: Notices, updates: Updates) -> None:
    (key,) = await updates.take(1, [packed(1)])

    await notices.drop(key)

    assert await notices.waiting() == {}


async def test_a_notice_that_stands_in_no_outbox_is_noted_too(
    notices: Notices, updates: Updates, db: Sessions, clock: FakeClock
) -> None:
    await updates.take(1, [packed(1)])

    await notices.sent(CHAT, 5, None)

    assert len(await notices.waiting()) == 1
    assert await Parts(db, clock).taken(CHAT, 4, 9) == {5}


async def test_what_is_too_old_is_not_said_any_more(
    notices: Notices, updates: Updates, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    await updates.take(1, [packed(1)])
    await clock.advance(WAITING_KEPT_S - 1)
    (young,) = await updates.take(2, [packed(2)])
    assert len(await notices.waiting()) == 2

    await clock.advance(2)

    assert await notices.waiting() == {young: packed(2)}
    assert [line for line in caplog.messages if "count=1" in line]


async def test_of_too_many_the_newest_are_said_oldest_first(notices: Notices, updates: Updates) -> None:
    keys = await updates.take(1, [packed(number) for number in range(MAX_WAITING + 2)])

    assert list(await notices.waiting()) == keys[2:]


async def test_a_sent_notice_is_forgotten_when_no_search_can_meet_it(
    notices: Notices, db: Sessions, clock: FakeClock
) -> None:
    await notices.sent(CHAT, 5, None)
    await clock.advance(SENT_KEPT_S + 1)
    await notices.sent(CHAT, 6, None)

    await notices.prune()

    assert await Parts(db, clock).taken(CHAT, 4, 9) == {6}
