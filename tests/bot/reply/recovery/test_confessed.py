"""What a former owner of the bot did after this process had taken it over is made good."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram.methods import DeleteMessage

from bot.delivery.delivery import Delivery
from bot.reply.recovery.confessed import Confessed
from bot.storage.answers.parts import Parts
from bot.storage.ownership.members import LateCall
from tests.bot.room import Room
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock
from tests.stopwatch import PATIENCE_S

ANN, GROUP = 7, -1001000000008  # messages of a supergroup are counted apart


class Late:
    """The table of late calls, which only a server has."""

    def __init__(self) -> None:
        self.calls: dict[int, LateCall] = {}
        self.come = asyncio.Event()
        self.emptied = asyncio.Event()

    def add(self, method: str, message_id: int, *, chat_id: int = ANN) -> None:
        self.calls[len(self.calls)] = LateCall(1, method, chat_id, message_id)
        self.emptied.clear()
        self.come.set()

    async def confessed(self) -> dict[int, LateCall]:
        return dict(self.calls)

    async def mended(self, key: int) -> None:
        del self.calls[key]
        if not self.calls:
            self.emptied.set()


@pytest.fixture
def room(session: Telegram) -> Room:
    return Room(session)


@pytest.fixture
async def late(calls: Delivery, parts: Parts, clock: FakeClock) -> AsyncIterator[Late]:
    late = Late()
    running = asyncio.ensure_future(Confessed(calls, parts, late, late.come, clock).run())
    yield late
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def until_mended(late: Late, clock: FakeClock) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not late.emptied.is_set():
            await clock.advance(0.5)
            await asyncio.sleep(0.01)


async def test_a_beginning_that_no_part_is_shown_by_is_taken_away(
    late: Late, room: Room, session: Telegram, clock: FakeClock
) -> None:
    late.add("sendMessage", 71)

    await until_mended(late, clock)

    assert [call.message_id for call in session.made(DeleteMessage)] == [71]


async def test_a_beginning_that_was_found_stays(
    late: Late, room: Room, session: Telegram, clock: FakeClock, store: Store, parts: Parts
) -> None:
    job = await store.ask(await store.chats.get(ANN, provider="alpha"))
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=60)
    await parts.opened(job.reply_id, 0, 71)

    late.add("sendMessage", 71)
    await until_mended(late, clock)

    assert session.made(DeleteMessage) == []


async def test_while_a_lost_part_is_searched_for_in_the_chat_nothing_is_taken_away(
    late: Late, room: Room, session: Telegram, clock: FakeClock, store: Store, parts: Parts
) -> None:
    job = await store.ask(await store.chats.get(ANN, provider="alpha"))
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=60)

    late.add("sendMessage", 71)
    await clock.advance(10)
    assert not late.emptied.is_set()
    await parts.opened(job.reply_id, 0, 71)
    await until_mended(late, clock)

    assert session.made(DeleteMessage) == []


async def test_a_search_in_one_chat_holds_no_other_up(
    late: Late, room: Room, session: Telegram, clock: FakeClock, store: Store, parts: Parts
) -> None:
    job = await store.ask(await store.chats.get(ANN, provider="alpha"))
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=60)

    late.add("sendMessage", 71)
    late.add("sendMessage", 81, chat_id=GROUP)
    async with asyncio.timeout(PATIENCE_S):
        while len(late.calls) > 1:
            await clock.advance(0.5)
            await asyncio.sleep(0.01)

    assert [(call.chat_id, call.message_id) for call in session.made(DeleteMessage)] == [(GROUP, 81)]


async def test_a_part_on_which_an_older_edit_may_stand_is_to_be_shown_once_more_at_once(
    late: Late, room: Room, clock: FakeClock, store: Store, parts: Parts
) -> None:
    job = await store.ask(await store.chats.get(ANN, provider="alpha"))
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=60)
    await parts.opened(job.reply_id, 0, 71)

    late.add("editMessageText", 71)
    await until_mended(late, clock)

    (part,) = await parts.late()
    assert (part.message_id, part.since + 12.0 <= clock.wall()) == (71, True)
