"""Notices as methods: what is filled in stays what it is."""

import pytest
from aiogram.methods import AnswerCallbackQuery, EditEphemeralMessageText, EditMessageText, SendMessage
from aiogram.types import CallbackQuery, Message, MessageEntity, ReplyParameters
from aiogram.utils.formatting import Bold

from bot.intake.notice import clipped, edit, filled, letter, notice, toast
from bot.intake.outbox import packed
from tests.bot import raw
from tests.bot.raw import ANN, FORUM, GROUP


def read(message: raw.Raw) -> Message:
    return Message.model_validate(message)


def test_what_is_filled_in_is_shown_as_code_and_never_read_as_a_template() -> None:
    text, entities = filled("Provider {provider}, id {id}.", provider="@me {id} _x_", id=7).render()

    assert text == "Provider @me {id} _x_, id 7."
    assert entities == [
        MessageEntity(type="code", offset=9, length=12),
        MessageEntity(type="code", offset=26, length=1),
    ]


def test_what_is_filled_in_is_cut_so_that_the_notice_can_be_sent() -> None:
    text, _ = filled("Provider {provider}.", provider="😀" * 2_000).render()

    assert text == f"Provider {'😀' * 49}…."


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("abcd", "abcd"), ("abcde", "abc…"), ("😀😀", "😀😀"), ("😀😀a", "😀…"), ("ab😀c", "ab…")],
)
def test_a_text_is_cut_in_utf16_units_and_never_within_a_sign(text: str, expected: str) -> None:
    assert clipped(text, 4) == expected


def test_a_field_that_is_formatted_already_stays_so() -> None:
    text, entities = filled("Hi {name}!", name=Bold("Ann")).render()

    assert (text, entities) == ("Hi Ann!", [MessageEntity(type="bold", offset=3, length=3)])


def test_in_a_private_chat_a_notice_is_a_plain_message() -> None:
    assert notice(read(raw.message("x")), "Hello.") == SendMessage(chat_id=ANN["id"], text="Hello.")


def test_in_a_group_it_is_a_reply_that_outlives_the_message() -> None:
    asked = read(raw.message("x", chat=GROUP))

    assert notice(asked, "Hello.").reply_parameters == ReplyParameters(
        message_id=asked.message_id, allow_sending_without_reply=True
    )


def test_where_it_must_be_clear_what_is_meant_it_is_a_reply_in_a_private_chat_too() -> None:
    asked = read(raw.message("x"))

    assert notice(asked, "Hello.", reply=True).reply_parameters == ReplyParameters(
        message_id=asked.message_id, allow_sending_without_reply=True
    )


def test_a_topic_is_answered_in_the_topic_a_thread_of_replies_is_none() -> None:
    in_topic = read(raw.message("x", chat=FORUM, message_thread_id=7, is_topic_message=True))
    in_thread = read(raw.message("x", chat=GROUP, message_thread_id=7))

    assert notice(in_topic, "Hello.").message_thread_id == 7
    assert notice(in_thread, "Hello.").message_thread_id is None


def test_other_ways_to_say_something() -> None:
    shown = read(raw.shown(chat=GROUP))

    assert letter(7, "Hello.") == SendMessage(chat_id=7, text="Hello.")
    assert edit(shown, "Hello.") == EditMessageText(chat_id=GROUP["id"], message_id=shown.message_id, text="Hello.")


def test_what_is_shown_above_a_button_is_cut_to_what_telegram_takes() -> None:
    query = CallbackQuery.model_validate({"id": "1", "from": ANN, "chat_instance": "1"})

    assert toast(query) == AnswerCallbackQuery(callback_query_id="1")
    assert toast(query, "x" * 300).text == "x" * 200


def test_what_only_one_person_sees_is_answered_in_kind() -> None:
    unseen = read(raw.message("/settings", chat=GROUP, ephemeral_message_id=4) | {"message_id": 0})

    method = notice(unseen, "Settings")

    assert method == SendMessage(
        chat_id=GROUP["id"], text="Settings", reply_parameters=ReplyParameters(ephemeral_message_id=4)
    )
    assert packed([method]) == ()  # Telegram takes it for 15 s only


def test_a_press_in_what_only_one_person_sees_changes_that_for_him() -> None:
    menu = read(raw.shown(chat=GROUP, ephemeral_message_id=5, receiver_user=ANN) | {"message_id": 0})

    method = edit(menu, "Settings")

    assert method == EditEphemeralMessageText(
        chat_id=GROUP["id"], receiver_user_id=ANN["id"], ephemeral_message_id=5, text="Settings"
    )
    assert packed([method]) == ()
