"""Parts: on which messages an edit may still land that had no answer."""

from bot.storage.answers.parts import Late, Parts
from bot.storage.engine.database import Sessions
from bot.storage.exchanges.jobs import Job
from bot.storage.signals import Signals
from tests.bot.store import Store
from tests.clock import FakeClock

ANN = 7


async def shown(store: Store, message_id: int, *, telegram_id: int = ANN) -> Job:
    """Return an answer under way whose first part stands in a message."""
    chat = await store.chats.get(telegram_id, provider="alpha")
    await store.accept(chat, message_id=message_id - 1, user_id=ANN)
    job = await store.begun()
    await store.show(job, message_id)
    return job


async def end(store: Store, job: Job) -> None:
    await store.replies.stands(await store.made(job))


async def test_an_edit_without_an_answer_is_remembered_of_its_message_alone(store: Store, clock: FakeClock) -> None:
    here = await shown(store, 20)
    await shown(store, 40, telegram_id=8)

    for telegram_id, message_id in ((ANN, 20), (ANN, 40), (ANN, 99)):
        await store.parts.unanswered(telegram_id, message_id)

    assert await store.parts.late() == [Late(here.reply_id, 0, ANN, 20, clock.wall())]
    assert store.signals.late.is_set()


async def test_after_a_death_edits_may_land_on_what_was_under_way(store: Store, clock: FakeClock) -> None:
    await end(store, await shown(store, 20))
    second = await shown(store, 40)

    await store.parts.died()

    assert await store.parts.late() == [Late(second.reply_id, 0, ANN, 40, clock.wall())]


async def test_what_was_noted_by_a_clock_that_was_ahead_counts_from_now(
    store: Store, db: Sessions, clock: FakeClock
) -> None:
    job = await shown(store, 20)
    await Parts(db, FakeClock(wall=clock.wall() + 86_400), Signals()).unanswered(ANN, 20)
    await end(store, job)

    await store.parts.died()

    assert await store.parts.late() == [Late(job.reply_id, 0, ANN, 20, clock.wall())]


async def test_a_part_is_settled_unless_another_edit_had_no_answer_since(store: Store, clock: FakeClock) -> None:
    await shown(store, 20)
    await store.parts.unanswered(ANN, 20)
    (first,) = await store.parts.late()
    await clock.advance(1)
    await store.parts.unanswered(ANN, 20)

    await store.parts.settle(first)
    (second,) = await store.parts.late()
    await store.parts.settle(second)

    assert second.since == first.since + 1
    assert await store.parts.late() == []


async def test_only_the_last_answer_shown_is_the_last_one(store: Store) -> None:
    first = await shown(store, 20)
    await end(store, first)
    assert await store.replies.is_last(first.reply_id)

    second = await shown(store, 40)

    assert not await store.replies.is_last(first.reply_id)
    assert await store.replies.is_last(second.reply_id)
