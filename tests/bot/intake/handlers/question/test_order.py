"""The buttons that give more of an answer than its text: who may, and what is stale or forged."""

import pytest

from bot.storage.answers.ending import Ending
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Outcome
from bot.texts.en import EN
from providers.blocks import Text
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, said, shown


async def answered(door: Door, chat: Raw | None = None) -> Job:
    await door.knock(said("@DeltaBot Hello" if chat else "Hello", chat=chat))
    job = await door.store.begun()
    offered = [("📄 answer.md", f"file:{job.id}:0")]
    made = await door.store.answers.ended(job, Ending(Outcome.ANSWERED, (Text("Hi."),), offered=offered))
    assert made
    await door.store.replies.stands(made)
    return job


async def test_a_press_is_kept_until_it_was_served(door: Door) -> None:
    job = await answered(door)

    assert await door.toast(pressed(f"file:{job.id}:0")) == EN.order_begun
    assert await door.toast(pressed(f"file:{job.id}:0")) == EN.order_waiting
    (order,) = await door.store.orders.begin(())
    assert (order.answer_id, order.data, order.user_id) == (job.id, f"file:{job.id}:0", ANN["id"])
    assert await door.store.orders.begin([order.id]) == []

    await door.store.orders.done(order.id, sent=(11, 500))
    assert await door.store.orders.begin(()) == []
    assert await door.toast(pressed(f"file:{job.id}:0")) == EN.order_begun


async def test_a_press_that_comes_twice_is_taken_once(door: Door) -> None:
    job = await answered(door)
    press = pressed(f"file:{job.id}:0")
    await door.knock(press)
    (order,) = await door.store.orders.begin(())
    await door.store.orders.done(order.id)

    await door.knock(press)

    assert await door.store.orders.begin(()) == []


@pytest.mark.parametrize("data", ["file:1:1", "file:999:0", "file:1:00", "file:1:99"])
async def test_what_was_never_offered_cannot_be_had(door: Door, data: str) -> None:
    await answered(door)

    assert await door.toast(pressed(data)) == EN.button_too_old


async def test_nothing_of_another_chats_answer_can_be_had(door: Door) -> None:
    job = await answered(door)
    await door.knock(said("Mine", person=BOB))

    assert await door.toast(pressed(f"file:{job.id}:0", person=BOB)) == EN.button_too_old


async def test_nothing_of_a_deleted_conversation_can_be_had(door: Door) -> None:
    job = await answered(door)
    await door.toast(pressed(f"file:{job.id}:0"))
    await door.store.conversations.delete(1)

    assert await door.toast(pressed(f"file:{job.id}:0")) == EN.button_too_old
    while await door.store.purge.step():
        pass
    assert await door.store.orders.begin(()) == []


async def test_in_a_group_only_who_asked_and_admins_have_it_made(door: Door) -> None:
    door.group_admins = [OLGA]
    job = await answered(door, GROUP)
    under = shown(chat=GROUP)

    assert await door.toast(pressed(f"file:{job.id}:0", person=BOB, under=under)) == EN.group_asker_only
    assert await door.toast(pressed(f"file:{job.id}:0", person=OLGA, under=under)) is not None
    assert len(await door.store.orders.begin(())) == 1
