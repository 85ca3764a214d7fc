"""Which message ids are in use, as far as is known."""

import asyncio

import pytest

from bot.delivery.seen import MAX_COUNTERS, Seen
from bot.storage.answers.parts import Parts
from bot.storage.chats import Chats
from bot.storage.engine.database import Sessions
from bot.storage.signals import Signals
from tests.bot.store import Store
from tests.clock import FakeClock


def supergroup(number: int) -> int:
    return -1_000_000_000_000 - number


@pytest.fixture
def parts(db: Sessions, clock: FakeClock) -> Parts:
    return Parts(db, clock, Signals())


@pytest.fixture
def seen(parts: Parts, clock: FakeClock) -> Seen:
    return Seen(parts, clock)


def test_they_are_remembered_of_the_counters_lately_used(seen: Seen) -> None:
    seen.recall({supergroup(number): number for number in range(1, MAX_COUNTERS + 1)})
    seen.recall({supergroup(1): 5})

    seen.recall({supergroup(MAX_COUNTERS + 1): 7})

    assert seen.lately(supergroup(1)) == {1, 5}
    assert seen.lately(supergroup(2)) == set()
    assert seen.highest(supergroup(2)) == 2


def test_private_chats_and_basic_groups_share_one_counter(seen: Seen) -> None:
    seen.note(11, 5)
    seen.note(supergroup(1), 900)

    assert seen.highest(-12) == 5
    assert seen.lately(13) == {5}


async def test_those_of_others_are_known_after_a_restart(
    seen: Seen, parts: Parts, db: Sessions, clock: FakeClock
) -> None:
    chat = await Chats(db, clock, Signals()).get(11, provider="alpha")
    await Store(db, clock).accept(chat, message_id=4)
    running = asyncio.ensure_future(seen.run())

    seen.met(11, 6)
    seen.met(12, 7)
    await clock.asleep()
    await clock.advance(1)
    seen.met(12, 8)
    await clock.asleep()  # again: the first ones are stored
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    again = Seen(parts, clock)
    again.recall(await parts.highest())
    assert again.highest(11) == 7
