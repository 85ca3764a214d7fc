"""/retry and the 🔄 button: the last prompt is answered again."""

import pytest
from aiogram.methods import SendMessage

from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Outcome, State
from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import ANN, GROUP, pressed, private, said, shown
from tests.clock import FakeClock


async def end(door: Door, outcome: Outcome, answer: str | None) -> Job:
    """Bring the waiting answer to its end."""
    job = await door.store.begin()
    assert job
    await door.store.made(job, outcome, answer)
    await door.store.replies.stands(job)
    return job


async def answer(door: Door, prompt: str, text: str | None = "Hi.", outcome: Outcome = Outcome.ANSWERED) -> Job:
    await door.knock(said(prompt))
    return await end(door, outcome, text)


@pytest.mark.parametrize("command", ["/retry", "/resend", "/redo", "/regenerate"])
async def test_the_last_prompt_is_queued_again_in_a_new_reply(door: Door, command: str) -> None:
    first = await answer(door, "Hello")

    assert await door.knock(said(command)) == []

    again = (await door.queue())[-1]
    assert (again.state, again.former, again.message_id) == (State.QUEUED, None, first.message_id)
    assert again.reply_id != first.reply_id
    assert await door.asked() == ["Hello", "Hello"]
    assert await door.store.history(again) == [("user", "Hello")]


async def test_the_button_gives_the_new_answer_in_the_same_message(door: Door, clock: FakeClock) -> None:
    first = await answer(door, "Hello")
    await door.store.show(first, 5)

    message = {**shown(chat=private(ANN)), "message_id": 5}
    assert await door.toast(pressed(f"retry:{first.id}", under=message)) is None

    again = (await door.queue())[-1]
    assert (again.reply_id, again.former) == (first.reply_id, first.id)


async def test_only_the_last_answer_can_be_given_anew(door: Door) -> None:
    first = await answer(door, "one")
    await answer(door, "two")

    assert await door.toast(pressed(f"retry:{first.id}")) == EN.retry_stale
    assert len(await door.queue()) == 2


async def test_with_nothing_said_there_is_nothing_to_answer_again(door: Door) -> None:
    assert await door.told(said("/retry")) == [EN.nothing_to_retry]


async def test_after_new_there_is_nothing_to_answer_again(door: Door) -> None:
    await answer(door, "Hello")
    await door.knock(said("/new"))

    assert await door.told(said("/retry")) == [EN.nothing_to_retry]


async def test_an_answer_under_way_comes_to_its_end_first(door: Door) -> None:
    await door.knock(said("Hello"))

    assert await door.told(said("/retry")) == [EN.retry_busy]
    assert len(await door.queue()) == 1


async def test_a_press_twice_asks_once(door: Door) -> None:
    first = await answer(door, "Hello")

    await door.knock(pressed(f"retry:{first.id}"))
    assert await door.toast(pressed(f"retry:{first.id}")) == EN.retry_stale
    assert len(await door.queue()) == 2


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.STOPPED])
async def test_a_retry_that_came_to_nothing_leaves_the_answer_before_it_in_the_history(
    door: Door, outcome: Outcome
) -> None:
    await answer(door, "Hello", "Hi.")
    await door.knock(said("/retry"))
    await end(door, outcome, None)

    await door.knock(said("And?"))

    job = (await door.queue())[-1]
    assert await door.store.history(job) == [("user", "Hello"), ("assistant", "Hi."), ("user", "And?")]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.STOPPED])
async def test_a_retry_after_one_that_came_to_nothing_replaces_the_answer_once(door: Door, outcome: Outcome) -> None:
    await answer(door, "Hello", "Hi.")
    await door.knock(said("/retry"))
    await end(door, outcome, None)
    await door.knock(said("/retry"))
    await end(door, Outcome.ANSWERED, "Hey.")

    await door.knock(said("And?"))

    job = (await door.queue())[-1]
    assert await door.store.history(job) == [("user", "Hello"), ("assistant", "Hey."), ("user", "And?")]


async def test_other_words_are_asked_in_place_of_the_last_ones(door: Door) -> None:
    first = await answer(door, "Hello")
    command = said("/retry Good morning")
    await door.knock(command)

    again = await end(door, Outcome.ANSWERED, "Morning.")

    assert again.message_id == command["message"]["message_id"]
    assert again.reply_id != first.reply_id
    await door.knock(said("and now?"))
    assert await door.store.history((await door.queue())[-1]) == [
        ("user", "Good morning"),
        ("assistant", "Morning."),
        ("user", "and now?"),
    ]


async def test_what_was_not_read_of_a_question_is_said_again_with_its_next_answer(door: Door) -> None:
    await door.knock(said(caption="Hello", sticker={"file_id": "strange"}))
    await end(door, Outcome.ANSWERED, "Hi.")
    await door.knock(said("/retry"))
    await door.knock(said("/stop"))

    first, again = await door.queue()

    assert first.unread == again.unread == EN.only_words.format(what=EN.kind_other)


@pytest.mark.parametrize("before", [[], ["Hello", "/new"], ["Hello", "/new", "/retry"]])
async def test_other_words_are_a_question_where_none_was_asked_before(door: Door, before: list[str]) -> None:
    for text in before:
        await door.knock(said(text))

    command = said("/retry Good morning")
    assert await door.knock(command) == []
    assert await door.knock(command) == []  # as it comes again after a kill

    assert await door.asked() == [*before[:1], "Good morning"]
    assert (await door.queue())[-1].message_id == command["message"]["message_id"]


async def test_in_a_group_they_say_who_asks(door: Door) -> None:
    await door.knock(said("/retry@DeltaBot Good morning", chat=GROUP))

    assert await door.asked() == ["Ann: Good morning"]


async def test_other_words_that_are_not_taken_are_told_under_the_words(door: Door) -> None:
    await door.knock(said("Hello"))
    command = said("/retry Good morning")

    (told,) = await door.knock(command)

    assert isinstance(told, SendMessage)
    assert told.text == EN.retry_not_taken
    assert told.reply_parameters
    assert told.reply_parameters.message_id == command["message"]["message_id"]
    assert await door.asked() == ["Hello"]
