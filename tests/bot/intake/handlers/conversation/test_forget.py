"""/forget: all of a chat is deleted, and nothing else."""

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from bot.storage.tables import State
from bot.texts.en import EN
from tests.bot.door import Door, buttons, data
from tests.bot.intake.handlers.talks import talk, titles
from tests.bot.raw import ANN, BOB, GROUP, Raw, pressed, said, shown
from tests.clock import FakeClock


async def confirmation(door: Door) -> str:
    (asked,) = await door.knock(said("/forget"))
    yes, no = buttons(asked)
    assert (yes.text, no.callback_data) == (EN.forget_button, "forget-not")
    return yes.callback_data or ""


async def test_all_is_deleted_once_it_is_confirmed(door: Door) -> None:
    await talk(door, "Dogs?")
    await door.knock(said("/new"))
    await talk(door, "Cats?")
    await talk(door, "Bob's", person=BOB)
    yes = await confirmation(door)
    assert len(await titles(door)) == 3

    toast, edit = await door.knock(pressed(yes))

    assert isinstance(toast, AnswerCallbackQuery)
    assert toast.text == EN.deleted
    assert isinstance(edit, EditMessageText)
    assert edit.text == EN.forgotten
    assert await titles(door) == ["Bob's"]
    assert await door.told(said("/history")) == [EN.history_empty]
    assert await door.told(said("/find dogs")) == [EN.found_nothing.format(words="dogs")]
    assert await door.told(said("/retry")) == [EN.nothing_to_retry]
    assert await door.told(said("/export")) == [EN.export_nothing]
    assert await door.told(said("/title x")) == [EN.title_nothing]


async def test_it_says_what_stays(door: Door) -> None:
    await talk(door, "Dogs?")

    (asked,) = await door.knock(said("/forget"))

    assert isinstance(asked, SendMessage)
    assert asked.text == EN.forget_sure.format(count=1)
    assert "There is 1, and I cannot bring it back." in asked.text


async def test_what_comes_afterwards_is_a_new_conversation(door: Door) -> None:
    await talk(door, "Dogs?")
    await door.knock(pressed(await confirmation(door)))

    await door.knock(said("Cats?"))

    assert await door.store.history(await door.store.begun()) == [("user", "Cats?")]
    assert await titles(door) == ["Cats?"]


async def test_what_is_under_way_is_stopped_and_what_waits_dropped(door: Door) -> None:
    await door.knock(said("one"))
    running = await door.store.begun()
    await door.knock(said("two"))

    _, edit = await door.knock(pressed(await confirmation(door)))

    assert isinstance(edit, EditMessageText)
    assert (edit.text or "").endswith(EN.dropped.format(count=1))
    first, second = await door.queue()
    assert (first.id, first.state, first.stop) == (running.id, State.GENERATING, True)
    assert second.state is State.DONE


async def test_cancel_deletes_nothing(door: Door) -> None:
    await talk(door, "Dogs?")

    _, edit = await door.knock(pressed("forget-not"))

    assert isinstance(edit, EditMessageText)
    assert edit.text == EN.forget_cancelled
    assert await titles(door) == ["Dogs?"]


async def test_an_old_button_deletes_nothing(door: Door, clock: FakeClock) -> None:
    await talk(door, "Dogs?")
    yes = await confirmation(door)
    await clock.advance(601)

    assert await door.toast(pressed(yes)) == EN.forget_old
    assert await titles(door) == ["Dogs?"]


@pytest.mark.parametrize("forged", ["forget:", "forget:yes", "forget:0", "forget:999999999999", "forget"])
async def test_a_forged_button_deletes_nothing(door: Door, forged: str) -> None:
    await talk(door, "Dogs?")

    assert await door.toast(pressed(forged)) in (EN.button_too_old, EN.forget_old)
    assert await titles(door) == ["Dogs?"]


async def test_a_second_press_finds_nothing_left(door: Door) -> None:
    await talk(door, "Dogs?")
    yes = await confirmation(door)

    assert await door.toast(pressed(yes)) == EN.deleted
    again, edit = await door.knock(pressed(yes))
    assert isinstance(again, AnswerCallbackQuery)
    assert again.text == EN.forget_nothing
    assert isinstance(edit, EditMessageText)
    assert edit.text == EN.forgotten  # it may be the same press, taken again after a kill


async def test_with_nothing_there_nothing_is_asked(door: Door) -> None:
    assert await door.told(said("/forget")) == [EN.forget_nothing]


async def test_in_a_group_only_its_admins_may_by_command_and_by_button(door: Door) -> None:
    await talk(door, "@DeltaBot dogs?", chat=GROUP)
    door.group_admins = [ANN]
    assert await door.told(said("/forget@DeltaBot", person=BOB, chat=GROUP)) == [EN.group_admins_only]

    (asked,) = await door.knock(said("/forget@DeltaBot", chat=GROUP))
    yes = data(asked)[0] or ""

    assert isinstance(asked, SendMessage)
    assert asked.text == EN.forget_sure_group.format(count=1)
    assert await door.toast(pressed(yes, person=BOB, under=shown(chat=GROUP))) == EN.group_admins_only
    assert await titles(door) == ["Ann: dogs?"]
    assert await door.toast(pressed(yes, under=shown(chat=GROUP))) == EN.deleted
    assert await titles(door) == []


async def test_a_topic_forgets_its_own_conversations(door: Door) -> None:
    forum = {**GROUP, "is_forum": True}
    topic: Raw = {"message_thread_id": 7, "is_topic_message": True}
    await talk(door, "@DeltaBot dogs?", chat=forum)
    await door.knock(said("@DeltaBot cats?", chat=forum, **topic))
    await door.store.end()
    door.group_admins = [ANN]
    (asked,) = await door.knock(said("/forget@DeltaBot", chat=forum, **topic))

    _, told = await door.knock(pressed(data(asked)[0] or "", under=shown(chat=forum, **topic)))

    assert await titles(door) == ["Ann: dogs?"]
    for said_of_it in (asked, told):
        assert EN.forget_topic in (getattr(said_of_it, "text", None) or "")
