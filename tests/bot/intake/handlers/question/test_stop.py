"""/stop and the Stop button."""

import pytest
from aiogram.methods import AnswerCallbackQuery, DeleteMessage

from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Outcome, State
from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, Raw, pressed, private, said, shown, update
from tests.clock import FakeClock


async def begin(door: Door, prompt: str = "Hello", *, chat: Raw | None = None) -> Job:
    await door.knock(said(prompt, chat=chat))
    job = await door.store.begin()
    assert job
    return job


async def reply(door: Door, clock: FakeClock, job: Job, *, chat: Raw | None = None) -> Raw:
    """Return the message that shows an answer."""
    message = shown(chat=chat or private(ANN))
    await door.store.show(job, message["message_id"])
    return message


@pytest.mark.parametrize("command", ["/stop", "/cancel", "/abort"])
async def test_an_answer_under_way_is_stopped_without_words(door: Door, command: str) -> None:
    job = await begin(door)

    assert await door.knock(said(command)) == []

    assert await door.store.backlog.stopping() == [job.id]


async def test_waiting_messages_are_dropped_and_counted(door: Door) -> None:
    job = await begin(door)
    await door.knock(said("two"))
    await door.knock(said("three"))

    assert await door.told(said("/stop")) == ["2 waiting messages were dropped."]

    assert await door.store.backlog.stopping() == [job.id]
    assert [(one.state, one.outcome) for one in await door.queue()] == [
        (State.GENERATING, None),
        (State.DONE, Outcome.STOPPED),
        (State.DONE, Outcome.STOPPED),
    ]


async def test_in_a_group_only_what_its_sender_asked_is_stopped_and_dropped(door: Door) -> None:
    await door.knock(said("@DeltaBot one", person=BOB, chat=GROUP))
    await door.store.begin()
    await door.knock(said("@DeltaBot two", person=ANN, chat=GROUP))
    await door.knock(said("@DeltaBot three", person=BOB, chat=GROUP))

    assert await door.told(said("/stop", person=ANN, chat=GROUP)) == ["1 waiting message was dropped."]
    assert await door.told(said("/stop", person=ANN, chat=GROUP)) == [EN.nothing_of_yours]

    assert await door.store.backlog.stopping() == []
    assert [one.state for one in await door.queue()] == [State.GENERATING, State.DONE, State.QUEUED]


async def test_in_a_group_its_sender_s_answer_is_stopped_without_words(door: Door) -> None:
    await door.knock(said("@DeltaBot one", person=BOB, chat=GROUP))
    job = await door.store.begin()
    assert job
    await door.knock(said("@DeltaBot two", person=ANN, chat=GROUP))

    assert await door.knock(said("/stop", person=BOB, chat=GROUP)) == []

    assert await door.store.backlog.stopping() == [job.id]
    assert [one.state for one in await door.queue()] == [State.GENERATING, State.QUEUED]


@pytest.mark.parametrize("chat", [None, GROUP])
async def test_the_button_stops_its_answer_and_drops_nothing(door: Door, clock: FakeClock, chat: Raw | None) -> None:
    words = "Hello" if chat is None else "@DeltaBot hello"
    job = await begin(door, words, chat=chat)
    message = await reply(door, clock, job, chat=chat)
    await door.knock(said(words, chat=chat))

    assert await door.toast(pressed(f"stop:{job.id}:0", under=message)) == EN.stopped

    assert await door.store.backlog.stopping() == [job.id]
    assert [one.state for one in await door.queue()] == [State.GENERATING, State.QUEUED]


async def test_a_draft_that_is_stopped_drops_nothing(door: Door) -> None:
    job = await begin(door)
    await door.knock(said("two"))

    await door.knock(update(stopped_message_generation={"chat": private(ANN), "draft_id": str(job.id)}))

    assert [one.state for one in await door.queue()] == [State.GENERATING, State.QUEUED]


async def test_with_nothing_under_way_it_says_so(door: Door) -> None:
    assert await door.told(said("/stop")) == [EN.nothing_to_stop]


async def test_a_complete_answer_is_not_stopped(door: Door) -> None:
    job = await begin(door)
    await door.store.made(job, text="Hi.")

    assert await door.told(said("/stop")) == [EN.nothing_to_stop]
    assert await door.store.backlog.stopping() == []


async def test_an_answer_that_a_crash_interrupted_is_stopped_not_dropped(door: Door) -> None:
    job = await begin(door)
    await door.store.backlog.recover()

    assert await door.knock(said("/stop")) == []

    again = await door.store.begin()
    assert again
    assert (again.id, again.stop) == (job.id, True)


async def test_the_button_stops_the_answer_above_it(door: Door, clock: FakeClock) -> None:
    job = await begin(door)
    message = await reply(door, clock, job)

    assert await door.toast(pressed(f"stop:{job.id}:0", under=message)) == EN.stopped
    assert await door.store.backlog.stopping() == [job.id]


async def test_the_button_of_a_resumed_answer_works_too(door: Door, clock: FakeClock) -> None:
    job = await begin(door)
    message = await reply(door, clock, job)

    await door.knock(pressed(f"stop:{job.id}:0:2", under=message))

    assert await door.store.backlog.stopping() == [job.id]


async def test_the_button_of_an_earlier_answer_stops_nothing(door: Door, clock: FakeClock) -> None:
    first = await begin(door)
    message = await reply(door, clock, first)
    await door.store.made(first, text="Hi.")
    await door.store.replies.stands(first)
    await begin(door, "two")

    assert await door.toast(pressed(f"stop:{first.id}:0", under=message)) == EN.nothing_to_stop
    assert await door.store.backlog.stopping() == []


async def test_a_press_before_the_message_is_known_stops_and_makes_it_known(door: Door, clock: FakeClock) -> None:
    job = await begin(door)
    parts = door.store.parts
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=0)
    message = shown(chat=private(ANN))

    assert await door.toast(pressed(f"stop:{job.id}:0", under=message)) == EN.stopped

    assert await door.store.backlog.stopping() == [job.id]
    assert [part.message_id for part in await parts.of(job.reply_id)] == [message["message_id"]]


async def test_a_piece_that_a_crash_left_is_taken_away(door: Door, clock: FakeClock) -> None:
    job = await begin(door)
    await reply(door, clock, job)
    lost = shown(chat=private(ANN))

    toast, deletion = await door.knock(pressed(f"stop:{job.id}:0", under=lost))

    assert isinstance(toast, AnswerCallbackQuery)
    assert deletion == DeleteMessage(chat_id=ANN["id"], message_id=lost["message_id"])
    assert await door.store.backlog.stopping() == []


async def test_an_answer_that_is_given_anew_is_not_taken_for_a_piece(door: Door, clock: FakeClock) -> None:
    first = await begin(door)
    message = await reply(door, clock, first)
    await door.store.made(first, text="Hi.")
    await door.store.replies.stands(first)
    await door.knock(pressed(f"retry:{first.id}", under=message))

    methods = await door.knock(pressed(f"stop:{first.id}:0", under=message))

    assert [type(method) for method in methods] == [AnswerCallbackQuery]


async def test_a_native_draft_that_is_stopped_stops_its_answer(door: Door) -> None:
    job = await begin(door)
    for draft, stopping in ((job.id + 1, []), (job.id, [job.id])):
        stopped = {"chat": private(ANN), "draft_id": str(draft)}
        assert await door.knock(update(stopped_message_generation=stopped)) == []
        assert await door.store.backlog.stopping() == stopping


@pytest.mark.parametrize("data", ["stop:1", "stop:x:0", "stop:1:0:", "stop:99999999999999999999:0", "stop:1:0:1:1"])
async def test_data_of_another_form_is_answered_and_does_nothing(door: Door, data: str) -> None:
    await begin(door)

    assert await door.toast(pressed(data)) == EN.button_too_old
    assert await door.store.backlog.stopping() == []


async def test_a_replayed_stop_does_not_stop_the_next_answer(door: Door) -> None:
    first = await begin(door)
    stop = said("/stop")
    await door.knock(stop)
    await door.store.made(first, Outcome.STOPPED, None)
    await door.store.replies.stands(first)
    await begin(door, "two")

    await door.knock(stop)

    assert await door.store.backlog.stopping() == []
