"""Which messages are meant for the bot, and what they ask."""

from typing import Any

import pytest
from aiogram.types import Message, User
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.message.mention import Author, Command, addressed, author, command, quotation
from tests.bot import raw
from tests.bot.door import ME
from tests.bot.raw import ANN, BOB, GROUP, OTHER_BOT, THE_BOT, Raw
from tests.signs import SIGNS


def read(message: Raw) -> Message:
    return Message.model_validate(message)


def in_group(text: str | None = None, **fields: Any) -> Message:
    return read(raw.message(text, person=ANN, chat=GROUP, **fields))


def in_private(text: str | None = None, **fields: Any) -> Message:
    return read(raw.message(text, person=ANN, **fields))


def test_everything_in_a_private_chat_is_meant_for_the_bot() -> None:
    assert addressed(in_private(" What is up? "), ME) == "What is up?"


def test_a_caption_is_a_prompt() -> None:
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]

    assert addressed(in_private(photo=photo, caption="What is this?"), ME) == "What is this?"


def test_a_mention_in_a_caption_counts_in_a_group() -> None:
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    caption = "@DeltaBot what is this?"

    found = in_group(photo=photo, caption=caption, caption_entities=raw.mentions(caption))

    assert addressed(found, ME) == "Ann: what is this?"


def test_a_message_without_text_says_nothing() -> None:
    assert addressed(in_private(), ME) == ""


def test_a_group_talks_without_the_bot() -> None:
    assert addressed(in_group("Who comes along? @bob perhaps, or @DeltaBots"), ME) is None


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("@DeltaBot what is up?", "Ann: what is up?"),
        ("@deltabot, what is up?", "Ann: what is up?"),
        ("@DELTABOT: what is up?", "Ann: what is up?"),
        ("@DeltaBot — what is up?", "Ann: what is up?"),
        ("what is up, @DeltaBot?", "Ann: what is up?"),
        ("what is up @DeltaBot", "Ann: what is up"),
        ("Hello, @DeltaBot", "Ann: Hello"),
        ("ask @DeltaBot about it", "Ann: ask about it"),
        ("@DeltaBot -5 + 3", "Ann: -5 + 3"),
        ("@DeltaBot :)", "Ann: :)"),
        ("👩‍👩‍👧 @DeltaBot 👍 and @bob", "Ann: 👩‍👩‍👧 👍 and @bob"),
        ("@DeltaBot @DeltaBot twice", "Ann: twice"),
    ],
)
def test_a_mention_in_a_group_is_taken_out_and_the_prompt_says_who_asks(text: str, prompt: str) -> None:
    assert addressed(in_group(text), ME) == prompt


def test_a_mention_without_words_says_nothing() -> None:
    assert addressed(in_group("@DeltaBot"), ME) == ""


def test_a_mention_by_id_counts_like_one_by_name() -> None:
    entity = {"type": "text_mention", "offset": 0, "length": 5, "user": THE_BOT}

    assert addressed(in_group("Delta help me", entities=[entity]), ME) == "Ann: help me"


def test_the_name_in_plain_text_is_no_mention() -> None:
    assert addressed(in_group("@DeltaBot in code", entities=[]), ME) is None


def test_a_reply_to_the_bot_is_meant_for_it_and_does_not_repeat_its_words() -> None:
    answer = raw.shown("Paris.", chat=GROUP)

    assert addressed(in_group("Are you sure?", reply_to_message=answer), ME) == "Ann: Are you sure?"


def test_a_passage_that_was_chosen_from_the_bot_stands_above_the_prompt() -> None:
    answer = raw.shown("Paris. Or Rome.", chat=GROUP)
    quote = {"text": "Or Rome.", "position": 7, "is_manual": True}

    why = in_group("Why?", reply_to_message=answer, quote=quote)

    assert (quotation(why, ME), addressed(why, ME)) == ("> Or Rome.", "Ann: Why?")


def test_a_reply_to_somebody_else_is_not_meant_for_the_bot() -> None:
    theirs = raw.message("Paris.", person=BOB, chat=GROUP)

    assert addressed(in_group("Are you sure?", reply_to_message=theirs), ME) is None


def test_what_somebody_else_said_is_quoted_where_the_bot_is_called_to_it() -> None:
    theirs = raw.message("It is Paris.\nOr Rome.", person=BOB, chat=GROUP)

    asked = in_group("@DeltaBot is he right?", reply_to_message=theirs)

    assert (quotation(asked, ME), addressed(asked, ME)) == ("> Bob: It is Paris.\n> Or Rome.", "Ann: is he right?")


def test_a_mention_alone_under_somebody_elses_words_asks_about_them() -> None:
    theirs = raw.message("It is Paris.", person=BOB, chat=GROUP)

    asked = in_group("@DeltaBot", reply_to_message=theirs)

    assert (quotation(asked, ME), addressed(asked, ME)) == ("> Bob: It is Paris.", "")


def test_the_first_message_of_a_topic_is_no_reply() -> None:
    topic = raw.shown(chat=GROUP, forum_topic_created={"name": "News", "icon_color": 1})

    assert addressed(in_group("Hello all", reply_to_message=topic, is_topic_message=True), ME) is None


def test_in_a_private_chat_the_quotation_has_no_name() -> None:
    mine = raw.message("The sky is green.", person=ANN)

    asked = in_private("True?", reply_to_message=mine)

    assert (quotation(asked, ME), addressed(asked, ME)) == ("> The sky is green.", "True?")


def test_a_command_for_another_bot_is_not_meant_for_us() -> None:
    assert addressed(in_group("/ask@other_bot @DeltaBot hello"), ME) is None


def test_other_bots_and_posts_of_a_channel_are_nobody() -> None:
    channel = {"id": -1009, "type": "channel", "title": "News"}
    post = raw.message("@DeltaBot", chat=GROUP, sender_chat=channel, is_automatic_forward=True)

    assert author(read(raw.message("@DeltaBot", person=OTHER_BOT, chat=GROUP))) is None
    assert author(read(post)) is None
    assert addressed(read(post), ME) is None


def test_an_anonymous_admin_is_a_person_with_the_id_of_the_group() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    message = read(raw.message("@DeltaBot hi", person=anonymous, chat=GROUP, sender_chat=GROUP))

    assert author(message) == Author(-1001, "Friends")
    assert addressed(message, ME) == "Friends: hi"


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ({"first_name": " Ann \n Marie "}, "Ann Marie"),
        ({"first_name": "", "username": "ann"}, "@ann"),
        ({"first_name": ""}, "11"),
    ],
)
def test_a_person_has_a_name_in_one_line(person: Raw, name: str) -> None:
    found = author(read(raw.message("hi", person={"id": 11, "is_bot": False, **person}, chat=GROUP)))

    assert found == Author(11, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/new", Command("new", "", named=False)),
        ("/New@deltabot", Command("new", "", named=True)),
        ("/provider  openai ", Command("provider", "openai", named=False)),
        ("/settings prompt Be\nbrief.", Command("settings", "prompt Be\nbrief.", named=False)),
        ("/new@other_bot", None),
        ("/etc/passwd", None),
        ("/ new", None),
        ("say /new", None),
        ("", None),
    ],
)
def test_a_command_is_a_word_after_a_slash_for_us_or_for_nobody(text: str, expected: Command | None) -> None:
    assert command(in_private(text), ME) == expected


def test_a_bot_without_a_name_takes_no_mention() -> None:
    nameless = User(id=ME.id, is_bot=True, first_name="Delta")

    assert addressed(in_group("@DeltaBot hi"), nameless) is None


@given(st.text(SIGNS, max_size=40), st.integers(0, 60), st.integers(0, 60))
def test_entities_that_do_not_fit_the_text_break_nothing(text: str, offset: int, length: int) -> None:
    entity = {"type": "text_mention", "offset": offset, "length": length, "user": THE_BOT}

    prompt = addressed(in_group(text, entities=[entity]), ME)

    assert prompt == "" or (prompt or "").startswith("Ann: ")


@pytest.mark.parametrize(("offset", "length"), [(0, 3), (5, 9), (-4, 9), (0, 99), (900, 9), (3, 0), (0, 12)])
def test_a_mention_that_is_not_where_its_entity_says_is_found_in_the_text(offset: int, length: int) -> None:
    strange = [{"type": "mention", "offset": offset, "length": length}]

    assert addressed(in_group("😀 @deltabot hi", entities=strange), ME) == "Ann: 😀 hi"
    assert addressed(in_group("a@deltabot.org @DeltaBots hi", entities=strange), ME) is None


def test_a_mention_by_id_counts_wherever_its_entity_says_it_is() -> None:
    for offset, length in ((-4, 3), (900, 5), (4, -1)):
        strange = [{"type": "text_mention", "offset": offset, "length": length, "user": THE_BOT}]

        assert addressed(in_group("How are you", entities=strange), ME) == "Ann: How are you"
