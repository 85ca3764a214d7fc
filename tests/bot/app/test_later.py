"""What nobody waits for waits itself where a bot was taken over."""

import asyncio

import pytest

from bot.app.later import REST_S, Later, rest_s
from bot.members.lease import Lease
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import Former, LateCall
from tests.clock import FakeClock


def lease(former: Former) -> Lease:
    async def give_back(_lease: Lease) -> None:
        pass

    def confess(_call: LateCall) -> None:
        pass

    return Lease(Fence(1, 2), 4.0, FakeClock(), confess=confess, give_back=give_back, former=former)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (None, 0.0),
        (lease(Former(ago_s=None)), 0.0),
        (lease(Former(b"", 0.1, gave_back=True)), REST_S),
        (lease(Former(None, 1.2)), REST_S),
    ],
    ids=["alone", "new", "handed over", "taken over"],
)
async def test_a_bot_that_another_process_had_answers_first(
    given: Lease | None, seconds: float, clock: FakeClock
) -> None:
    begun = []

    async def register() -> None:
        begun.append(clock.now())

    answering = asyncio.Event()
    task = asyncio.ensure_future(Later([register], answering, clock, after_s=rest_s(given)).run())
    await clock.advance(REST_S)
    assert not begun

    answering.set()
    at = clock.now()
    await clock.advance(0)
    assert begun == ([] if seconds else [at])

    await clock.advance(REST_S)
    assert begun == [at + seconds]
    await task
