"""Notices that wait to be sent, and those that were sent."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from bot.storage.answers.parts import Parts
from bot.storage.engine.database import Sessions
from bot.storage.signals import Signals
from bot.storage.telegram.notices import PAGE, SENT_KEPT_S, Notices, Packed
from bot.storage.telegram.updates import Updates
from tests.clock import FakeClock
from tests.database import committing

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
    assert await Parts(db, clock, Signals()).taken(CHAT, 4, 9) == {5}


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
    assert await Parts(db, clock, Signals()).taken(CHAT, 4, 9) == {5}


async def test_all_that_waits_comes_page_by_page_oldest_first_however_old(
    notices: Notices, updates: Updates, clock: FakeClock
) -> None:
    keys = await updates.take(1, [packed(number) for number in range(PAGE)])
    await clock.advance(30 * 86_400)
    (young,) = await updates.take(2, [packed(PAGE)])

    pages = [await notices.waiting(), await notices.waiting(keys[-1]), await notices.waiting(young)]

    assert [list(page) for page in pages] == [keys, [young], []]
    assert await notices.body(young) == packed(PAGE).body
    assert await notices.body(young + 1) is None


async def test_a_sent_notice_is_forgotten_when_no_search_can_meet_it(
    notices: Notices, db: Sessions, clock: FakeClock
) -> None:
    await notices.sent(CHAT, 5, None)
    await clock.advance(SENT_KEPT_S + 1)
    await notices.sent(CHAT, 6, None)

    await notices.prune()

    assert await Parts(db, clock, Signals()).taken(CHAT, 4, 9) == {6}


async def test_notices_that_end_together_cost_few_commits(notices: Notices, updates: Updates, db: Sessions) -> None:
    keys = await updates.take(1, [packed(number) for number in range(50)])
    commits: list[object] = []
    event.listen(committing(db), "commit", commits.append)

    async with asyncio.TaskGroup() as group:
        for number, key in enumerate(keys):
            group.create_task(notices.drop(key) if number % 2 else notices.sent(CHAT, number, key))

    assert await notices.waiting() == {}
    assert len(commits) <= 2


async def test_what_ended_while_the_database_was_locked_is_noted_after_it(
    notices: Notices, updates: Updates, db: Sessions, clock: FakeClock
) -> None:
    keys = await updates.take(1, [packed(number) for number in range(3)])
    refused: list[object] = []

    def refuse_once(_connection: object) -> None:
        if not refused:
            refused.append(True)
            locked = sqlite3.OperationalError("database is locked")
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise DBAPIError(None, None, locked)

    event.listen(committing(db), "commit", refuse_once)
    ending = asyncio.gather(*(notices.sent(CHAT, number, key) for number, key in enumerate(keys, 1)))
    while not ending.done():
        await clock.advance(1)

    assert await notices.waiting() == {}
    assert await Parts(db, clock, Signals()).taken(CHAT, 0, 9) == {1, 2, 3}
