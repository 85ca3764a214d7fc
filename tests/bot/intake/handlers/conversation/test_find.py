"""/find: what was said, by its words."""

import pytest
from aiogram.methods import SendMessage

from bot.texts.en import EN
from tests.bot.door import Door, buttons
from tests.bot.intake.handlers.talks import talk
from tests.bot.raw import BOB, FORUM, GROUP, pressed, said, shown


async def find(door: Door, words: str) -> SendMessage:
    (found,) = await door.knock(said(f"/find {words}"))
    assert isinstance(found, SendMessage)
    return found


@pytest.mark.parametrize(
    ("words", "question", "answer"),
    [
        ("BLUE", "Dogs?", "They see **blue**."),
        ("елка", "Что это?", "Это — Ёлка!"),
        ("ЁЛКИ", "какие ёлки", "Разные."),
        ("天气", "今天天气怎么样?", "很好。"),
        ("dogs blue", "Dogs?", "They see blue."),  # one word asked, one said
        ("recip", "x", "A recipe for soup"),  # a beginning
        ("don't", "x", "Don't do it"),
        ('"blue', "x", "a blue one"),
        ("🎉", "x", "party 🎉"),
        ("שלום", "x", "אמר: שלום."),
    ],
)
async def test_an_exchange_is_found_by_words_asked_and_said(door: Door, words: str, question: str, answer: str) -> None:
    await talk(door, "something else", "entirely", at=40)
    await talk(door, question, answer, at=50)

    found = await find(door, words)

    assert found.reply_parameters
    assert found.reply_parameters.message_id == 50
    assert found.text.startswith(f"Found for {words}:\n\n1. 15 Jan · something else\n")
    assert buttons(found) == []


@pytest.mark.parametrize("words", ["green", "blu e", "entirely blue x", "* OR a", "NEAR(blue)"])
async def test_what_nobody_said_is_not_found(door: Door, words: str) -> None:
    await talk(door, "Dogs?", "They see blue.")

    assert (await find(door, words)).text == EN.found_nothing.format(words=words)


@pytest.mark.parametrize("words", ["", "?!", "«»"])
async def test_without_a_word_it_says_how_to_search(door: Door, words: str) -> None:
    assert (await find(door, words)).text == EN.find_usage


async def test_the_newest_come_first_and_buttons_lead_to_the_others(door: Door) -> None:
    for number in range(10):
        await talk(door, f"dog {number}", f"*wau* {number}\nsecond", at=50 + number)

    found = await find(door, "dog")

    assert found.reply_parameters
    assert found.reply_parameters.message_id == 59
    assert [button.text for button in buttons(found)] == [str(number) for number in range(1, 9)]
    assert found.text.endswith(EN.found_more)
    _, there = await door.knock(pressed(buttons(found)[2].callback_data or ""))
    assert isinstance(there, SendMessage)
    assert there.text == "15 Jan · dog 0\nwau 7"
    assert there.reply_parameters
    assert there.reply_parameters.message_id == 57


async def test_of_versions_the_newest_is_found_once(door: Door) -> None:
    first = await talk(door, "dog", "one", at=50)
    await door.knock(
        pressed(f"retry:{first.id}", under={**shown(chat={"id": 11, "type": "private"}), "message_id": 50})
    )
    await door.store.replies.stands(await door.store.made(await door.store.begun(), text="two"))

    found = await find(door, "dog")

    assert buttons(found) == []
    assert found.reply_parameters
    assert found.reply_parameters.message_id == 50
    assert (await find(door, "two")).reply_parameters == (await find(door, "one")).reply_parameters


async def test_what_failed_is_found_by_its_question_and_not_by_our_words(door: Door) -> None:
    await talk(door, "dog", None)

    assert "dog" in (await find(door, "dog")).text
    assert (await find(door, "⚠️ provider")).text.startswith("Nothing")


async def test_a_press_whose_answer_finds_no_room_says_so_above_its_button_once(door: Door) -> None:
    job = await talk(door, "dog", "one", at=50)
    door.outbox.room = False

    pressing = [await door.knock(pressed(f"found:{job.id}")) for _ in range(2)]

    assert [[getattr(each, "text", None) for each in methods] for methods in pressing] == [[EN.too_much], [None]]


async def test_nobody_finds_what_was_said_elsewhere(door: Door) -> None:
    job = await talk(door, "secret", "treasure", person=BOB, at=50)
    await talk(door, "@DeltaBot secret", "treasure", chat=GROUP)

    assert (await find(door, "treasure")).text.startswith("Nothing")
    assert await door.toast(pressed(f"found:{job.id}")) == EN.found_gone


async def test_in_a_group_everybody_searches_and_gets_links(door: Door) -> None:
    await talk(door, "@DeltaBot dogs?", "They see blue.", chat=FORUM, at=50)

    group = {**GROUP, "id": -1_001_234_567_890}
    await talk(door, "@DeltaBot dogs?", "They see blue.", chat=group, at=51)
    (found,) = await door.knock(said("/find@DeltaBot blue", person=BOB, chat=group))

    assert isinstance(found, SendMessage)
    links = [entity.url for entity in found.entities or [] if entity.type == "text_link"]
    assert links == ["https://t.me/c/1234567890/51"]


@pytest.mark.parametrize("forged", ["found:", "found:x", "found:1:2", "found:99999999999999999"])
async def test_a_button_that_was_never_made_is_answered(door: Door, forged: str) -> None:
    assert await door.toast(pressed(forged)) == EN.button_too_old


async def test_a_long_text_is_shown_around_the_word(door: Door) -> None:
    await talk(door, "x", f"{'before ' * 20_000}needle{' behind' * 20_000}")

    found = await find(door, "NEEDLE")

    assert "before needle behind" in found.text
    assert len(found.text) < 500
