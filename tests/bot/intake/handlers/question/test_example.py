"""The examples under /start: a press asks what stands on the button."""

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageReplyMarkup, SendMessage
from sqlalchemy import select

from bot.settings import Settings
from bot.storage.tables import Message
from bot.texts.de import DE
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, message, pressed, private, said, shown

EXPLAIN = "example:en:explain"


def under(person: Raw = ANN) -> Raw:
    return shown(chat=private(person))


async def test_a_press_asks_what_stands_on_the_button_in_reply_to_its_message(door: Door) -> None:
    start = under()

    toast, edit = await door.knock(pressed(EXPLAIN, under=start))

    assert isinstance(toast, AnswerCallbackQuery)
    assert toast.text is None
    assert isinstance(edit, EditMessageReplyMarkup)
    assert await door.asked() == [EN.example_explain]
    (job,) = await door.queue()
    async with door.db() as session:
        assert list(await session.scalars(select(Message.message_id))) == [start["message_id"]]
    assert job.language == "en"


async def test_two_presses_ask_once_whichever_button_they_are_on(door: Door) -> None:
    start = under()
    await door.knock(pressed(EXPLAIN, under=start))

    assert await door.toast(pressed(EXPLAIN, under=start)) == EN.example_asked
    assert await door.toast(pressed("example:en:plan", under=start)) == EN.example_asked
    assert await door.asked() == [EN.example_explain]


async def test_presses_that_come_together_ask_once(door: Door) -> None:
    start = under()
    presses = [pressed(data, under=start) for data in (EXPLAIN, EXPLAIN, "example:en:plan")]

    await door.intake.receive(*presses)

    assert await door.asked() == [EN.example_explain]
    told = [method.text for method in door.outbox.methods if isinstance(method, AnswerCallbackQuery)]
    assert told == [None, EN.example_asked, EN.example_asked]


async def test_the_examples_of_another_start_ask_anew(door: Door) -> None:
    await door.knock(pressed(EXPLAIN, under=under()))
    await door.knock(pressed("example:en:plan", under=under()))

    assert await door.asked() == [EN.example_explain, EN.example_plan]


@pytest.mark.parametrize(
    ("data", "asked"), [("example:ru:cost", RU.example_cost), ("example:de:what", DE.example_what)]
)
async def test_what_is_asked_is_in_the_language_of_the_button(door: Door, data: str, asked: str) -> None:
    await door.knock(pressed(data, under=under()))

    assert await door.asked() == [asked]


@pytest.mark.parametrize(
    "data", ["example:", "example:xx:explain", "example:en:nothing", "example:en:", "example:en:a:b"]
)
async def test_a_forged_button_asks_nothing(door: Door, data: str) -> None:
    assert await door.toast(pressed(data, under=under())) == EN.button_too_old
    assert await door.asked() == []


async def test_another_person_and_a_group_ask_nothing_by_it(door: Door) -> None:
    assert await door.toast(pressed(EXPLAIN, person=BOB, under=under(ANN))) == EN.not_your_button
    assert await door.toast(pressed(EXPLAIN, under=shown(chat=GROUP))) == EN.button_too_old
    assert await door.toast(pressed(EXPLAIN, under=message("x", person=OLGA, chat=private(ANN)))) == EN.not_your_button
    assert await door.asked() == []


async def test_a_press_that_comes_again_after_a_crash_asks_once(door: Door) -> None:
    press = pressed(EXPLAIN, under=under())
    await door.knock(press)

    assert await door.knock(press) == []
    assert await door.asked() == [EN.example_explain]


async def test_what_is_written_next_is_a_question_of_its_own(door: Door) -> None:
    await door.knock(pressed(EXPLAIN, under=under()))
    await door.knock(said("And white ones?"))

    assert await door.asked() == [EN.example_explain, "And white ones?"]


async def test_beyond_what_may_wait_it_is_not_taken_and_said(door: Door) -> None:
    for number in range(20):
        await door.knock(said(f"Question {number}"))

    assert await door.toast(pressed(EXPLAIN, under=under())) == EN.busy
    assert len(await door.asked()) == 20


class TestLimit:
    """One question a day."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="open", limit_messages=1)

    async def test_beyond_it_each_press_is_told_so_and_the_notice_comes_once(self, door: Door) -> None:
        await door.knock(said("One"))

        told, notice = await door.knock(pressed(EXPLAIN, under=under()))

        assert isinstance(told, AnswerCallbackQuery)
        assert told.text == EN.limit_toast
        assert isinstance(notice, SendMessage)
        assert notice.text.startswith("1 of 1 questions today.")
        assert await door.toast(pressed(EXPLAIN, under=under())) == EN.limit_toast
        assert await door.asked() == ["One"]
