"""Who is told of an update that was passed over."""

import pytest
from aiogram.methods import AnswerCallbackQuery, AnswerGuestQuery, EditMessageText, SendMessage

from bot.intake.updates.sender import sender_of
from bot.texts.en import EN
from tests.bot.door import ME
from tests.bot.raw import ANN, BOT_NAME, FORUM, GROUP, OTHER_BOT, THE_BOT, Raw, message, pressed, said, shown, update


@pytest.mark.parametrize(
    "raw",
    [
        said(f"What, @{BOT_NAME}?", chat=GROUP),
        said(f"/ask@{BOT_NAME.lower()} what?", chat=GROUP),
        said("/ask what?", chat=GROUP),
        said("Old Hal, what?", chat=GROUP),
        said("and then?", chat=GROUP, reply_to_message=shown(chat=GROUP)),
        said(None, chat=GROUP, caption=f"@{BOT_NAME}: what?"),
        update(edited_message=message(f"@{BOT_NAME} what?", chat=GROUP)),
        said(f"@{BOT_NAME} what?", chat=GROUP, sender_chat=GROUP, person=OTHER_BOT),
    ],
)
def test_who_asked_the_bot_in_a_group_is_told_by_a_reply(raw: Raw) -> None:
    sender = sender_of(raw, ME, ("Old Hal",))

    assert sender
    told = sender.told(EN)
    assert isinstance(told, SendMessage)
    assert (told.chat_id, told.message_thread_id, told.text) == (GROUP["id"], None, EN.unreadable)
    assert told.reply_parameters
    assert told.reply_parameters.message_id == (raw.get("message") or raw["edited_message"])["message_id"]


def test_the_topic_is_kept_and_what_only_one_person_sees_is_answered_in_kind() -> None:
    topic = sender_of(said("/help", chat=FORUM, message_thread_id=5, is_topic_message=True), ME)
    unseen = sender_of(said("/help", chat=GROUP, message_id=0, ephemeral_message_id=7), ME)

    assert topic
    assert unseen
    (in_topic, alone) = (topic.told(EN), unseen.told(EN))
    assert isinstance(in_topic, SendMessage)
    assert in_topic.message_thread_id == 5
    assert isinstance(alone, SendMessage)
    assert alone.reply_parameters
    assert (alone.reply_parameters.ephemeral_message_id, alone.reply_parameters.message_id) == (7, None)


def test_a_press_and_questions_elsewhere_are_answered_where_they_were_made() -> None:
    guest = message("@DeltaBot what?", chat=GROUP, guest_query_id="g")
    chosen = {"result_id": "1", "from": ANN, "query": "what?", "inline_message_id": "i"}
    raws = (pressed("boom"), update(guest_message=guest), update(chosen_inline_result=chosen))

    senders = [sender_of(raw, ME) for raw in raws]

    assert [sender and sender.id for sender in senders] == [ANN["id"]] * 3
    assert [type(sender.told(EN)) for sender in senders if sender] == [
        AnswerCallbackQuery,
        AnswerGuestQuery,
        EditMessageText,
    ]


@pytest.mark.parametrize(
    "raw",
    [
        said("what a day", chat=GROUP),
        said("Hal, what?", chat=GROUP),
        said("/ask@other_bot what?", chat=GROUP),
        said(f"mail@{BOT_NAME}.org", chat=GROUP),
        said("in a topic", chat=FORUM, reply_to_message={**shown(chat=FORUM), "forum_topic_created": {}}),
        said(f"@{BOT_NAME} what?", chat=GROUP, person=OTHER_BOT),
        said(f"@{BOT_NAME} what?", chat=GROUP, is_automatic_forward=True),
        said(f"@{BOT_NAME} what?", chat={"id": -9, "type": "channel"}),
        update(message={"chat": GROUP, "from": {"id": "x"}, "text": f"@{BOT_NAME}"}),
        update(inline_query={"id": "1", "from": ANN, "query": "what?", "offset": ""}),
        update(my_chat_member={"chat": GROUP, "from": ANN}),
        update(message=THE_BOT["id"]),
        ["no update"],
    ],
)
def test_nobody_is_told_of_what_was_not_for_the_bot(raw: object) -> None:
    assert sender_of(raw, ME, ("Old Hal",)) is None
