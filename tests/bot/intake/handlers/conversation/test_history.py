"""/history: the list of conversations, and what its buttons do."""

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from bot.texts.en import EN
from tests.bot.door import Door, buttons, data
from tests.bot.intake.handlers.talks import talk, titles
from tests.bot.raw import ANN, BOB, GROUP, Raw, pressed, said, shown
from tests.clock import FakeClock


async def begin(door: Door, clock: FakeClock, *questions: str) -> None:
    """Have a conversation about each question, a minute apart."""
    for question in questions:
        await clock.advance(60)
        await door.knock(said("/new"))
        await talk(door, question)


async def press(door: Door, label: str, under: SendMessage | EditMessageText, person: Raw = ANN) -> list[object]:
    (button,) = [button for button in buttons(under) if label in button.text]
    return list(await door.knock(pressed(button.callback_data or "", person=person)))


async def opened(door: Door, title: str) -> EditMessageText:
    """Open a conversation from the list."""
    (listing,) = await door.knock(said("/history"))
    assert isinstance(listing, SendMessage)
    _, edit = await press(door, title, listing)
    assert isinstance(edit, EditMessageText)
    return edit


async def test_the_newest_conversations_are_listed_by_their_first_question(door: Door, clock: FakeClock) -> None:
    await begin(door, clock, "How do dogs see?", "Cats\nand mice")

    (listing,) = await door.knock(said("/history"))

    assert [button.text for button in buttons(listing)] == [
        "● 15 Jan · Cats (1)",
        "15 Jan · How do dogs see? (1)",
    ]


async def test_with_none_the_list_says_how_one_begins(door: Door) -> None:
    assert await door.told(said("/history")) == [EN.history_empty]


async def test_more_than_eight_come_in_pages(door: Door, clock: FakeClock) -> None:
    await begin(door, clock, *(f"number {number}" for number in range(10)))

    (first,) = await door.knock(said("/history"))
    assert len(buttons(first)) == 8 + 3
    assert isinstance(first, SendMessage)
    _, second = await press(door, "›", first)
    assert isinstance(second, EditMessageText)

    assert [button.text[9:] for button in buttons(second)[:2]] == ["number 1 (1)", "number 0 (1)"]
    assert buttons(second)[3].text == "2/2"


async def test_a_conversation_goes_on_where_its_last_answer_stands(door: Door, clock: FakeClock) -> None:
    await talk(door, "Dogs?", "**They** see blue.\nMore.", at=50)
    await clock.advance(60)
    await door.knock(said("/new"))
    await talk(door, "Cats?")

    _, said_again = await press(door, "Continue", await opened(door, "Dogs?"))

    assert isinstance(said_again, SendMessage)
    assert said_again.text == "We go on with Dogs?.\nThey see blue."
    assert said_again.reply_parameters
    assert said_again.reply_parameters.message_id == 50
    assert said_again.reply_parameters.allow_sending_without_reply
    await door.knock(said("And cows?"))
    asked = await door.store.history(await door.store.begun())
    assert [text for _, text in asked] == ["Dogs?", "**They** see blue.\nMore.", "And cows?"]


async def test_a_conversation_is_deleted_after_a_second_press(door: Door, clock: FakeClock) -> None:
    await begin(door, clock, "Dogs?", "Cats?")

    _, sure = await press(door, "Delete", await opened(door, "Dogs?"))
    assert isinstance(sure, EditMessageText)
    assert await titles(door) == ["Dogs?", "Cats?"]
    toast, listing = await press(door, "Delete", sure)

    assert isinstance(toast, AnswerCallbackQuery)
    assert toast.text == EN.deleted
    assert isinstance(listing, EditMessageText)
    assert [button.text[11:] for button in buttons(listing)] == ["Cats? (1)"]
    assert await titles(door) == ["Cats?"]


async def test_back_leads_to_the_page_from_which_it_was_opened(door: Door, clock: FakeClock) -> None:
    await begin(door, clock, *(f"number {number}" for number in range(10)))
    (first,) = await door.knock(said("/history"))
    assert isinstance(first, SendMessage)
    _, second = await press(door, "›", first)
    assert isinstance(second, EditMessageText)

    _, one = await press(door, "number 0", second)
    assert isinstance(one, EditMessageText)
    _, back = await press(door, "Back", one)

    assert isinstance(back, EditMessageText)
    assert data(back) == data(second)


@pytest.mark.parametrize("act", ["", "-go", "-file", "-sure", "-gone"])
async def test_a_button_of_what_is_gone_or_anothers_shows_the_list_as_it_is(door: Door, act: str) -> None:
    await talk(door, "Mine")
    await talk(door, "Theirs", person=BOB)

    toast, edit = await door.knock(pressed(f"talk{act}:2:0"))  # Bob's

    assert isinstance(toast, AnswerCallbackQuery)
    assert toast.text == EN.history_gone
    assert [button.text[11:] for button in buttons(edit)] == ["Mine (1)"]
    assert await titles(door) == ["Mine", "Theirs"]


@pytest.mark.parametrize(
    "forged", ["talk:", "talk:1", "talk:x:0", "talk:1:0:0", "talk-all:1:0", "talks:-1", "talk:9999999999999999:0"]
)
async def test_a_button_that_was_never_made_is_answered_and_does_nothing(door: Door, forged: str) -> None:
    await talk(door, "Mine")

    assert await door.toast(pressed(forged)) == EN.button_too_old
    assert await titles(door) == ["Mine"]


@pytest.mark.parametrize("number", [7, 999_999_999])
async def test_a_page_that_is_there_no_more_shows_the_last_one(door: Door, number: int) -> None:
    await talk(door, "Mine")

    _, edit = await door.knock(pressed(f"talks:{number}"))

    assert [button.text[11:] for button in buttons(edit)] == ["Mine (1)"]


async def test_in_a_group_there_is_no_list(door: Door) -> None:
    await talk(door, "@DeltaBot hello", chat=GROUP)

    assert await door.told(said("/history@DeltaBot", chat=GROUP)) == [EN.history_private]
    for forged in ("talks:0", "talk:1:0", "talk-gone:1:0", "talk-go:1:0"):
        assert await door.toast(pressed(forged, under=shown(chat=GROUP))) == EN.history_private
    assert await titles(door) == ["Ann: hello"]


@pytest.mark.parametrize(
    "question",
    ["a" * 3_700, "🎉" * 200, "שלום " * 30, "<b>bold</b> *x* [y](z)", "\u202eevil", "/" * 50 + "x", "👩‍👩‍👧" * 40],
)
async def test_any_title_fits_into_a_button_and_a_message(door: Door, question: str) -> None:
    await door.knock(said(f"x {question}" if question.startswith("/") else question))
    await door.store.end()

    (listing,) = await door.knock(said("/history"))
    (button,) = buttons(listing)
    _, one = await door.knock(pressed(button.callback_data or ""))

    assert len(button.text.encode("utf-16-le")) // 2 <= 64
    assert "\u202e" not in button.text
    assert isinstance(one, EditMessageText)
    assert len(one.text or "") < 200
    assert all(len((each or "").encode()) <= 64 for each in data(one))


async def test_a_title_from_right_to_left_leaves_date_and_number_in_their_order(door: Door) -> None:
    await talk(door, "שלום עולם")

    (listing,) = await door.knock(said("/history"))

    assert [button.text for button in buttons(listing)] == ["● 15 Jan · \u2068שלום עולם\u2069 (1)"]


async def test_a_conversation_without_a_title_has_a_name_in_the_list(door: Door) -> None:
    await talk(door, "x")
    await door.store.conversations.rename(1, "")

    (listing,) = await door.knock(said("/history"))

    assert [button.text for button in buttons(listing)] == [f"● 15 Jan · {EN.untitled} (1)"]


async def test_two_presses_at_once_delete_once(door: Door, clock: FakeClock) -> None:
    await begin(door, clock, "Dogs?", "Cats?")

    first = await door.toast(pressed("talk-gone:1:0"))
    second = await door.toast(pressed("talk-gone:1:0"))

    assert (first, second) == (EN.deleted, EN.history_gone)
    assert await titles(door) == ["Cats?"]
