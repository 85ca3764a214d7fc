"""The lease: who may work for a bot, and until when."""

import asyncio

import pytest

from bot.members.lease import Lease
from bot.storage.engine.faults import Fenced
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import LateCall
from tests.clock import FakeClock

CALL = LateCall(1, "editMessageText", 7, 70)


@pytest.fixture
def confessed() -> list[LateCall]:
    return []


@pytest.fixture
def given_back() -> list[int]:
    return []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lease(clock: FakeClock, confessed: list[LateCall], given_back: list[int]) -> Lease:
    """One that holds for four seconds."""

    async def give_back(lease: Lease) -> None:
        given_back.append(lease.fence.epoch)

    return Lease(Fence(1, 5), clock.boot() + 4.0, clock, confess=confessed.append, give_back=give_back)


async def test_what_is_asked_for_in_time_does_not_wait(lease: Lease, clock: FakeClock) -> None:
    await clock.advance(3.9)

    await lease.held()

    assert lease.left_s() == pytest.approx(0.1)


async def test_what_is_asked_for_too_late_waits_until_it_is_known_who_has_the_bot(
    lease: Lease, clock: FakeClock
) -> None:
    await clock.advance(4.0)
    waits = [asyncio.ensure_future(lease.held()) for _ in range(2)]
    await clock.advance(1.0)
    assert not any(each.done() for each in waits)

    lease.prolong(clock.boot() + 4.0)
    await asyncio.gather(*waits)


async def test_what_waits_ends_when_another_process_has_the_bot(lease: Lease, clock: FakeClock) -> None:
    await clock.advance(4.0)
    waits = asyncio.ensure_future(lease.held())
    await clock.advance(1.0)

    lease.lose()

    with pytest.raises(Fenced):
        await waits


async def test_a_call_that_was_answered_in_time_is_not_confessed(lease: Lease, confessed: list[LateCall]) -> None:
    lease.answered(CALL)
    lease.lose()

    assert confessed == []


async def test_a_call_that_was_answered_in_doubt_is_confessed_when_the_bot_is_lost(
    lease: Lease, clock: FakeClock, confessed: list[LateCall]
) -> None:
    await clock.advance(4.0)
    lease.answered(CALL)
    assert confessed == []

    lease.lose()

    assert confessed == [CALL]


async def test_a_call_that_was_answered_in_doubt_is_none_of_anybodys_business_where_nobody_took_the_bot(
    lease: Lease, clock: FakeClock, confessed: list[LateCall]
) -> None:
    await clock.advance(4.0)
    lease.answered(CALL)

    lease.prolong(clock.boot() + 4.0)
    lease.lose()

    assert confessed == []


async def test_a_call_that_is_answered_after_the_bot_was_lost_is_confessed(
    lease: Lease, confessed: list[LateCall]
) -> None:
    lease.lose()
    lease.answered(CALL)

    assert confessed == [CALL]


async def test_it_is_given_back_once_and_holds_no_more(lease: Lease, given_back: list[int]) -> None:
    await lease.give_back()
    await lease.give_back()

    assert given_back == [5]
    assert lease.left_s() == 0
    with pytest.raises(Fenced):
        await lease.held()


async def test_one_that_is_lost_is_not_given_back(lease: Lease, given_back: list[int]) -> None:
    lease.lose()
    await lease.give_back()

    assert given_back == []
