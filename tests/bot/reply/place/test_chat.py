"""What can be done where a reply stands, and how it is said to Telegram."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.reply.markdown.rendered import Rendered
from bot.reply.place import InChat
from bot.reply.place.chat import PLACEHOLDER_S

ANN, GROUP, SUPERGROUP = InChat(7), InChat(-77), InChat(-1_000_000_000_077, 5)
TEXT = Rendered("Hi")
STOP = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop:1:0")]])


def test_drafts_and_placeholders_are_for_one_reader() -> None:
    places = (ANN, GROUP, SUPERGROUP)

    assert [place.has_drafts for place in places] == [True, False, False]
    assert [place.placeholder_s for place in places] == [PLACEHOLDER_S, None, None]


def test_all_topics_of_a_chat_share_a_budget() -> None:
    assert SUPERGROUP.key == InChat(SUPERGROUP.telegram_id).key
    assert GROUP.moved(SUPERGROUP.telegram_id).key == SUPERGROUP.key


def test_what_is_sent_goes_into_its_topic_and_an_edit_needs_none() -> None:
    text, file, typing = SUPERGROUP.send(TEXT), SUPERGROUP.send_file("x", "a.md", TEXT, None), SUPERGROUP.type()

    assert (text.message_thread_id, file.message_thread_id, typing.message_thread_id) == (5, 5, 5)
    assert ANN.send(TEXT).message_thread_id is None
    assert {(method.chat_id, method.message_id) for method in (ANN.edit(3, TEXT), ANN.edit_keyboard(3))} == {(7, 3)}


def test_only_a_reply_makes_a_sound() -> None:
    reply, further = ANN.send(TEXT, STOP, reply_to=3), ANN.send(TEXT)

    assert (reply.disable_notification, further.disable_notification) == (None, True)
    assert reply.reply_parameters
    assert reply.reply_parameters.allow_sending_without_reply
    assert further.reply_parameters is None
    assert reply.reply_markup == STOP


def test_texts_are_sent_as_they_are() -> None:
    methods = (ANN.send(TEXT), ANN.edit(3, TEXT), ANN.draft(1, TEXT))

    assert {(method.text, method.parse_mode) for method in methods} == {("Hi", None)}
