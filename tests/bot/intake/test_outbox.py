"""What is said about updates: all of it, or one notice that says what is not."""

from aiogram.methods import SendMessage

from bot.storage.questions.limits import MAX_WAITING
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import OLGA, pressed, said
from tests.clock import FakeClock

A_MONTH_S = 30 * 86_400.0


async def test_what_finds_no_room_is_told_once_until_there_is_room_again(door: Door) -> None:
    door.outbox.room = False
    told = [await door.told(said(command)) for command in ("/new", "/help", "/model")]
    others = await door.told(said("/new", person=OLGA))
    door.outbox.room = True
    after = await door.told(said("/new"))
    door.outbox.room = False
    again = await door.told(said("/new"))

    assert told == [[EN.too_much], [], []]
    assert others == [RU.too_much]
    assert after == [EN.new]
    assert again == [EN.too_much]


async def test_answers_that_are_stored_together_find_as_much_room_as_one_by_one(door: Door) -> None:
    door.outbox.places = 2
    await door.intake.receive(*[said(f"/nonsense{number}") for number in range(5)], said("/nonsense", person=OLGA))

    texts = [method.text for method in door.outbox.methods if isinstance(method, SendMessage)]
    unknown = [EN.unknown_command.format(command=f"/nonsense{number}") for number in range(2)]
    assert texts == [*unknown, EN.too_much, RU.unknown_command.format(command="/nonsense")]


async def test_equal_answers_take_the_room_of_one(door: Door) -> None:
    door.outbox.places = 2
    await door.intake.receive(*[said("/stop") for _ in range(5)])

    texts = [method.text for method in door.outbox.methods if isinstance(method, SendMessage)]
    assert texts == [EN.nothing_to_stop] * 5


async def test_that_too_much_is_asked_is_said_in_place_of_busy_too(door: Door) -> None:
    await door.intake.receive(*[said(f"Question {number}") for number in range(MAX_WAITING)])
    door.outbox.room = False

    assert await door.told(said("One too much")) == [EN.too_much]
    assert await door.told(said("/help")) == []


async def test_a_question_is_taken_and_a_press_answered_though_there_is_no_room(door: Door) -> None:
    door.outbox.room = False

    assert await door.knock(said("Hello")) == []
    assert await door.asked() == ["Hello"]
    await door.toast(pressed("nothing of ours"))  # there is exactly one


async def test_the_update_of_what_was_not_said_is_taken(door: Door) -> None:
    door.outbox.room = False
    await door.knock(said("/help"))
    update = said("/help")

    assert await door.knock(update) == []
    assert await door.updates.known(update["update_id"])


async def test_what_a_former_process_left_is_said_however_old(door: Door, clock: FakeClock) -> None:
    await door.knock(said("/new"))
    (key,) = await door.notices.waiting()
    door.outbox.methods.clear()

    await clock.advance(A_MONTH_S)
    await door.saying.recall()

    (method,) = door.outbox.methods
    assert isinstance(method, SendMessage)
    assert (method.text, door.outbox.keys[-1]) == (EN.new, key)
