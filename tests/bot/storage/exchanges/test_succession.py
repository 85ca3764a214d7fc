"""What takes the place of an answer that came to nothing: no exchange is lost, and the buttons go on."""

import itertools

import pytest

from bot.storage.answers.ending import Ending
from bot.storage.chats import RETURN_S
from bot.storage.exchanges.jobs import Job
from bot.storage.questions.questions import Verdict
from bot.storage.tables import Chat, Outcome, State
from tests.bot.store import Store
from tests.clock import FakeClock

ANN = 11

_updates = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


@pytest.fixture
async def first(store: Store, chat: Chat) -> Job:
    """The first answer, whole on the screen."""
    await store.accept(chat, "one")
    first = await store.end()
    await store.show(first, 5)
    return first


async def press(store: Store, chat: Chat, answer_id: int) -> Verdict:
    """Press 🔄 under an answer."""
    return await store.versions.anew(next(_updates), chat.id, user_id=ANN, answer_id=answer_id)


async def break_off(store: Store) -> Job:
    """Have the next answer break off in mid-text, in place of the former."""
    job = await store.begun()
    await store.replies.overwrite(job.reply_id)
    ending = Ending(Outcome.FAILED, None, "Half of", note="⚠️")
    made = await store.answers.ended(job, ending)
    assert made
    await store.replies.stands(made)
    return made


async def later(store: Store, chat: Chat) -> list[tuple[str, str]]:
    """Return what a later question is sent with."""
    return await store.history(await store.ask(chat, "two"))


ONE = [("user", "one"), ("assistant", "Hi."), ("user", "two")]


async def test_an_answer_that_broke_off_in_place_of_another_can_be_asked_again(
    store: Store, chat: Chat, first: Job
) -> None:
    await press(store, chat, first.id)
    broken = await break_off(store)

    assert await press(store, chat, broken.id) is Verdict.ACCEPTED
    await store.end(text="Hey.")

    history = await later(store, chat)
    assert history == [("user", "one"), ("assistant", "Hey."), ("user", "two")]


async def test_a_repetition_of_its_own_that_failed_can_be_asked_again(store: Store, chat: Chat, first: Job) -> None:
    await store.again(chat)
    failed = await store.end(Outcome.FAILED, None)
    await store.show(failed, 6)

    assert await press(store, chat, failed.id) is Verdict.ACCEPTED
    await store.end(text="Hey.")

    assert await later(store, chat) == [("user", "one"), ("assistant", "Hey."), ("user", "two")]


async def test_an_answer_that_a_later_one_replaced_is_not_asked_again(store: Store, chat: Chat, first: Job) -> None:
    await store.again(chat)
    await store.end()

    assert await press(store, chat, first.id) is Verdict.STALE


async def test_a_button_that_names_a_repetition_of_which_nothing_came_asks_again(
    store: Store, chat: Chat, first: Job
) -> None:
    await press(store, chat, first.id)
    failed = await store.begun()
    await store.replies.stands(await store.made(failed, Outcome.FAILED, None))

    assert await press(store, chat, failed.id) is Verdict.ACCEPTED


async def test_a_text_that_broke_off_stays_where_nothing_comes_in_its_place(
    store: Store, chat: Chat, first: Job
) -> None:
    await press(store, chat, first.id)
    broken = await break_off(store)
    await press(store, chat, broken.id)

    made = await store.made(await store.begun(), Outcome.FAILED, None)

    assert (made.id, made.shown, made.note) == (broken.id, "Half of", "⚠️")


async def test_the_only_text_stays_where_it_broke_off_and_nothing_comes_in_its_place(store: Store, chat: Chat) -> None:
    await store.accept(chat, "one")
    broken = await break_off(store)
    await press(store, chat, broken.id)

    made = await store.made(await store.begun(), Outcome.FAILED, None)

    assert (made.id, made.shown) == (broken.id, "Half of")


async def test_a_repetition_that_waits_in_a_chat_that_is_gone_takes_no_exchange_along(
    store: Store, chat: Chat, first: Job, clock: FakeClock
) -> None:
    await press(store, chat, first.id)
    await clock.advance(RETURN_S + 1)
    await store.chats.set_gone(7, gone=True)
    await store.chats.set_gone(7, gone=False)

    assert await press(store, chat, first.id) is Verdict.ACCEPTED
    await store.stop(chat)
    assert await later(store, chat) == ONE


async def test_a_repetition_that_a_gone_chat_ended_at_a_restart_takes_no_exchange_along(
    store: Store, chat: Chat, first: Job, clock: FakeClock
) -> None:
    await press(store, chat, first.id)
    await store.begun()
    await clock.advance(RETURN_S + 1)
    await store.chats.set_gone(7, gone=True)
    await store.backlog.recover()

    assert await later(store, chat) == ONE


@pytest.mark.parametrize("overwritten", [False, True])
async def test_a_repetition_that_cannot_be_shown_takes_no_exchange_along(
    store: Store, chat: Chat, first: Job, overwritten: bool
) -> None:
    await press(store, chat, first.id)
    job = await store.begun()
    if overwritten:
        await store.replies.overwrite(job.reply_id)
    await store.replies.give_up(await store.made(job, text="Hey."), Outcome.UNDELIVERABLE)

    assert await later(store, chat) == ONE


async def test_a_former_answer_that_cannot_be_shown_once_more_was_said_all_the_same(
    store: Store, chat: Chat, first: Job
) -> None:
    await press(store, chat, first.id)
    made = await store.made(await store.begun(), Outcome.FAILED, None)
    assert made.id == first.id

    await store.replies.give_up(made, Outcome.UNDELIVERABLE)

    assert await later(store, chat) == ONE


async def test_a_former_answer_is_not_asked_for_again_in_a_busy_supergroup(
    store: Store, chat: Chat, first: Job
) -> None:
    await press(store, chat, first.id)
    made = await store.made(await store.begun(), Outcome.FAILED, None)
    supergroup = await store.chats.get(-8, provider="alpha")
    await store.ask(supergroup, "zero")

    await store.chats.migrate(chat.telegram_id, -8)

    former = await store.answers.get(made.id)
    assert former
    assert (former.state, former.shown) == (State.DONE, "Hi.")


@pytest.fixture
async def branches(store: Store, chat: Chat, first: Job) -> Job:
    """Two that go on from the first answer: one was answered, the other is being answered."""
    await store.accept(chat, "one way")
    way = await store.end(text="That way.")
    await store.show(way, 8)
    await store.accept(chat, "another way", replied=5)
    return way


@pytest.mark.parametrize("outcome", [Outcome.STOPPED, Outcome.FAILED])
async def test_a_branch_of_which_nothing_came_does_not_go_on_from_its_sister(
    store: Store, chat: Chat, branches: Job, outcome: Outcome
) -> None:
    await store.end(outcome, None)

    assert await later(store, chat) == [("user", "one"), ("assistant", "Hi."), ("user", "two")]


async def test_a_branch_that_is_dropped_does_not_go_on_from_its_sister(store: Store, chat: Chat, branches: Job) -> None:
    await store.stop(chat)

    assert await later(store, chat) == [("user", "one"), ("assistant", "Hi."), ("user", "two")]
