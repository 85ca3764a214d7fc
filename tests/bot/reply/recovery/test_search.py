"""Which message is the part whose send was never answered: found, or opened anew and taken away if it turns up."""

import asyncio
from dataclasses import replace

import pytest
from aiogram.methods import EditMessageReplyMarkup, SendMessage
from aiogram.types import InlineKeyboardMarkup, ReplyParameters

from bot.delivery.delivery import Delivery
from bot.reply.layout import stop
from bot.reply.marks import CURSOR
from bot.reply.methods import Methods
from bot.reply.place import InChat
from bot.reply.recovery.search import MAX_PROBES, Search, Sought
from bot.reply.recovery.strays import LANDS_S, Strays
from bot.storage.answers.parts import Parts
from bot.storage.exchanges.jobs import Job
from bot.texts import texts
from tests.bot.room import Room
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ANN = 7
AFTER = 1  # the highest id known when the send was made


@pytest.fixture
def room(session: Telegram) -> Room:
    return Room(session)


@pytest.fixture
async def job(store: Store) -> Job:
    """An answer whose first part was sent, as far as is known."""
    job = await store.ask(await store.chats.get(ANN, provider="alpha"))
    await store.parts.intend(job.reply_id, 0, answer_id=job.id, after=AFTER)
    return job


def keyboard(job: Job, data: str | None = None) -> InlineKeyboardMarkup:
    return Methods(job, InChat.of(job.chat), texts("en")).keyboard.button(data or stop(job.id, 0))


def sought(job: Job) -> Sought:
    return Sought(job.reply_id, 0, keyboard(job), keyboard(job, "stop:other"))


def send(room: Room, text: str, buttons: InlineKeyboardMarkup | None = None, *, asked: int | None = None) -> int:
    to = ReplyParameters(message_id=asked) if asked else None
    return room.send(SendMessage(chat_id=ANN, text=text, reply_markup=buttons, reply_parameters=to)).message_id


async def test_the_message_that_was_sent_is_found_and_known_from_then_on(
    job: Job, room: Room, calls: Delivery, parts: Parts
) -> None:
    message_id = send(room, f"Once{CURSOR}", keyboard(job))

    found = await Search(calls, parts).find(ANN, sought(job))

    assert found
    assert found.message_id == message_id
    assert await parts.message(job.reply_id, 0) == message_id


async def test_it_is_found_where_a_search_that_was_killed_had_given_it_another_keyboard(
    job: Job, room: Room, calls: Delivery, parts: Parts
) -> None:
    message_id = send(room, f"Once{CURSOR}", keyboard(job, "stop:99:0"), asked=job.message_id)

    found = await Search(calls, parts).find(ANN, sought(job))

    assert found
    assert found.message_id == message_id
    assert await parts.strays() == []


async def test_what_another_question_was_opened_with_is_not_taken_for_it(
    job: Job, room: Room, calls: Delivery, parts: Parts
) -> None:
    send(room, f"Of another{CURSOR}", keyboard(job, "stop:99:0"), asked=1_000)

    assert await Search(calls, parts).find(ANN, sought(job)) is None
    assert await parts.message(job.reply_id, 0) is None


async def test_no_stray_is_looked_for_while_a_lost_message_is(
    job: Job, room: Room, calls: Delivery, store: Store, session: Telegram, clock: FakeClock
) -> None:
    (lost,) = await store.parts.lost(ANN)
    await store.parts.stray(replace(lost, number=1), highest=9)
    message_id = send(room, f"Once{CURSOR}", keyboard(job))
    sweeping = asyncio.ensure_future(Strays(calls, store.parts, store.answers, store.signals, clock).run())

    for _ in range(10):
        await store.parts.of(0)  # what waits for the database goes on: it answers one after the other
        await clock.advance(1)

    assert session.made(EditMessageReplyMarkup) == []
    found = await Search(calls, store.parts).find(ANN, sought(job))
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert found
    assert found.message_id == message_id


async def test_a_notice_that_is_met_on_the_way_gets_its_looks_back(
    job: Job, room: Room, calls: Delivery, parts: Parts
) -> None:
    send(room, "A notice")
    message_id = send(room, f"Once{CURSOR}", keyboard(job))

    found = await Search(calls, parts).find(ANN, sought(job))

    assert found
    assert found.message_id == message_id
    assert room.buttons[0] is None


async def test_where_nothing_was_sent_few_calls_are_spent(
    job: Job, session: Telegram, room: Room, calls: Delivery, parts: Parts
) -> None:
    assert await Search(calls, parts).find(ANN, sought(job)) is None

    assert room.texts == []
    assert len(session.made(EditMessageReplyMarkup)) <= MAX_PROBES
    assert len(await parts.strays()) == 1


@pytest.mark.parametrize("lands_after_s", [0.0, LANDS_S - 1])
async def test_a_message_that_turns_up_after_the_search_is_taken_away(
    lands_after_s: float, job: Job, room: Room, calls: Delivery, store: Store, clock: FakeClock
) -> None:
    await Search(calls, store.parts).find(ANN, sought(job))
    answer = send(room, f"Opened anew{CURSOR}", keyboard(job, f"{stop(job.id, 0)}:anew"))
    await store.parts.opened(job.reply_id, 0, answer)
    sweeping = asyncio.ensure_future(Strays(calls, store.parts, store.answers, store.signals, clock).run())

    for tick in range(round(LANDS_S) + 60):
        if tick == lands_after_s:
            send(room, f"Once{CURSOR}", keyboard(job))
        await store.parts.of(0)  # what waits for the database goes on: it answers one after the other
        await clock.advance(1)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)

    assert room.texts == [f"Opened anew{CURSOR}"]
    assert await store.parts.strays() == []
